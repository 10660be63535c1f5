"""What of the money somebody may see, and when it comes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import joinedload
from sqlalchemy.orm.interfaces import LoaderOption

from webapp.accounts.models import Person
from webapp.core.database import clock, facts
from webapp.core.database.base import db
from webapp.core.database.facts import fact
from webapp.core.database.pages import PAGE, Page, first_of, read_page, read_rows
from webapp.core.lifecycle.deadlines import by_deadline, end_of_day
from webapp.core.lifecycle.history import Viewer
from webapp.fundings.queries import keeps_books_of
from webapp.internships.models import Internship
from webapp.organisations.policy import memberships_of
from webapp.payouts import policy
from webapp.payouts.models import Attempt, Payout, PayoutPart
from webapp.payouts.queries.preloading import BESIDE, preload_beside

WAITING = ("due", "approved", "sending", "held", "blocked")


@dataclass(frozen=True)
class PayDate:
    """The one date promised to the intern, and the code of the reason it rests on (see words in the template)."""

    at: datetime
    reason: str  # paid, sending, due, blocked, submitted, working, matched


def until_of(payout: Payout) -> datetime | None:
    """When the present clock of a payout rings: the end of its hold, of its block, or of finance's days."""
    if payout.state == "held":
        return payout.held_until
    if payout.state == "blocked":
        due = payout.due("unblock")
        return due.at if due is not None else None
    return payout.payout_clock_at if payout.state in ("due", "approved", "sending") else None


def payout_for_finance(person: Viewer, payout_id: int) -> Payout | None:
    """A payout of a programme whose money this person keeps or watches."""
    payout = db.session.get(Payout, payout_id)
    return payout if payout is not None and policy.keeps_queue(person, payout) else None


def base_payout(internship: Internship) -> Payout | None:
    """The intern's own payout."""
    return _base_payout_of(internship.id)


def _base_payout_of(internship_id: int) -> Payout | None:
    """The same by the internship's id."""
    return fact("base_payout", internship_id, lambda: _base_payouts([internship_id]).get(internship_id))


def base_payouts(internship_ids: Iterable[int]) -> dict[int, Payout]:
    """The interns' own payouts of many internships, by internship, read at once with all that is asked of them."""
    ids = list(internship_ids)
    if unknown := facts.unknown("base_payout", ids):
        read = _base_payouts(unknown, *BESIDE)
        preload_beside(list(read.values()))
        facts.preload("base_payout", {number: read.get(number) for number in unknown})
    known = ((number, _base_payout_of(number)) for number in ids)
    return {number: payout for number, payout in known if payout is not None}


def _base_payouts(internship_ids: Iterable[int], *beside: LoaderOption) -> dict[int, Payout]:
    own = select(Payout).where(Payout.internship_id.in_(list(internship_ids)), Payout.type == "base")
    own = own.options(*beside)
    return {payout.internship_id: payout for payout in db.session.scalars(own)}


@dataclass(frozen=True)
class Total:
    """All payouts in one state: how many, one sum a currency, and whether a clock has called somebody for one."""

    count: int = 0
    sums: tuple[tuple[int, str], ...] = ()
    late: bool = False


def totals(person: Viewer) -> dict[str, Total]:
    """What this person keeps or watches and is not over, by state."""
    query: Any = (
        select(
            Payout.state, Payout.currency, func.count(), func.sum(Payout.amount), func.max(Payout.escalation)
        )
        .join(Internship, Internship.id == Payout.internship_id)
        .where(Payout.state.in_(WAITING))
        .group_by(Payout.state, Payout.currency)
        .order_by(Payout.currency)
    )
    groups = dict.fromkeys(WAITING, Total())
    for state, currency, count, amount, escalation in db.session.execute(_kept(person, query)):
        known = groups[state]
        sums = (*known.sums, (int(amount), currency))
        groups[state] = Total(known.count + count, sums, known.late or escalation > 0)
    return groups


def queue(person: Viewer, state: str, after: int | None = None, at_most: int = PAGE) -> list[Payout]:
    """Payouts in a state, the longest waiting first: a page of those behind the payout `after`, and one more."""
    kept = _kept(person, _in_state(state))
    return read_rows(kept, Payout, (Payout.due_at, Payout.id), after, at_most=at_most)


def to_move(person: Person, at_most: int) -> tuple[list[Payout], int]:
    """The sums that wait for this person, by `policy`: the first by their clocks, and how many in all.

    To approve what is due, to release what another approved, to record a bank transfer, and to decide about an
    attempt on Stripe whose outcome nobody knows.
    """
    held = memberships_of(person)
    finance_of = Internship.programme_id.in_(
        {organisation_id for organisation_id, role in held if role == "finance"}
    )
    own_payers = {organisation_id for organisation_id, role in held if role in ("owner", "reviewer")}
    may_approve = and_(
        or_(Payout.payer_id.is_(None), Payout.payer_id.not_in(own_payers)),
        Payout.payee_id.is_distinct_from(person.id),
    )
    unclear = (
        select(Attempt.id)
        .join(PayoutPart, PayoutPart.id == Attempt.part_id)
        .where(
            PayoutPart.payout_id == Payout.id,
            Attempt.problem.is_not(None),
            Attempt.state.in_(("sending", "unknown")),
        )
    )
    waiting = _in_state("due", "approved", "sending").where(
        finance_of,
        or_(
            and_(Payout.state == "due", may_approve),
            and_(Payout.state == "approved", may_approve, Payout.approved_by_id.is_distinct_from(person.id)),
            and_(Payout.state == "sending", Payout.rail == "manual", may_approve),
            and_(Payout.state == "sending", Payout.rail == "stripe", may_approve, unclear.exists()),
        ),
    )
    ends_at = by_deadline("payout", Payout.id).scalar_subquery()
    first = waiting.order_by(ends_at.asc().nulls_last(), Payout.id).limit(at_most)
    return first_of(first, waiting)


def last_paid(person: Viewer, after: int | None = None) -> Page[Payout]:
    """What was paid, the newest first: a page of it."""
    paid = _kept(person, _in_state("paid"))
    return read_page(paid, Payout, (Payout.paid_at, Payout.id), after, newest_first=True)


def _in_state(*states: str) -> Select[Any]:
    return (
        select(Payout).join(Internship, Internship.id == Payout.internship_id).where(Payout.state.in_(states))
    )


def _kept(person: Viewer, query: Any) -> Any:
    """Only those of the programmes whose money this person keeps or watches."""
    programme_ids = keeps_books_of(person)
    return query if programme_ids is None else query.where(Internship.programme_id.in_(programme_ids))


def next_number(internship_id: int, type_: str) -> int:
    """The next number of a kind of payout of an internship; the caller holds the internship's lock."""
    return 1 + int(
        db.session.scalar(
            select(func.max(Payout.number)).where(Payout.internship_id == internship_id, Payout.type == type_)
        )
        or 0
    )


def left_of(funding_id: int) -> int:
    """Minor units of a funding that really left, to the intern or back to the payer."""
    query = (
        select(func.coalesce(func.sum(PayoutPart.amount), 0))
        .join(Payout, Payout.id == PayoutPart.payout_id)
        .where(PayoutPart.funding_id == funding_id, Payout.state == "paid")
    )
    return int(db.session.scalar(query) or 0)


def escalates_at(internship: Internship) -> datetime:
    """When the next one up is told that a payment waits: the agreement's working days from now."""
    days = internship.terms.clocks.payout_days if internship.agreement else 3
    return working_days_after(clock.now(), days, internship)


def working_days_after(start: datetime, days: int, internship: Internship) -> datetime:
    """The end of the day, `days` working days later, where finance sits; the agreement's holidays do not count."""
    holidays = internship.terms.holidays if internship.agreement is not None else ()
    zone = internship.programme.zone
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
        at = payout.payout_clock_at or payout.due_at
        stuck = payout.due("unblock") if payout.state == "blocked" else None
        if stuck is not None:
            days = internship.terms.clocks.payout_days
            return PayDate(working_days_after(stuck.at, days, internship), "blocked")
        if payout.held_until is not None:
            at = working_days_after(payout.held_until, internship.terms.clocks.payout_days, internship)
        return PayDate(max(at, clock.now()), "sending" if payout.state == "sending" else "due")
    if internship.state in ("reviewed", "paid"):
        return PayDate(internship.paid_at or internship.reviewed_at or clock.now(), "paid")
    silence = internship.due("approve_by_silence") if internship.state == "submitted" else None
    if silence is not None:
        start, reason = silence.at, "submitted"
    else:
        # Work that is late already is handed in now at the earliest: the promise never lies in the past.
        handed_in, zone = max(internship.submit_by, clock.now()), internship.terms.employer_zone
        start = end_of_day(handed_in, internship.terms.clocks.review_days, zone)
        reason = "working" if internship.started_at else "matched"
    return PayDate(working_days_after(start, internship.terms.clocks.payout_days, internship), reason)


def paid_to_interns(payers: list[int]) -> list[tuple[int, str]]:
    """(minor units, currency) of what left for interns of these employers' postings, a sum for each currency."""
    query = (
        select(func.sum(Payout.amount), Payout.currency)
        .join(Internship, Internship.id == Payout.internship_id)
        .where(Internship.organisation_id.in_(payers), Payout.state == "paid", Payout.type != "refund")
        .group_by(Payout.currency)
        .order_by(Payout.currency)
    )
    return [(int(row[0]), row[1]) for row in db.session.execute(query)]


def late(programmes: list[int], at_most: int) -> tuple[list[Payout], int]:
    """Sums of these programmes for which a clock has already called somebody: the first, and how many in all.

    The one whose next clock ends first comes first.
    """
    waiting = (
        select(Payout)
        .join(Internship, Internship.id == Payout.internship_id)
        .where(
            Internship.programme_id.in_(programmes),
            Payout.escalation > 0,
            Payout.state.not_in(("paid", "cancelled", "reversed")),
        )
    )
    first = (
        waiting.options(joinedload(Payout.internship).joinedload(Internship.posting))
        .order_by(Payout.payout_clock_at.asc().nulls_last(), Payout.id)
        .limit(at_most)
    )
    return first_of(first, waiting)
