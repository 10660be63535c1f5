"""What someone may see of a board apart from its cards: files, limits of columns, and boards to take tasks over from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.lifecycle.history import Viewer
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.organisations import policy as organisation_policy
from webapp.tasks import policy
from webapp.tasks.models import ColumnLimit, Task, TaskFile
from webapp.tasks.queries.boards import board_for_viewer, for_viewer

LIMITED = ("todo", "doing", "blocked")
"""The columns that may have a limit: nobody can have done too much."""
MOST_BOARDS = 50
MOST_COPIED = 500


def file_for_viewer(person: Viewer, task_id: int, file_id: int) -> TaskFile | None:
    """A file of a card, if this person may see its internship."""
    file = db.session.get(TaskFile, file_id)
    if file is None or file.task_id != task_id or for_viewer(person, task_id) is None:
        return None
    return file


def limits_of(internship_id: int) -> dict[str, int]:
    """How many cards the columns of a board should hold at most; those without a limit are left out."""
    rows = db.session.execute(
        select(ColumnLimit.state, ColumnLimit.most).where(ColumnLimit.internship_id == internship_id)
    )
    return {row[0]: int(row[1]) for row in rows}


@dataclass(frozen=True)
class PastBoard:
    """A board to take tasks over from; the intern's name only for those who may read it."""

    internship: Internship
    intern: str | None
    count: int


def past_boards(person: Person, internship: Internship) -> list[PastBoard]:
    """The other boards that this person works or has worked with, the newest first, if they hold any cards."""
    held = organisation_policy.memberships_of(person)
    employers = {organisation_id for organisation_id, _role in held}
    mentored = {organisation_id for organisation_id, role in held if role == "mentor"}
    count = select(func.count(Task.id)).where(Task.internship_id == Internship.id).scalar_subquery()
    query = (
        select(Internship, count)
        .where(
            Internship.started_at.is_not(None),
            Internship.id != internship.id,
            count > 0,
            or_(
                Internship.intern_id == person.id,
                Internship.organisation_id.in_(employers),
                and_(
                    Internship.programme_id.in_(mentored),
                    Internship.organisation_id == internship.organisation_id,
                ),
            ),
        )
        .options(joinedload(Internship.intern), joinedload(Internship.agreement))
        .order_by(Internship.started_at.desc(), Internship.id.desc())
        .limit(MOST_BOARDS)
    )
    return [
        PastBoard(board, _name_for(person, board), int(cards)) for board, cards in db.session.execute(query)
    ]


def _name_for(person: Person, internship: Internship) -> str | None:
    """The intern's name; interns do not read who the others are, also where they belong to the employer."""
    intern = internship.intern
    if intern is None or (person.is_intern and intern.id != person.id):
        return None
    return intern.preferred_name


def may_copy_from(person: Viewer, internship: Internship, source: Internship) -> bool:
    """May this person take tasks over from that board to this one?

    A mentor sees the boards of several employers, and carries nothing from one to another.
    """
    if source.id == internship.id or source.started_at is None or not policy.on_the_board(person, source):
        return False
    same_employer = source.organisation_id == internship.organisation_id
    own = internship_policy.is_intern(person, source) or internship_policy.is_member(person, source)
    return own or same_employer


def board_to_copy(person: Viewer, internship: Internship, source_id: int | None) -> Internship | None:
    """The board with this number, if this person may take tasks over from it."""
    source = board_for_viewer(person, source_id) if source_id is not None else None
    return source if source is not None and may_copy_from(person, internship, source) else None


def cards_to_copy(source: Internship) -> list[Task]:
    """The cards of a board in its order, column by column: the first of them, where there are very many."""
    column = case({state: n for n, state in enumerate(Task.law.states)}, value=Task.state)
    query = (
        select(Task)
        .where(Task.internship_id == source.id)
        .options(selectinload(Task.checks))
        .order_by(column, Task.rank, Task.id)
        .limit(MOST_COPIED)
    )
    return list(db.session.scalars(query))
