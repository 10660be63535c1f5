"""What somebody may see of a board: its columns, 25 cards at a time, with exact counts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import joinedload

from webapp.accounts.models import Person
from webapp.core.db import db
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.organisations import queries as organisations
from webapp.tasks import policy
from webapp.tasks.models import Task

PAGE = 25


@dataclass(frozen=True)
class Column:
    """One column: `cards` are those shown; `more_after` is the last of them when others follow."""

    state: str
    count: int
    cards: list[Task]
    more_after: int | None
    left: int
    from_start: bool


def for_viewer(person: Any, task_id: int) -> Task | None:
    """The task, if this person may see its internship."""
    task = db.session.get(Task, task_id, options=[joinedload(Task.blocked_on), joinedload(Task.moved_by)])
    if task is None or internships.for_viewer(person, task.internship_id) is None:
        return None
    return task


def board_for_viewer(person: Any, internship_id: int) -> Internship | None:
    """The internship, if this person may see it and it has a board: from the start on."""
    internship = internships.for_viewer(person, internship_id)
    return internship if internship is not None and internship.started_at is not None else None


def counts(internship: Internship) -> dict[str, int]:
    """How many cards each column holds."""
    rows = db.session.execute(
        select(Task.state, func.count()).where(Task.internship_id == internship.id).group_by(Task.state)
    )
    found = {state: int(count) for state, count in rows}
    return {state: found.get(state, 0) for state in Task.law.states}


def open_count(internship: Internship) -> int:
    """How many cards are not done."""
    return sum(count for state, count in counts(internship).items() if state != "done")


def columns(internship: Internship, after: Mapping[str, int]) -> list[Column]:
    """The four columns; `after` names, for a column, the card behind which to begin."""
    totals = counts(internship)
    return [_column(internship, state, totals[state], after.get(state)) for state in Task.law.states]


def _column(internship: Internship, state: str, count: int, after: int | None) -> Column:
    begin = _of_column(internship, state, after) if after else None
    cards = _cards(internship, state, begin, PAGE + 1)
    shown, more = cards[:PAGE], len(cards) > PAGE
    left = max(0, count - _position(shown[-1])) if more else 0
    return Column(state, count, shown, shown[-1].id if more else None, left, begin is None)


def _of_column(internship: Internship, state: str, task_id: int) -> Task | None:
    task = db.session.get(Task, task_id)
    if task is None or task.internship_id != internship.id or task.state != state:
        return None
    return task


def _cards(internship: Internship, state: str, after: Task | None, most: int) -> list[Task]:
    query = (
        select(Task)
        .where(Task.internship_id == internship.id, Task.state == state)
        .options(joinedload(Task.blocked_on))
        .order_by(Task.rank, Task.id)
        .limit(most)
    )
    if after is not None:
        query = query.where(tuple_(Task.rank, Task.id) > (after.rank, after.id))
    return list(db.session.scalars(query))


def _position(task: Task) -> int:
    """The place of a card in its column, counted from 1."""
    before = select(func.count()).where(
        Task.internship_id == task.internship_id,
        Task.state == task.state,
        tuple_(Task.rank, Task.id) <= (task.rank, task.id),
    )
    return int(db.session.scalar(before) or 0)


@dataclass(frozen=True)
class Place:
    """Where a card is: its position in its column, and the card that follows it."""

    position: int
    count: int
    next_id: int | None

    @property
    def on_first_page(self) -> bool:
        return self.position <= PAGE


def place_of(task: Task) -> Place:
    """Where a card really is now."""
    following = _cards(task.internship, task.state, task, 1)
    total = counts(task.internship)[task.state]
    return Place(_position(task), total, following[0].id if following else None)


def ranks_around(task: Task, to: str, before: str) -> tuple[Decimal | None, Decimal | None]:
    """The ranks between which a card goes in column `to`: "top", "end", or before the card of that number.

    A neighbour that is no longer in the column sends the card to its end. The caller holds the root's lock.
    """
    others = [Task.internship_id == task.internship_id, Task.state == to, Task.id != task.id]
    if before == "top":
        return None, db.session.scalar(select(func.min(Task.rank)).where(*others))
    neighbour = db.session.get(Task, int(before)) if before != "end" else None
    if neighbour is not None and neighbour.id != task.id:
        db.session.refresh(neighbour)
        if neighbour.internship_id == task.internship_id and neighbour.state == to:
            lower = select(func.max(Task.rank)).where(*others, Task.rank < neighbour.rank)
            return db.session.scalar(lower), neighbour.rank
    return db.session.scalar(select(func.max(Task.rank)).where(*others)), None


def people_to_wait_for(internship: Internship) -> list[Person]:
    """Whom a blocked card may wait for: the employer's people and the programme's mentors, never the intern."""
    posting = internship.posting
    found = {
        person.id: person
        for person in [
            *organisations.members(posting.organisation_id, "owner", "reviewer"),
            *organisations.members(posting.programme_id, "mentor"),
        ]
        if person.id != internship.intern_id
    }
    return sorted(found.values(), key=lambda person: person.full_name)


def first_cards(internship: Internship, state: str) -> list[Task]:
    """The cards of a column before which another one may be placed."""
    return _cards(internship, state, None, PAGE)


def targets(person: Any, task: Task) -> list[str]:
    """The columns to which this person may move the card now, its own first when they may reorder it."""
    moves = [Task.law.target(task.state, move) for move in policy.moves_for(person, task)]
    stay = [task.state] if policy.may_work(person, task) and policy.is_open(task.internship) else []
    return [*stay, *dict.fromkeys(moves)]


def blocked_on(person: Person) -> list[Task]:
    """The cards that wait for this person's answer, the oldest promise first."""
    query = (
        select(Task)
        .where(Task.state == "blocked", Task.blocked_on_id == person.id)
        .options(joinedload(Task.internship).joinedload(Internship.posting))
        .order_by(Task.answer_by, Task.id)
    )
    return list(db.session.scalars(query))


def blocked_counts(internship_ids: list[int]) -> dict[int, int]:
    """How many cards of each of these internships are blocked; those without any are left out."""
    rows = db.session.execute(
        select(Task.internship_id, func.count())
        .where(Task.internship_id.in_(internship_ids), Task.state == "blocked")
        .group_by(Task.internship_id)
    )
    return {row[0]: int(row[1]) for row in rows}
