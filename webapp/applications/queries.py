"""What of applications somebody may see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from webapp.applications import policy
from webapp.applications.models import Application
from webapp.core import deadlines, lifecycle
from webapp.core.db import db
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.postings import queries as postings
from webapp.postings.models import Posting
from workflows.application import UNANSWERED


@dataclass(frozen=True)
class Row:
    """One application as this reader may know it: `name` is a number until the employer has shortlisted."""

    application: Application
    name: str | None  # None: say "Applicant `number`"
    number: int
    moves: tuple[str, ...]
    due: datetime | None


def for_viewer(person: Any, application_id: int) -> Application | None:
    """The application, if this person may see it."""
    application = db.session.get(Application, application_id)
    return application if application is not None and policy.may_see(person, application) else None


def posting_for_viewer(person: Any, posting_id: int) -> Posting | None:
    """The posting, if this person may see it."""
    return postings.for_viewer(person, posting_id)


def posting_with_applications(person: Any, posting_id: int) -> Posting | None:
    """The posting, if this person may read who applied to it or may at least see it."""
    posting = db.session.get(Posting, posting_id)
    if posting is not None and policy.watches(person, posting):
        return posting
    return postings.for_viewer(person, posting_id)


def own_of(person: Any, posting: Posting) -> Application | None:
    """This intern's application to this posting."""
    return db.session.scalars(
        select(Application).where(Application.posting_id == posting.id, Application.intern_id == person.id)
    ).one_or_none()


def mine(person: Any) -> list[Application]:
    """Everything this intern applied to or began, the newest first."""
    return list(
        db.session.scalars(
            select(Application)
            .where(Application.intern_id == person.id)
            .options(joinedload(Application.posting).joinedload(Posting.organisation))
            .order_by(Application.id.desc())
        )
    )


def sent_to(posting: Posting) -> list[Application]:
    """Every application that was sent to this posting, in the order of their numbers."""
    return list(
        db.session.scalars(
            select(Application)
            .where(Application.posting_id == posting.id, Application.sent_at.is_not(None))
            .options(joinedload(Application.intern))
            .order_by(Application.id)
        )
    )


def waiting_for(posting: Posting) -> list[Application]:
    """The applications that are neither drafts nor answered."""
    return [application for application in sent_to(posting) if application.state in UNANSWERED]


def unanswered(posting_id: int) -> int:
    """How many applicants of a posting wait for an answer, or have an offer to answer."""
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(Application)
            .where(Application.posting_id == posting_id, Application.state.in_(UNANSWERED))
        )
        or 0
    )


def holder(internship: Internship) -> Application | None:
    """The application that holds a seat, by an offer or by its acceptance."""
    return db.session.scalars(
        select(Application).where(
            Application.internship_id == internship.id, Application.state.in_(("offered", "accepted"))
        )
    ).one_or_none()


def free_seat(posting: Posting) -> Internship | None:
    """The first seat that is neither matched nor held by an offer."""
    held = set(
        db.session.scalars(
            select(Application.internship_id).where(
                Application.posting_id == posting.id, Application.state.in_(("offered", "accepted"))
            )
        )
    )
    return next((seat for seat in internships.free_seats(posting.id) if seat.id not in held), None)


def number(application: Application) -> int:
    """The number by which a reviewer knows an applicant before the shortlist; it never changes."""
    return int(
        db.session.scalar(
            select(func.count())
            .select_from(Application)
            .where(Application.posting_id == application.posting_id, Application.id <= application.id)
        )
        or 0
    )


def moves(person: Any, application: Application) -> tuple[str, ...]:
    """The moves for which the door would open to this person now: law, rights, and the facts around it."""
    open_to = lifecycle.moves_for(application, person, policy.MOVES)
    posting = application.posting
    needs_open = posting.state == "open"
    facts = {"send": needs_open, "undo_withdraw": needs_open}
    if "offer" in open_to:
        facts["offer"] = posting.state != "cancelled" and free_seat(posting) is not None
    return tuple(move for move in open_to if facts.get(move, True))


def row(person: Any, application: Application) -> Row:
    """An application as this reader may know it."""
    clocks = deadlines.armed(application)
    running = clocks.get("lapse") or clocks.get("expire")
    known = policy.may_know_name(person, application)
    return Row(
        application=application,
        name=application.intern.full_name if known else None,
        number=number(application),
        moves=moves(person, application),
        due=running.due_at if running else None,
    )


def newest_links(person: Any) -> list[str]:
    """The links of this intern's latest application, so that nobody types them twice."""
    latest = db.session.scalars(
        select(Application.links)
        .where(Application.intern_id == person.id)
        .order_by(Application.id.desc())
        .limit(1)
    ).one_or_none()
    return list(latest or [])


def of_employers(organisation_ids: list[int], states: tuple[str, ...]) -> list[Application]:
    """Applications in these states to postings of these employers, oldest first."""
    return list(
        db.session.scalars(
            select(Application)
            .join(Posting, Posting.id == Application.posting_id)
            .where(Posting.organisation_id.in_(organisation_ids), Application.state.in_(states))
            .options(joinedload(Application.posting), joinedload(Application.intern))
            .order_by(Application.sent_at, Application.id)
        )
    )
