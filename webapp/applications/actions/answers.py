"""An application is weighed, offered a seat, and always answered."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.applications import mails, policy, queries
from webapp.applications.guards import NO_SEAT
from webapp.applications.models import Application
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.fundings.actions import transfers as funding_transfers
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.postings import files as posting_files
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting
from workflows.application import UNANSWERED


def shortlist(application: Application, *, actor: Person, version: int) -> None:
    """A reviewer puts the applicant on the shortlist, and from now on knows the name."""
    lifecycle.lock(application)
    fields = {"shortlisted_at": application.shortlisted_at or clock.now()}
    lifecycle.advance(application, "shortlist", actor=actor, version=version, fields=fields)
    mails.tell_intern(application, "application_shortlisted", until=mails.due(application, "expire"))


def unshortlist(application: Application, *, actor: Person, version: int) -> None:
    """A reviewer takes the applicant off the shortlist again."""
    lifecycle.advance(application, "unshortlist", actor=actor, version=version)


def rate(application: Application, *, actor: Person, rating: int | None) -> None:
    """A reviewer rates the application from 1 to 5, or takes the rating back."""
    lifecycle.lock(application)
    if not policy.judges(actor, application):
        raise NotAllowed
    if application.state not in ("applied", "shortlisted"):
        raise NotNow(_l("This application has already been answered."))
    if rating is not None and rating not in range(1, 6):
        raise Invalid(_l("A rating is a number from 1 to 5."), field="rating")
    if rating != application.rating:
        application.rating = rating
        history.record(application.root(), application, "rate", actor=actor, params={"rating": rating})


def offer(application: Application, *, actor: Person, version: int, note: str = "") -> None:
    """The owner offers a free seat, which is held until the answer.

    Raises NotNow when no seat is free: two offers never hold one.
    """
    # The posting's lock lets one offer after another look for a free seat, so no two find the same.
    lifecycle.lock(application)
    lifecycle.ask(application, "offer", actor=actor, version=version)
    seat = queries.free_seat(application.posting)
    assert seat is not None
    lifecycle.lock(seat)
    if seat.state != "posted":  # cancelled while we waited for its lock
        raise NO_SEAT.raised()
    fields = {
        "internship_id": seat.id,
        "offered_at": clock.now(),
        "offer_note": note.strip(),
        "reason": None,
        "reason_text": "",
        "ended_at": None,
    }
    params = {"seat": seat.id}
    lifecycle.advance(application, "offer", actor=actor, version=version, fields=fields, params=params)
    mails.tell_intern(application, "application_offered", until=mails.due(application, "lapse"))


def accept(application: Application, *, actor: Person, version: int) -> Internship:
    """The intern accepts: the seat is theirs, the agreement is written, and the money is asked for."""
    lifecycle.lock(application)
    lifecycle.ask(application, "accept", actor=actor, version=version)
    seat, posting = application.internship, application.posting
    assert seat is not None
    internship_actions.lock_seats(posting)
    fields, params = {"ended_at": clock.now()}, {"seat": seat.id}
    lifecycle.advance(application, "accept", actor=actor, version=version, fields=fields, params=params)
    terms = posting_files.terms_for(posting, actor)
    internship_actions.match(seat, actor=actor, intern=actor, application_id=application.id, terms=terms)
    funding_transfers.request(seat, actor=SYSTEM)
    mails.tell_owners(application, "application_accepted", path=f"/internships/{seat.id}")
    posting_moves.close_if_full(posting)
    _answered(posting)
    return seat


def decline(application: Application, *, actor: Person, version: int, reason: str = "") -> None:
    """The intern declines the offer; the seat is free for the next."""
    _end(application, "decline", actor=actor, version=version, text=reason)
    mails.tell_owners(application, "application_declined")


def lapse(application: Application) -> None:
    """The offer got no answer in time; the seat is free for the next."""
    _end(application, "lapse", actor=SYSTEM, version=None)
    mails.tell_intern(application, "application_lapsed")
    mails.tell_owners(application, "application_offer_lapsed")


def remind_lapse(application: Application, _number: int) -> None:
    """The offer lapses within a day."""
    mails.tell_intern(application, "application_lapses_soon", until=mails.due(application, "lapse"))


def reject(application: Application, *, actor: Person, version: int, reason: str, text: str = "") -> None:
    """The employer answers no, with a reason and perhaps words of its own."""
    if not reason:
        raise Invalid(_l("Choose a reason. Every applicant is told the reason."), field="reason")
    _end(application, "reject", actor=actor, version=version, reason=reason, text=text)
    mails.tell_rejected(application)


def reject_many(
    posting: Posting, versions: Mapping[int, int], *, actor: Person, reason: str, text: str = ""
) -> int:
    """The employer answers several applications of a posting at once; returns how many.

    `versions` gives the version the person saw of each application, by its id. All are answered or none.
    """
    lifecycle.lock(posting)
    if not versions:
        raise Invalid(_l("Choose at least one application."))
    chosen = [application for application in queries.sent_to(posting) if application.id in versions]
    if len(chosen) != len(versions):
        raise Invalid(_l("One of the selected applications doesn't belong to this posting."))
    for application in chosen:
        reject(application, actor=actor, version=versions[application.id], reason=reason, text=text)
    return len(chosen)


def reject_open(posting: Posting, *, actor: Actor, reason: str, text: str = "") -> int:
    """The posting ends, so everybody who waits, also for their own answer to an offer, is told so."""
    lifecycle.lock(posting)
    waiting = [a for a in queries.sent_to(posting) if a.state in UNANSWERED]
    for application in waiting:
        reject_by_end(application, actor=actor, reason=reason, text=text)
    return len(waiting)


def reject_by_end(application: Application, *, actor: Actor, reason: str, text: str = "") -> None:
    """The seat or posting of this application ends, which takes even an offer back."""
    _end(
        application,
        "reject",
        actor=actor,
        version=None,
        reason=reason,
        text=text,
        answered=False,
        implied=True,
    )
    mails.tell_rejected(application)


def withdraw(application: Application, *, actor: Person, version: int) -> None:
    """The intern withdraws, and may undo it while the posting is open."""
    _end(application, "withdraw", actor=actor, version=version)
    mails.tell_employer(application, "application_withdrawn")


def undo_withdraw(application: Application, *, actor: Person, version: int) -> None:
    """The intern undoes the withdrawal; the employer's clock starts again."""
    fields = {"sent_at": clock.now(), "ended_at": None}
    lifecycle.advance(application, "undo_withdraw", actor=actor, version=version, fields=fields)
    mails.tell_employer(application, "application_sent")


def expire(application: Application) -> None:
    """The employer did not answer in time: the intern is told so, and nobody waits any longer."""
    _end(application, "expire", actor=SYSTEM, version=None)
    mails.tell_intern(application, "application_expired")
    mails.tell_employer(application, "application_expired_unanswered")


def remind_expire(application: Application, number: int) -> None:
    """An applicant waits for the employer's answer."""
    mails.tell_employer(
        application, "application_waits", event=f"waits{number}", until=mails.due(application, "expire")
    )


def release(application: Application, *, actor: Actor, reason: str, text: str = "") -> None:
    """The match behind this accepted application is over; the applicant may be offered a seat again.

    `text` are words of the employer to the applicant.
    """
    _end(
        application,
        "release",
        actor=actor,
        version=None,
        reason=reason,
        text=text,
        answered=False,
        implied=True,
    )
    mails.tell_intern(application, "application_released")


def settle_posting(posting: Posting) -> None:
    """The posting has just begun to close: if nobody waits for an answer, it is closed."""
    posting_moves.finish_if_answered(posting, unanswered=queries.unanswered(posting.id))


def _end(
    application: Application,
    move: str,
    *,
    actor: Actor,
    version: int | None,
    reason: str = "",
    text: str = "",
    answered: bool = True,
    implied: bool = False,
) -> None:
    words = text.strip()
    lifecycle.advance(
        application,
        move,
        actor=actor,
        version=version,
        # The seat is free for another.
        fields={
            "ended_at": clock.now(),
            "reason": reason or None,
            "reason_text": words,
            "internship_id": None,
        },
        params={"reason": reason} if reason else {},
        text=words or None,
        implied=implied,
    )
    if answered:
        _answered(application.posting)


def _answered(posting: Posting) -> None:
    """Whenever an applicant got an outcome, a closing posting may be done."""
    db.session.flush()
    posting_moves.finish_if_answered(posting, unanswered=queries.unanswered(posting.id))
