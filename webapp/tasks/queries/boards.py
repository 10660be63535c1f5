"""What somebody may see of a board: its columns, 25 cards at a time, with exact counts."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple, cast
from zoneinfo import ZoneInfo

from sqlalchemy import Text, bindparam, func, select
from sqlalchemy.orm import contains_eager, joinedload

from webapp.accounts.models import Person
from webapp.core.boards import query as board_query
from webapp.core.boards.query import PAGE, BoardQuery
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.pages import first_of
from webapp.core.database.words import holds
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import Viewer
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.organisations import queries as organisation_queries
from webapp.tasks import policy
from webapp.tasks.models import Check, ColumnLimit, Task, TaskMove


def for_viewer(person: Viewer, task_id: int) -> Task | None:
    """The task, if this person may see its internship."""
    related = [
        joinedload(Task.internship).joinedload(Internship.agreement),
        joinedload(Task.blocked_on),
        joinedload(Task.moved_by),
    ]
    task = db.session.get(Task, task_id, options=related)
    return task if task is not None and internship_policy.may_see(person, task.internship) else None


def for_mover(person: Viewer, task_id: int) -> Task | None:
    """The same, locked, and its internship before it: for who is about to move it."""
    query = (
        select(Task)
        .select_from(Internship)
        .join(Task, Task.internship_id == Internship.id)
        .options(
            contains_eager(Task.internship).joinedload(Internship.agreement),
            joinedload(Task.blocked_on),
            joinedload(Task.moved_by),
        )
        .where(Task.id == task_id)
    )
    task = lifecycle.load_locked(query, Internship)
    return task if task is not None and internship_policy.may_see(person, task.internship) else None


def board_for_viewer(person: Viewer, internship_id: int) -> Internship | None:
    """The internship, if this person may see it and it has a board: from the start on."""
    internship = db.session.get(Internship, internship_id, options=[joinedload(Internship.agreement)])
    if internship is None or internship.started_at is None:
        return None
    return internship if internship_policy.may_see(person, internship) else None


LABEL_SEPARATOR = "\x1f"  # no text that is stored can hold it
WAITS_FOR = select(Person.preferred_name).where(Person.id == Task.blocked_on_id).scalar_subquery()
CHECKS = (
    select(func.concat(func.count(Check.done_at), "/", func.count(), type_=Text))
    .where(Check.task_id == Task.id)
    .scalar_subquery()
)
CARD = (
    Task.id,
    Task.internship_id,
    Task.state,
    Task.title,
    Task.move_version,
    func.array_to_string(Task.labels, LABEL_SEPARATOR, type_=Text).label("labels"),
    Task.due_on,
    Task.deliverable,
    Task.blocked_on_id,
    WAITS_FOR.label("waits_for"),
    CHECKS.label("checks"),
)
"""What a card of a board shows. Plain text where a list is meant: SQLAlchemy reads an array element by element."""


class CardRow(NamedTuple):
    """What a row of `CARD` holds."""

    id: int
    internship_id: int
    state: str
    title: str
    move_version: int
    labels: str  # parted by LABEL_SEPARATOR
    due_on: date | None
    deliverable: int | None
    blocked_on_id: int | None
    waits_for: str | None  # a name
    checks: str  # those done and all: "1/3"


BY_DAY = (func.coalesce(Task.due_on, date(9999, 12, 31)),)
BY_HAND = (Task.rank, Task.id)
LIMITS = (
    select(func.json_object_agg(ColumnLimit.state, ColumnLimit.most))
    .where(ColumnLimit.internship_id == bindparam("internship"))
    .scalar_subquery()
)
OF_INTERNSHIP = (Task.internship_id == bindparam("internship"),)
OF_INTERN = (Internship.intern_id == bindparam("intern"), Internship.state.in_(policy.OPEN_IN))
OWN_ORDER = (*BY_DAY, Task.internship_id, Task.rank, Task.id)
OWN_JOINS = ((Internship, Internship.id == Task.internship_id),)


def board_query_of(internship: Internship) -> BoardQuery:
    """The board of one internship, in the order that its people gave it."""
    return BoardQuery(
        Task,
        Task.law.states,
        scope=OF_INTERNSHIP,
        order=BY_HAND,
        rank=Task.rank,
        reads=CARD,
        params={"internship": internship.id},
        limits=LIMITS,
    )


def own_board_query(person: Person) -> BoardQuery:
    """All cards of an intern's own work that is still going on, whichever internship they belong to, by day."""
    return BoardQuery(
        Task,
        Task.law.states,
        scope=OF_INTERN,
        order=OWN_ORDER,
        joins=OWN_JOINS,
        reads=CARD,
        params={"intern": person.id},
    )


def card_of(task: Task) -> CardRow:
    """What this card shows."""
    return cast(CardRow, db.session.execute(select(*CARD).where(Task.id == task.id)).one())


@dataclass(frozen=True)
class Shown:
    """What of a board somebody wants to see, and in which order; codes and words as they stand in the address."""

    q: str = ""
    due: str = ""
    label: str = ""
    sort: str = "manual"
    of: int | None = None


def today_of(internship: Internship) -> date:
    """The day that it is where the intern lives: by it cards are due."""
    return clock.today(internship.terms.intern_zone)


def due_at(due_on: date, zone: str) -> datetime:
    """The end of the day on which a card is due, in the zone where the intern lives."""
    return datetime.combine(due_on, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)


def shown(board: BoardQuery, asked: Shown, today_there: Callable[[], date]) -> BoardQuery:
    """A board, of which only some cards are shown; sorted by day, nobody can put them in another order."""
    today = today_there() if asked.due else date.min
    if asked.q:
        board = board.filtered(holds(Task.title, asked.q))
    if asked.label:
        board = board.filtered(Task.labels.contains([asked.label]))
    if asked.of is not None:
        board = board.filtered(Task.internship_id == asked.of)
    if asked.due == "overdue":
        board = board.filtered(Task.due_on < today, Task.state != "done")
    elif asked.due == "week":
        board = board.filtered(Task.due_on.between(today, today + timedelta(days=7)))
    elif asked.due == "none":
        board = board.filtered(Task.due_on.is_(None))
    if asked.sort == "due" and board.manual:
        board = replace(board, order=(*BY_DAY, Task.rank, Task.id), rank=None)
    return board


def counts(internship: Internship) -> dict[str, int]:
    """How many cards each column holds."""
    return board_query.counts(board_query_of(internship))


def open_count(internship: Internship) -> int:
    """How many cards are not done."""
    return sum(count for state, count in counts(internship).items() if state != "done")


def people_to_wait_for(internship: Internship) -> list[Person]:
    """Whom a blocked card may wait for: the employer's people and the programme's mentors, never the intern."""
    people = {
        person.id: person
        for person in [
            *organisation_queries.members(internship.organisation_id, "owner", "reviewer"),
            *organisation_queries.members(internship.programme_id, "mentor"),
        ]
        if person.id != internship.intern_id
    }
    return sorted(people.values(), key=lambda person: person.full_name)


def mentioned(internship: Internship, names: Iterable[str]) -> list[Person]:
    """The people around a board whose preferred or full name, written without spaces, was written after an @."""
    around = [*people_to_wait_for(internship), *([internship.intern] if internship.intern else [])]
    handles = {re.sub(r"['’]s$", "", name.casefold().rstrip('.,:;!?)]"”')) for name in names}
    return [
        person for person in around if {_handle(person.preferred_name), _handle(person.full_name)} & handles
    ]


def _handle(name: str) -> str:
    return "".join(name.split()).casefold()


def check_for_viewer(person: Viewer, check_id: int) -> Check | None:
    """A line of a checklist, if this person may see its internship."""
    check = db.session.get(Check, check_id)
    return check if check is not None and for_viewer(person, check.task_id) is not None else None


def move_of(person: Viewer, operation_id: str) -> TaskMove | None:
    """The move that a form with this operation id made, if this person may see its internship."""
    try:
        task_move = db.session.get(TaskMove, uuid.UUID(operation_id))
    except ValueError:
        return None
    return task_move if task_move is not None and for_viewer(person, task_move.task_id) is not None else None


def last_move(person: Person, task: Task) -> TaskMove | None:
    """The move that this person made last with a card, as long as nothing has followed it."""
    return db.session.scalars(
        select(TaskMove).where(
            TaskMove.task_id == task.id,
            TaskMove.person_id == person.id,
            TaskMove.move_version_after == task.move_version,
            TaskMove.undone_at.is_(None),
        )
    ).first()


def first_cards(internship: Internship, state: str) -> list[CardRow]:
    """The cards of a column before which another one may be placed."""
    return board_query.cards(board_query_of(internship), state, PAGE)


def targets(person: Viewer, task: Task) -> list[str]:
    """The columns to which this person may move the card now, its own first when they may reorder it."""
    moves = [Task.law.target(task.state, move) for move in lifecycle.open_moves(task, person)]
    stay = [task.state] if policy.may_work(person, task) and policy.is_open(task.internship) else []
    return [*stay, *dict.fromkeys(moves)]


def blocked_on(person: Person, at_most: int) -> tuple[list[Task], int]:
    """The cards that wait for this person's answer: those with the oldest promise, and how many in all."""
    waiting = select(Task).where(Task.state == "blocked", Task.blocked_on_id == person.id)
    first = (
        waiting.options(joinedload(Task.internship).joinedload(Internship.posting))
        .order_by(Task.answer_by.asc().nulls_last(), Task.id)
        .limit(at_most)
    )
    return first_of(first, waiting)


def blocked_counts(internship_ids: list[int]) -> dict[int, int]:
    """How many cards of each of these internships are blocked; those without any are left out."""
    rows = db.session.execute(
        select(Task.internship_id, func.count())
        .where(Task.internship_id.in_(internship_ids), Task.state == "blocked")
        .group_by(Task.internship_id)
    )
    return {row[0]: int(row[1]) for row in rows}
