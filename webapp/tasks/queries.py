"""What somebody may see of a board: its columns, 25 cards at a time, with exact counts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload, selectinload

from webapp.accounts.models import Person
from webapp.core import board, clock
from webapp.core.announcing import Change
from webapp.core.audit import HistoryEntry
from webapp.core.board import PAGE, Lane, Place
from webapp.core.db import db
from webapp.core.sessions import WebSession
from webapp.core.stream import Source
from webapp.internships import queries as internships
from webapp.internships.models import Internship
from webapp.organisations import queries as organisations
from webapp.tasks import policy
from webapp.tasks.models import Check, Task, TaskMove

MISSED_AT_MOST = 200


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


def lane(internship: Internship) -> Lane:
    """The board of one internship, in the order that its people gave it."""
    return Lane(
        Task,
        Task.law.states,
        scope=(Task.internship_id == internship.id,),
        order=(Task.rank, Task.id),
        options=(joinedload(Task.blocked_on), selectinload(Task.checks)),
        manual=True,
    )


@dataclass(frozen=True)
class Shown:
    """What of a board somebody wants to see, and in which order; codes and words as they stand in the address."""

    q: str = ""
    due: str = ""
    label: str = ""
    sort: str = "manual"


def today_of(internship: Internship) -> date:
    """The day that it is where the intern lives: by it cards are due."""
    return clock.now().astimezone(ZoneInfo(internship.terms["intern_zone"])).date()


def shown(internship: Internship, wanted: Shown) -> Lane:
    """A board, of which only some cards are shown; sorted by day, nobody can put them in another order."""
    found = lane(internship)
    today = today_of(internship)
    if wanted.q:
        found = found.filtered(Task.title.icontains(wanted.q, autoescape=True))
    if wanted.label:
        found = found.filtered(Task.labels.contains([wanted.label]))
    if wanted.due == "overdue":
        found = found.filtered(Task.due_on < today, Task.state != "done")
    elif wanted.due == "week":
        found = found.filtered(Task.due_on.between(today, today + timedelta(days=7)))
    elif wanted.due == "none":
        found = found.filtered(Task.due_on.is_(None))
    if wanted.sort == "due":
        day = func.coalesce(Task.due_on, date(9999, 12, 31))
        found = replace(found, order=(day, Task.rank, Task.id), manual=False)
    return found


def counts(internship: Internship) -> dict[str, int]:
    """How many cards each column holds."""
    return board.counts(lane(internship))


def open_count(internship: Internship) -> int:
    """How many cards are not done."""
    return sum(count for state, count in counts(internship).items() if state != "done")


def place_of(task: Task) -> Place:
    """Where a card really is now."""
    return board.place_of(lane(task.internship), task)


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


def mentioned(internship: Internship, names: Iterable[str]) -> list[Person]:
    """The people around a board whose preferred or full name, written without spaces, was written after an @."""
    around = [*people_to_wait_for(internship), *([internship.intern] if internship.intern else [])]
    wanted = {name.casefold().rstrip(".,:;!?") for name in names}
    return [
        person for person in around if {_handle(person.preferred_name), _handle(person.full_name)} & wanted
    ]


def _handle(name: str) -> str:
    return "".join(name.split()).casefold()


def check_for_viewer(person: Any, check_id: int) -> Check | None:
    """A line of a checklist, if this person may see its internship."""
    check = db.session.get(Check, check_id)
    return check if check is not None and for_viewer(person, check.task_id) is not None else None


def move_of(person: Any, op: str) -> TaskMove | None:
    """The move that a form with this operation id made, if this person may see its internship."""
    try:
        made = db.session.get(TaskMove, uuid.UUID(op))
    except ValueError:
        return None
    return made if made is not None and for_viewer(person, made.task_id) is not None else None


def first_cards(internship: Internship, state: str) -> list[Task]:
    """The cards of a column before which another one may be placed."""
    return board.cards(lane(internship), state, PAGE)


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


# What the live stream asks: topics are internships, numbers those of their histories


def newest(internships: Iterable[int]) -> dict[int, int]:
    """The number of the last change of each of these internships."""
    query = select(Internship.id, Internship.history_number).where(Internship.id.in_(list(internships)))
    return {row[0]: int(row[1]) for row in db.session.execute(query)}


def since(internship_id: int, n: int) -> list[Change]:
    """What changed on the board of an internship after change number `n`, in order."""
    query = (
        select(HistoryEntry.number, Task.id, Task.seq, HistoryEntry.actor_id)
        .join(Task, Task.id == HistoryEntry.subject_id)
        .where(
            HistoryEntry.root_kind == "internship",
            HistoryEntry.root_id == internship_id,
            HistoryEntry.number > n,
            HistoryEntry.subject_kind == "task",
        )
        .order_by(HistoryEntry.number)
        .limit(MISSED_AT_MOST)
    )
    return [
        Change(internship_id, int(number), int(card), int(seq), int(actor or 0))
        for number, card, seq, actor in db.session.execute(query)
    ]


def allowed(asked: Iterable[tuple[int, bytes, int]]) -> set[tuple[int, bytes, int]]:
    """Those (person, session, internship) that may still look: signed in, and within what they may see."""
    wanted = list(asked)
    alive = _alive_sessions([bytes(session) for _, session, _ in wanted])
    people = {
        person.id: person
        for person in db.session.scalars(select(Person).where(Person.id.in_({one[0] for one in wanted})))
        if person.is_active
    }
    seen: dict[tuple[int, int], bool] = {}
    for person_id, session, internship_id in wanted:
        if person_id in people and session in alive and (person_id, internship_id) not in seen:
            found = board_for_viewer(people[person_id], internship_id)
            seen[person_id, internship_id] = found is not None
    return {one for one in wanted if one[1] in alive and seen.get((one[0], one[2]), False)}


def _alive_sessions(hashes: list[bytes]) -> set[bytes]:
    now = clock.real_now()
    rows = db.session.scalars(select(WebSession).where(WebSession.token_hash.in_(hashes)))
    return {bytes(row.token_hash) for row in rows if row.alive(now)}


SOURCE = Source(newest=newest, since=since, allowed=allowed)
