"""How a posting, a seat or a match ends before its good end; each touches posting, applications, seat and money."""

from __future__ import annotations

from datetime import timedelta

from webapp.accounts.models import Person
from webapp.applications import queries as application_queries
from webapp.applications.actions import answers as application_answers
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.endings import mails
from webapp.fundings.actions import receipts as funding_receipts
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.payouts.actions import returns as payout_returns
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries
from workflows import award

AFTER_THE_ANSWER = timedelta(minutes=1)


def unmatch(internship: Internship, *, actor: Actor, reason: str) -> None:
    """The match is over before the work began: applicant released, money given back, seat free again."""
    posting = posting_queries.posting_of(internship)
    lifecycle.lock(posting)
    lifecycle.lock(internship)
    application = application_queries.holder(internship)
    funding_receipts.refund_match(internship, actor=actor)
    internship_actions.unmatch(internship, actor=actor, reason=reason)
    if application is not None:
        application_answers.release(application, actor=actor, reason=reason)
        mails.tell_undone(internship, application.intern.full_name)
    if posting.state == "closed":
        internship_actions.arm_unfilled(internship, posting_moves.unfilled_at(posting))


def unmatch_by_time(internship: Internship) -> None:
    """A step before the work was not made in time: the signatures, the payment, the money's arrival, the start."""
    unmatch(internship, actor=SYSTEM, reason=overdue_step(internship))


def overdue_step(internship: Internship) -> str:
    """The step that a matched internship waits for: `sign`, `pay`, `secure` or `start`."""
    if internship.signed_at is None:
        return "sign"
    if internship.funding_begun_at is None:
        return "pay"
    return "start" if internship.secured_at is not None else "secure"


def cancel_seat(internship: Internship, *, actor: Actor, version: int, reason: str, text: str = "") -> None:
    """The owner gives up a seat that is free, or whose match is not signed by both.

    Raises as the door does, before anything beside the seat is touched.
    """
    posting = posting_queries.posting_of(internship)
    internship_actions.lock_seats(posting)
    lifecycle.ask(internship, "cancel", actor=actor, version=version)
    _cancel_seat(internship, actor, reason, text)
    posting_moves.close_if_full(posting)
    application_answers.settle_posting(posting)


def cancel_unfilled(internship: Internship) -> None:
    """The seat stayed free for too long after its posting was closed.

    An offer holds it for as long as its answer was promised; without one the seat ends right after.
    """
    lifecycle.lock(internship.posting)
    held = application_queries.holder(internship)
    lapse = deadlines.armed(held).get("lapse") if held is not None else None
    if lapse is not None:
        internship_actions.arm_unfilled(internship, lapse.due_at + AFTER_THE_ANSWER)
        return
    _cancel_seat(internship, SYSTEM, "unfilled", "")
    mails.tell_unfilled(internship)


def _cancel_seat(internship: Internship, actor: Actor, reason: str, text: str) -> None:
    application = application_queries.holder(internship)
    if application is not None and application.state == "accepted":
        funding_receipts.refund_match(internship, actor=actor)
        application_answers.release(application, actor=actor, reason="seat_cancelled", text=text)
    elif application is not None:
        application_answers.reject_by_end(application, actor=actor, reason="seat_cancelled", text=text)
    internship_actions.cancel_seat(internship, actor=actor, params={"reason": reason}, text=text)


def cancel_posting(posting: Posting, *, actor: Person, version: int, reason: str, text: str = "") -> None:
    """The owner cancels a posting while nobody is matched: its seats end, and every applicant is told why."""
    seats = internship_actions.lock_seats(posting)
    posting_moves.cancel(posting, actor=actor, version=version, params={"reason": reason}, text=text)
    application_answers.reject_open(posting, actor=actor, reason="posting_cancelled", text=text)
    for seat in seats:
        internship_actions.cancel_seat(seat, actor=actor, params={"reason": "posting_cancelled"})


def end_early_by_time(internship: Internship) -> None:
    """Nothing was handed in until long after the agreed end: what was accepted so far, at least the guaranteed
    part, is due.
    """
    terms = internship.terms
    result = award.guaranteed_only(terms.amount)
    internship_actions.fix_result(
        internship,
        actor=SYSTEM,
        move="end_early",
        award=result.award,
        outcome="ended_early",
        params={"guaranteed": terms.guaranteed, "parts": list(result.parts), "bonus": 0},
    )
    payout_returns.fall_due(internship, actor=SYSTEM)
    mails.tell_ended(internship)
