"""What a posting would pay: its terms, the span of its pay, and the rehearsal of a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from webapp.core.money.amounts import unit
from webapp.postings import policy
from webapp.postings.models import Posting
from workflows import award
from workflows.award import AwardError, Result, Terms


def terms_of(posting: Posting) -> Terms | None:
    """The terms of the amount, or None while the draft does not say them all or contradicts itself."""
    try:
        return posting.terms(unit(posting.currency, "payout"))
    except AwardError:
        return None


@dataclass(frozen=True)
class Pay:
    """What a posting pays, in minor units: for everybody to see, and for the owner what it costs."""

    currency: str
    per_hour: int | None
    floor: int
    below_floor: bool
    cap: int | None
    fee: int | None
    total: int | None
    """What one seat costs the employer, the platform fee included."""
    all_seats: int | None


def pay_of(posting: Posting) -> Pay:
    """The pay of a posting as far as it is known; per hour rounded down to the minor unit."""
    base, settings = posting.base, posting.settings
    cap = base + posting.bonus_pot if base is not None else None
    fee = None
    if base is not None:
        fee = award.platform_fee(base, settings.fee_bp, unit(posting.currency, "charge"))
    total = cap + fee if cap is not None and fee is not None else None
    return Pay(
        currency=posting.currency,
        per_hour=posting.per_hour,
        floor=int(settings.pay_floor.get(posting.currency, 0)),
        below_floor=policy.below_floor(posting),
        cap=cap,
        fee=fee,
        total=total,
        all_seats=total * posting.seats if total is not None else None,
    )


@dataclass(frozen=True)
class Rehearsal:
    """The calculator: what one result pays, and what each uniform result from level 0 to 4 pays."""

    terms: Terms
    levels: tuple[int, ...]
    result: Result
    uniform: tuple[Result, ...]
    full_parts: tuple[int, ...]
    per_hour: int


def rehearse(posting: Posting, levels: Sequence[int] | None = None, bonus: int = 0) -> Rehearsal | None:
    """Price a result before the work: a level for each criterion (3 where none is given), and a bonus."""
    terms = terms_of(posting)
    if terms is None:
        return None
    chosen = tuple(levels) if levels is not None else (3,) * len(terms.weights)
    result = award.calculate(terms, chosen, bonus)
    uniform = tuple(award.calculate(terms, [level] * len(terms.weights)) for level in award.LEVELS)
    step = unit(posting.currency, "charge")
    hourly = result.award // (posting.hours * step) * step if posting.hours else 0
    return Rehearsal(terms, chosen, result, uniform, award.full(terms).parts, hourly)
