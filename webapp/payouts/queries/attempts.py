"""What was tried on Stripe, what is to be tried again, and what a person has to decide."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from webapp.core.database.base import db
from webapp.core.database.facts import fact
from webapp.core.database.pages import Page, read_page
from webapp.core.lifecycle.history import Viewer
from webapp.fundings.queries import keeps_books_of
from webapp.internships.models import Internship
from webapp.payouts import policy
from webapp.payouts.models import Attempt, Call, Payout, PayoutPart


def is_covered(payout: Payout) -> bool:
    """Does what Stripe took still hold this sum, beside everything sent or claimed out of it?"""
    return all(
        part.charge is not None
        and (part.is_sent or committed(part.charge.id) + part.amount <= part.charge.amount)
        for part in payout.parts
    )


def committed(charge_id: int) -> int:
    """Minor units of a charge that have left, or may have: every attempt that was not surely rejected."""
    return fact("committed", charge_id, lambda: committed_of([charge_id])[charge_id])


def committed_of(charge_ids: Iterable[int]) -> dict[int, int]:
    """The same for many charges, by charge, read at once."""
    amounts = dict.fromkeys(charge_ids, 0)
    sums = (
        select(PayoutPart.charge_id, func.sum(Attempt.amount))
        .join(PayoutPart, PayoutPart.id == Attempt.part_id)
        .where(PayoutPart.charge_id.in_(amounts), Attempt.rail == "stripe", Attempt.state != "rejected")
        .group_by(PayoutPart.charge_id)
    )
    for charge_id, amount in db.session.execute(sums):
        if charge_id is not None:
            amounts[charge_id] = int(amount)
    return amounts


def attempt_for_finance(person: Viewer, attempt_id: int) -> Attempt | None:
    """An attempt of a payout whose money this person keeps or watches."""
    attempt = db.session.get(Attempt, attempt_id)
    return attempt if attempt is not None and policy.keeps_queue(person, attempt.part.payout) else None


def attempt_by_key(key: str) -> Attempt | None:
    """The attempt with our own key."""
    return db.session.scalars(select(Attempt).where(Attempt.key == key)).one_or_none()


def attempts_to_try(now: datetime, at_most: int) -> list[int]:
    """The ids of attempts on Stripe that are to be made, made again or looked for; `now` is real time."""
    due = select(Attempt.id).where(
        Attempt.next_try_at <= now, Attempt.state.in_(("sending", "unknown")), Attempt.rail == "stripe"
    )
    return list(db.session.scalars(due.order_by(Attempt.next_try_at).limit(at_most)))


def needing_a_person(person: Viewer, after: int | None = None) -> Page[Attempt]:
    """Attempts whose outcome a person has to decide, of the programmes whose money this person keeps: a page of them."""
    query = (
        select(Attempt)
        .join(PayoutPart, PayoutPart.id == Attempt.part_id)
        .join(Payout, Payout.id == PayoutPart.payout_id)
        .join(Internship, Internship.id == Payout.internship_id)
        .where(Attempt.problem.is_not(None), Attempt.state.in_(("sending", "unknown")))
    )
    programme_ids = keeps_books_of(person)
    if programme_ids is not None:
        query = query.where(Internship.programme_id.in_(programme_ids))
    return read_page(query, Attempt, (Attempt.id,), after)


def last_lookup(attempt_id: int) -> Call | None:
    """The last time that Stripe was asked whether it has this attempt."""
    asked = select(Call).where(Call.attempt_id == attempt_id, Call.what == "lookup")
    return db.session.scalars(asked.order_by(Call.id.desc()).limit(1)).one_or_none()
