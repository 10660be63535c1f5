"""What of applications somebody may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import Select, and_, func, select
from sqlalchemy.orm import joinedload

from webapp.accounts import queries as account_queries
from webapp.accounts.models import Person
from webapp.applications import policy
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.database.facts import preload
from webapp.core.database.pages import Page, first_of, read_page
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.deadlines import Deadline
from webapp.core.lifecycle.history import Viewer
from webapp.core.web.timeline import Names
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.organisations import policy as organisation_policy
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries
from workflows.application import UNANSWERED


@dataclass(frozen=True)
class Row:
    """One application as this reader may know it: `name` is a number until the employer has shortlisted."""

    application: Application
    name: str | None  # None: say "Applicant `number`"
    number: int
    own: bool
    moves: tuple[str, ...]
    due: datetime | None


def for_viewer(person: Viewer, application_id: int) -> Application | None:
    """The application, if this person may see it."""
    application = db.session.get(Application, application_id)
    return application if application is not None and policy.may_see(person, application) else None


def posting_for_viewer(person: Viewer, posting_id: int) -> Posting | None:
    """The posting, if this person may see it."""
    return posting_queries.for_viewer(person, posting_id)


def posting_with_applications(person: Viewer, posting_id: int) -> Posting | None:
    """The posting, if this person may read who applied to it or may at least see it."""
    posting = db.session.get(Posting, posting_id)
    if posting is not None and policy.watches(person, posting):
        return posting
    return posting_queries.for_viewer(person, posting_id)


def own_of(person: Person, posting: Posting) -> Application | None:
    """This intern's application to this posting."""
    return db.session.scalars(
        select(Application).where(Application.posting_id == posting.id, Application.intern_id == person.id)
    ).one_or_none()


def mine(
    person: Person, states: tuple[str, ...], at_most: int | None = None
) -> tuple[list[Application], int]:
    """What this intern applied to and is in these states, the newest first: so many of them, and how many in all."""
    own = _mine(person).where(Application.state.in_(states))
    return first_of(own.order_by(Application.id.desc()).limit(at_most), own)


def page_of_mine(person: Person, after: int | None) -> Page[Application]:
    """Everything this intern applied to or began, the newest first: a page of it."""
    return read_page(_mine(person), Application, (Application.id,), after, newest_first=True)


def _mine(person: Person) -> Select[Application]:
    return (
        select(Application)
        .where(Application.intern_id == person.id)
        .options(joinedload(Application.posting).joinedload(Posting.organisation))
    )


def sent_to(posting: Posting) -> list[Application]:
    """Every application that was sent to this posting, in the order of their numbers."""
    return list(db.session.scalars(_sent_to(posting).order_by(Application.id)))


def page_of_sent_to(posting: Posting, after: int | None) -> Page[Application]:
    """The same, a page at a time."""
    return read_page(_sent_to(posting), Application, (Application.id,), after)


def _sent_to(posting: Posting) -> Select[Application]:
    return (
        select(Application)
        .where(Application.posting_id == posting.id, Application.sent_at.is_not(None))
        .options(joinedload(Application.intern), joinedload(Application.posting))
    )


def unjudged(posting: Posting) -> int:
    """How many applications to this posting wait for the employer's answer."""
    waiting = select(func.count()).where(
        Application.posting_id == posting.id, Application.state.in_(("applied", "shortlisted"))
    )
    return int(db.session.scalar(waiting) or 0)


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


def holders(internship_ids: Iterable[int]) -> dict[int, Application]:
    """The same for many seats, by seat, read at once."""
    rows = db.session.scalars(
        select(Application)
        .where(
            Application.internship_id.in_(list(internship_ids)),
            Application.state.in_(("offered", "accepted")),
        )
        .options(joinedload(Application.intern))
    )
    return {row.internship_id: row for row in rows if row.internship_id is not None}


def free_seat(posting: Posting) -> Internship | None:
    """The first seat that is neither matched nor held by an offer."""
    held = set(
        db.session.scalars(
            select(Application.internship_id).where(
                Application.posting_id == posting.id, Application.state.in_(("offered", "accepted"))
            )
        )
    )
    return next((seat for seat in internship_queries.free_seats(posting.id) if seat.id not in held), None)


def missing(application: Application) -> list[str]:
    """What a draft lacks before it can be sent: `pitch`, or the ids of unanswered questions."""
    lacking = [] if application.pitch.strip() else ["pitch"]
    return lacking + [
        str(question.id)
        for question in application.posting.questions
        if not str(application.answers.get(str(question.id), "")).strip()
    ]


def rows(person: Viewer, applications: list[Application]) -> list[Row]:
    """Applications as this reader may know them; what all need is read at once."""
    numbers, clocks = _numbers(applications), clocks_of(applications)
    preload("free_seat", _free_seats(person, applications))
    return [
        Row(
            application=application,
            name=application.intern.full_name if policy.may_know_name(person, application) else None,
            number=numbers[application.id],
            own=policy.is_own(person, application),
            moves=lifecycle.open_moves(application, person),
            due=clocks.get(application.id),
        )
        for application in applications
    ]


def row(person: Viewer, application: Application) -> Row:
    """An application as this reader may know it."""
    return rows(person, [application])[0]


def _numbers(applications: list[Application]) -> dict[int, int]:
    """The number by which a reviewer knows each applicant before the shortlist; it never changes."""
    posting_ids = {application.posting_id for application in applications}
    number = func.row_number().over(partition_by=Application.posting_id, order_by=Application.id)
    numbered = db.session.execute(
        select(Application.id, number).where(Application.posting_id.in_(posting_ids))
    )
    return {row[0]: row[1] for row in numbered}


def clocks_of(applications: list[Application]) -> dict[int, datetime]:
    """When the running clock of each application rings."""
    running = select(Deadline.subject_id, Deadline.due_at).where(
        Deadline.subject_kind == "application",
        Deadline.subject_id.in_([application.id for application in applications]),
        Deadline.state == "armed",
    )
    return {row[0]: row[1] for row in db.session.execute(running)}


def _free_seats(person: Viewer, applications: list[Application]) -> dict[int, bool]:
    """Which of these postings have a seat that this person could offer."""
    owned = {
        application.posting_id: application.posting
        for application in applications
        if policy.owns(person, application)
    }
    return {posting_id: free_seat(posting) is not None for posting_id, posting in owned.items()}


def names_for(person: Viewer, application: Application) -> Names:
    """The names that this reader may know of those who did something with an application."""

    def names(ids: set[int]) -> dict[int, str]:
        known = account_queries.names(ids)
        if application.intern_id in ids and not policy.may_know_name(person, application):
            known[application.intern_id] = str(_("The applicant"))
        return known

    return names


def newest_links(person: Person) -> list[str]:
    """The links of this intern's latest application, so that nobody types them twice."""
    latest = db.session.scalars(
        select(Application.links)
        .where(Application.intern_id == person.id)
        .order_by(Application.id.desc())
        .limit(1)
    ).one_or_none()
    return list(latest or [])


@dataclass(frozen=True)
class Unjudged:
    """A posting with the number of its applicants who wait for an answer, and when the first of them expires."""

    posting_id: int
    title: str
    applicants: int
    expires_at: datetime | None


def to_judge(person: Person, at_most: int) -> tuple[list[Unjudged], int]:
    """The postings with applications that `policy.judges` lets this person weigh, and how many there are in all.

    The first that expires comes first.
    """
    held = organisation_policy.memberships_of(person)
    expires_at = func.min(Deadline.due_at)
    waiting = (
        select(Posting.id, Posting.title, func.count(Application.id.distinct()), expires_at)
        .join(Application, Application.posting_id == Posting.id)
        .outerjoin(
            Deadline,
            and_(
                Deadline.subject_kind == "application",
                Deadline.subject_id == Application.id,
                Deadline.state == "armed",
            ),
        )
        .where(
            Posting.organisation_id.in_({place for place, role in held if role in ("owner", "reviewer")}),
            Application.state.in_(("applied", "shortlisted")),
            Application.intern_id != person.id,
        )
        .group_by(Posting.id)
    )
    first = waiting.order_by(expires_at.asc().nulls_last(), Posting.id).limit(at_most)
    rows = db.session.execute(first.add_columns(func.count().over())).all()  # their number: of groups
    return [Unjudged(*row[:-1]) for row in rows], int(rows[0][-1]) if rows else 0
