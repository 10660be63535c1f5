"""A posting is proposed, published, closed, reopened, cancelled."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.database import clock, jobs
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines, history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.deadlines import end_of_day
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.internships import actions as internship_actions
from webapp.internships import queries as internship_queries
from webapp.notifications import actions as notification_actions
from webapp.organisations import queries as organisation_queries
from webapp.postings import policy
from webapp.postings.models import POSTING_SETTLED, Posting


def publish(posting: Posting, *, actor: Person, version: int) -> None:
    """The owner opens the posting to applicants, where nobody has to approve it."""
    _open(posting, "publish", actor, version)


def propose(posting: Posting, *, actor: Person, version: int) -> None:
    """The owner asks the programme to approve the posting."""
    lifecycle.advance(
        posting,
        "propose",
        actor=actor,
        version=version,
        fields={"proposed_at": clock.now()},
        params={"below_floor": policy.below_floor(posting)},
    )
    _tell_managers(posting, "posting_proposed", "proposed")


def approve(posting: Posting, *, actor: Person, version: int) -> None:
    """The programme manager approves the posting, and it opens."""
    _open(posting, "approve", actor, version)
    _tell_owners(posting, "posting_approved", "approved", until=posting.closes_at)


def send_back(posting: Posting, *, actor: Person, version: int, reason: str) -> None:
    """The programme manager sends the posting back to be changed, and says why."""
    if not reason.strip():
        raise Invalid(_l("Enter what has to change."), field="reason")
    lifecycle.advance(posting, "send_back", actor=actor, version=version, text=reason.strip())
    _tell_owners(posting, "posting_sent_back", "sent_back", reason=reason.strip())


def send_back_by_time(posting: Posting) -> None:
    """Nobody answered the proposal in time, so it goes back to the owner."""
    lifecycle.advance(posting, "send_back", actor=SYSTEM)
    _tell_owners(posting, "posting_unanswered", "sent_back")


def remind_send_back(posting: Posting, _number: int) -> None:
    """A proposal has waited for two days: its managers are told again."""
    _tell_managers(posting, "posting_waits", "waits")


def close(posting: Posting, *, actor: Person, version: int) -> None:
    """The owner takes no further applications; those that came are still answered."""
    _close(posting, actor=actor, version=version, code="by_owner")


def close_by_time(posting: Posting) -> None:
    """The posting was open for as long as it was meant to be."""
    _close(posting, actor=SYSTEM, version=None, code="by_time")
    _tell_owners(posting, "posting_closed", "closed")


def close_if_full(posting: Posting) -> bool:
    """Every seat is matched, so the posting closes by itself; says whether it did."""
    lifecycle.lock(posting)
    if posting.state != "open" or internship_queries.free_seats(posting.id):
        return False
    _close(posting, actor=SYSTEM, version=None, code="full")
    return True


def _close(posting: Posting, *, actor: Actor, version: int | None, code: str) -> None:
    lifecycle.advance(posting, "close", actor=actor, version=version, params={"code": code})
    # Whether applicants wait for an answer is known one floor up: told there, it finishes what is answered.
    jobs.defer(POSTING_SETTLED, posting_id=posting.id)


def remind_close(posting: Posting, _number: int) -> None:
    """The posting closes in three days: the owner may keep it open for longer."""
    assert posting.closes_at is not None
    _tell_owners(
        posting, "posting_closes_soon", f"closes:{posting.closes_at.date()}", until=posting.closes_at
    )


def finish_if_answered(posting: Posting, *, unanswered: int) -> bool:
    """Every applicant of a closing posting has an outcome, so it is closed; says whether it did."""
    lifecycle.lock(posting)
    if posting.state != "closing" or unanswered > 0:
        return False
    lifecycle.advance(posting, "finish", actor=SYSTEM, fields={"ended_at": clock.now()})
    for seat in internship_queries.free_seats(posting.id):
        internship_actions.arm_unfilled(seat, unfilled_at(posting))
    return True


def unfilled_at(posting: Posting) -> datetime:
    """When a seat of a closed posting ends that is free from now on."""
    return end_of_day(clock.now(), posting.settings.clock("unfilled_days"), posting.organisation.zone)


def renew(posting: Posting, *, actor: Person, version: int) -> None:
    """The owner keeps the posting open for another full term, counted from now."""
    lifecycle.lock(posting)
    if not policy.is_owner(actor, posting):
        raise NotAllowed
    if version != posting.version:
        raise Stale
    if posting.state != "open":
        raise NotNow(_l("Only an open posting can be kept open for longer."))
    posting.closes_at = _closing_day(posting)
    posting.version += 1
    db.session.flush()
    deadlines.rearm(posting)
    history.record(posting, posting, "renew", actor=actor, params={"until": posting.closes_at.isoformat()})


def reopen(posting: Posting, *, actor: Person, version: int) -> None:
    """The owner takes applications again for the seats that are still unmatched; no seat is added."""
    lifecycle.lock(posting)
    free = internship_queries.free_seats(posting.id)
    fields = {"closes_at": _closing_day(posting), "ended_at": None}
    lifecycle.advance(posting, "reopen", actor=actor, version=version, fields=fields)
    for seat in free:
        internship_actions.arm_unfilled(seat, None)


def cancel(
    posting: Posting, *, actor: Person, version: int, params: dict[str, Any] | None = None, text: str = ""
) -> None:
    """The owner cancels the posting while nobody is matched: its own move only, the rest is endings' business.

    `text` are the owner's own words.
    """
    lifecycle.advance(
        posting,
        "cancel",
        actor=actor,
        version=version,
        fields={"ended_at": clock.now()},
        params=params,
        text=text.strip() or None,
    )


def _open(posting: Posting, move: str, actor: Person, version: int) -> None:
    fields = {"opened_at": clock.now(), "closes_at": _closing_day(posting)}
    params = {"seats": posting.seats}
    lifecycle.advance(posting, move, actor=actor, version=version, fields=fields, params=params)
    internship_actions.open_seats(
        posting.id,
        posting.seats,
        actor=actor,
        organisation_id=posting.organisation_id,
        programme_id=posting.programme_id,
        currency=posting.currency,
    )


def _closing_day(posting: Posting) -> datetime:
    return end_of_day(clock.now(), posting.settings.clock("open_days"), posting.organisation.zone)


def _tell_managers(posting: Posting, code: str, event: str) -> None:
    """Those who may approve the posting are told that it waits for them."""
    members = organisation_queries.members(posting.programme_id, "manager")
    notification_actions.tell_all(
        [person for person in members if policy.manages(person, posting)],
        code,
        key=f"posting:{posting.id}:{event}:{posting.history_number}",
        path=f"/postings/{posting.id}/approval",
        title=posting.title,
        employer=posting.organisation.name,
        until=deadlines.armed(posting)["send_back"].due_at,
    )


def _tell_owners(posting: Posting, code: str, event: str, **params: object) -> None:
    notification_actions.tell_all(
        organisation_queries.members(posting.organisation_id, "owner"),
        code,
        key=f"posting:{posting.id}:{event}:{posting.history_number}",
        path=f"/postings/{posting.id}",
        title=posting.title,
        **params,
    )
