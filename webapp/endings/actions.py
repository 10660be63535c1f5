"""How a posting, a seat or a match ends before its good end; each touches posting, applications, seat and money."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.applications import actions as applications
from webapp.applications import queries as holders
from webapp.core import clock, deadlines, lifecycle
from webapp.core.audit import SYSTEM, Actor
from webapp.core.deadlines import end_of_day
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.endings import mails
from webapp.internships import actions as internships
from webapp.internships import policy as spine
from webapp.internships.models import Internship
from webapp.organisations import queries as organisations
from webapp.payments import actions as payments
from webapp.postings import actions as postings
from webapp.postings.models import Posting
from workflows import award

AFTER_THE_ANSWER = timedelta(minutes=1)


def unmatch(internship: Internship, *, actor: Actor, reason: str) -> None:
    """The match is over before the work began: applicant released, money given back, seat free again."""
    posting = internship.posting
    lifecycle.lock(posting)
    lifecycle.lock(internship)
    application = holders.holder(internship)
    payments.give_back(internship, actor=actor)
    internships.unmatch(internship, actor=actor, reason=reason)
    if application is not None:
        applications.release(application, actor=actor, reason=reason)
        mails.tell_undone(internship, application.intern.full_name)
    if posting.state == "closed":
        days = organisations.settings_of(posting.programme_id).clock("unfilled_days")
        at = end_of_day(clock.now(), days, posting.organisation.zone)
        internships.arm_unfilled(internship, at, actor=actor)


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

    Raises NotNow once both have signed: from then on only both together may end it.
    """
    posting = internship.posting
    internships.lock_seats(posting)
    if not spine.is_owner(actor, internship):
        raise NotAllowed
    if version != internship.version:
        raise Stale
    if internship.state == "matched" and internship.signed_at is not None:
        raise NotNow(_l("Both sides have accepted the agreement, so one side alone can't cancel any more."))
    _cancel_seat(internship, actor, reason, text)
    postings.close_if_full(posting, actor=actor)
    applications.settle_posting(posting)


def cancel_unfilled(internship: Internship) -> None:
    """The seat stayed free for too long after its posting was closed.

    An offer holds it for as long as its answer was promised; without one the seat ends right after.
    """
    lifecycle.lock(internship.posting)
    held = holders.holder(internship)
    lapse = deadlines.armed(held).get("lapse") if held is not None else None
    if lapse is not None:
        internships.arm_unfilled(internship, lapse.due_at + AFTER_THE_ANSWER, actor=SYSTEM)
        return
    _cancel_seat(internship, SYSTEM, "unfilled", "")
    mails.tell_unfilled(internship)


def _cancel_seat(internship: Internship, actor: Actor, reason: str, text: str) -> None:
    application = holders.holder(internship)
    if application is not None and application.state == "accepted":
        payments.give_back(internship, actor=actor)
        applications.release(application, actor=actor, reason="seat_cancelled")
    elif application is not None:
        applications.reject_by_end(application, actor=actor, reason="seat_cancelled", text=text)
    internships.cancel_seat(internship, actor=actor, params={"reason": reason})


def cancel_posting(posting: Posting, *, actor: Person, version: int, reason: str, text: str = "") -> None:
    """The owner cancels a posting while nobody is matched: its seats end, and every applicant is told why."""
    seats = internships.lock_seats(posting)
    if any(seat.state == "matched" for seat in seats):
        raise NotNow(
            _l("Someone is matched, so the posting can't be cancelled any more. You can still close it.")
        )
    postings.cancel(posting, actor=actor, version=version, params={"reason": reason})
    applications.reject_open(posting, actor=actor, reason="posting_cancelled", text=text)
    for seat in seats:
        internships.cancel_seat(seat, actor=actor, params={"reason": "posting_cancelled"})


def end_early_by_time(internship: Internship) -> None:
    """Nothing was handed in until long after the agreed end: what was accepted so far, at least the guaranteed
    part, is due.
    """
    terms = internship.terms
    result = award.guaranteed_only(
        award.Terms(
            base=terms["base"],
            guaranteed=terms["guaranteed"],
            bonus_pot=terms["bonus_pot"],
            unit=terms["unit"],
            weights=tuple(criterion["weight_bp"] for criterion in terms["criteria"]),
        )
    )
    internships.fix_result(
        internship,
        actor=SYSTEM,
        move="end_early",
        award=result.award,
        outcome="ended_early",
        params={"guaranteed": terms["guaranteed"], "parts": list(result.parts), "bonus": 0},
    )
    payments.fall_due(internship, actor=SYSTEM)
    mails.tell_ended(internship)
