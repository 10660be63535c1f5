"""What of the money somebody may see, and when it comes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.accounts.models import Person
from webapp.core import audit, clock
from webapp.core.db import db
from webapp.core.deadlines import end_of_day
from webapp.fundings.queries import keeps_books_of
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.payments import policy
from webapp.payments.models import Leg, Payout, PayoutMethod
from webapp.postings.models import Posting

FIXING_MOVES = ("review", "approve_by_silence", "end_early", "abandon", "conclude")


@dataclass(frozen=True)
class PayDate:
    """The one date promised to the intern, and the code of the reason it rests on (see words in the template)."""

    at: datetime
    reason: str  # paid, sending, due, reviewed, submitted, working, matched


def current_method(person_id: int) -> PayoutMethod | None:
    """Where a person wants their money now."""
    return db.session.scalars(
        select(PayoutMethod).where(PayoutMethod.person_id == person_id, PayoutMethod.replaced_at.is_(None))
    ).one_or_none()


def payable(person: Person) -> bool:
    """Can this person be paid by some rail?"""
    return current_method(person.id) is not None


def payout_for_finance(person: Any, payout_id: int) -> Payout | None:
    """A payout of a programme whose money this person keeps or watches."""
    payout = db.session.get(Payout, payout_id)
    return payout if payout is not None and policy.keeps_queue(person, payout) else None


def base_payout(internship: Internship) -> Payout | None:
    """The intern's own payout."""
    return db.session.scalars(
        select(Payout).where(Payout.internship_id == internship.id, Payout.type == "base")
    ).one_or_none()


def payouts_of(internship: Internship) -> list[Payout]:
    """All sums of an internship, oldest first."""
    return list(
        db.session.scalars(select(Payout).where(Payout.internship_id == internship.id).order_by(Payout.id))
    )


def queue(person: Any, states: tuple[str, ...]) -> list[Payout]:
    """Payouts in these states, oldest first."""
    query = (
        select(Payout)
        .join(Internship, Internship.id == Payout.internship_id)
        .join(Posting, Posting.id == Internship.posting_id)
        .where(Payout.state.in_(states))
        .options(joinedload(Payout.payee), joinedload(Payout.payer), selectinload(Payout.legs))
        .order_by(Payout.due_at, Payout.id)
    )
    places = keeps_books_of(person)
    return list(
        db.session.scalars(query if places is None else query.where(Posting.programme_id.in_(places)))
    )


def earnings(person: Person) -> list[Internship]:
    """Every internship of an intern that pays or will pay."""
    return [i for i in internships.of_intern(person) if i.state not in ("posted", "cancelled")]


def calculation_of(internship: Internship) -> dict[str, Any]:
    """Why the amount is what it is: the parameters of the move that fixed the result."""
    entries = [e for e in audit.of_subject("internship", internship.id) if e.move in FIXING_MOVES]
    return entries[-1].params if entries else {}


def next_number(internship_id: int, type_: str) -> int:
    """The next number of a kind of payout of an internship; the caller holds the internship's lock."""
    return 1 + int(
        db.session.scalar(
            select(func.max(Payout.number)).where(Payout.internship_id == internship_id, Payout.type == type_)
        )
        or 0
    )


def paid_out_of(funding_id: int) -> int:
    """Minor units claimed out of a funding by payouts that are not cancelled."""
    return int(
        db.session.scalar(
            select(func.coalesce(func.sum(Leg.amount), 0))
            .join(Payout, Payout.id == Leg.payout_id)
            .where(Leg.funding_id == funding_id, Payout.state != "cancelled")
        )
        or 0
    )


def working_days_after(start: datetime, days: int, internship: Internship) -> datetime:
    """The end of the day, `days` working days later, where finance sits; the agreement's holidays do not count."""
    holidays = [date.fromisoformat(day) for day in internship.terms.get("holidays", [])]
    zone = internship.posting.programme.zone
    return end_of_day(start, days, zone, working=True, holidays=holidays)


def pay_date(internship: Internship) -> PayDate | None:
    """The date on which the intern's money leaves, recomputed from what is known; None before a match.

    It adds the clocks of the agreement that are still to run: the agreed end, the reviewer's days, finance's days.
    """
    if internship.agreement is None:
        return None
    payout = base_payout(internship)
    if payout is not None:
        if payout.paid_at is not None:
            return PayDate(payout.paid_at, "paid")
        at = max(payout.payout_clock_at or payout.due_at, payout.held_until or payout.due_at)
        return PayDate(max(at, clock.now()), "sending" if payout.state == "sending" else "due")
    if internship.state in ("reviewed", "paid"):
        return PayDate(internship.paid_at or internship.reviewed_at or clock.now(), "paid")
    review = timedelta(days=internship.clock("review_days"))
    if internship.state == "submitted" and internship.submitted_at is not None:
        more = internship.clock("review_more_days") if internship.review_extended else 0
        start, reason = internship.submitted_at + review + timedelta(days=more), "submitted"
    else:
        start, reason = internship.submit_by + review, "working" if internship.started_at else "matched"
    return PayDate(
        working_days_after(start.astimezone(UTC), internship.clock("payout_days"), internship), reason
    )
