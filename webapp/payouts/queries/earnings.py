"""What an intern has earned and will earn, and on which rails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.pages import Page, read_page
from webapp.internships.models import Agreement, Internship
from webapp.payouts.models import Payout
from webapp.recipients.queries import payable

PAYING = ("matched", "in_progress", "submitted", "reviewed", "paid")
"""The states of internships that pay or will pay."""
_BASE = and_(Payout.internship_id == Internship.id, Payout.type == "base")
# Agreements from before there was another rail name none: `AgreementTerms.from_json` reads them as these.
_AGREED_RAIL = func.coalesce(Agreement.terms["rail"].astext, "manual")


@dataclass(frozen=True)
class Earned:
    """What left for an intern in a currency, and what is on its way (minor units)."""

    currency: str
    paid: int
    on_its_way: int


def earnings(person: Person, after: int | None = None) -> Page[Internship]:
    """The internships of an intern that pay or will pay, the newest first: a page of them."""
    own = (
        select(Internship)
        .where(Internship.intern_id == person.id, Internship.state.in_(PAYING))
        .options(joinedload(Internship.agreement), joinedload(Internship.programme))
    )
    return read_page(own, Internship, (Internship.id,), after, newest_first=True)


def earned(person: Person) -> list[Earned]:
    """The sums of them all, one for each currency that was agreed."""
    currency = Agreement.terms["currency"].astext
    over = ("paid", "cancelled", "reversed")
    sums = (
        select(
            currency,
            func.coalesce(func.sum(Payout.amount).filter(Payout.state == "paid"), 0),
            func.coalesce(func.sum(Payout.amount).filter(Payout.state.not_in(over)), 0),
        )
        .select_from(Internship)
        .join(Agreement, Agreement.id == Internship.agreement_id)
        .outerjoin(Payout, _BASE)
        .where(Internship.intern_id == person.id, Internship.state.in_(PAYING))
        .group_by(currency)
        .order_by(currency)
    )
    return [Earned(row[0], int(row[1]), int(row[2])) for row in db.session.execute(sums)]


def blocked_at_stripe(person: Person) -> list[int]:
    """The ids of the internships whose pay Stripe cannot send until this person has completed their account."""
    return list(
        db.session.scalars(
            select(Payout.internship_id).where(
                Payout.payee_id == person.id,
                Payout.type == "base",
                Payout.rail == "stripe",
                Payout.state == "blocked",
            )
        )
    )


def unpaid_rails(person: Person, states: Sequence[str] = PAYING) -> set[str]:
    """The rails on which an internship in one of these states is paid and the person cannot be yet."""
    # What Stripe could not pay for too long goes by bank, whatever the agreement says.
    rail = func.coalesce(Payout.rail, _AGREED_RAIL)
    rails = (
        select(rail)
        .distinct()
        .select_from(Internship)
        .join(Agreement, Agreement.id == Internship.agreement_id)
        .outerjoin(Payout, and_(_BASE, Payout.payee_id == person.id))
        .where(Internship.intern_id == person.id, Internship.state.in_(states))
    )
    return {rail for rail in db.session.scalars(rails) if not payable(person, rail)}


def rails_in_use(person: Person) -> set[str]:
    """The rails on which this person is paid or will be."""
    agreed = (
        select(_AGREED_RAIL)
        .join(Internship, Internship.agreement_id == Agreement.id)
        .where(Internship.intern_id == person.id, Internship.state.in_(PAYING))
    )
    return set(db.session.scalars(agreed.union(select(Payout.rail).where(Payout.payee_id == person.id))))
