"""What people do with a board: begin the work, add, word and move cards."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core import announcing, audit, board, clock, lifecycle
from webapp.core.announcing import Change
from webapp.core.audit import Actor
from webapp.core.db import db
from webapp.core.deadlines import end_of_day
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.internships import actions as internships
from webapp.internships.models import Internship
from webapp.notifications import actions as notifications
from webapp.payments import queries as payments
from webapp.tasks import policy, queries
from webapp.tasks.models import Task

ANSWER_DAYS = 2
MOST_CARDS = 2_000
MOVE_OF = {(source, move.target): move.name for move in Task.law.moves.values() for source in move.sources}
"""The machine's move for (column, column)."""


class Overtaken(Stale):
    """Somebody moved the card since it was shown; `task` is the card as it is now."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task


def begin_work(internship: Internship, *, actor: Person, version: int) -> None:
    """The intern starts: the internship is in progress and the board holds one card a deliverable.

    Raises NotNow with what is missing: a signature, the money, or a way to be paid.
    """
    lifecycle.lock(internship)
    missing = []
    if internship.signed_at is None:
        missing.append(_("both sides must have accepted the agreement"))
    if internship.secured_at is None:
        missing.append(_("the money must be secured"))
    if not payments.payable(actor, payments.rail_of(internship)):
        missing.append(_("you must say where your pay should go"))
    if internship.state == "matched" and missing:
        raise NotNow(_("You cannot start yet: %(missing)s.", missing=", ".join(missing)))
    internships.start(internship, actor=actor, version=version)
    seed_board(internship, actor=actor)


def seed_board(internship: Internship, *, actor: Actor) -> list[Task]:
    """Put one card on the board for each deliverable of the agreement, in its order."""
    lifecycle.lock(internship)
    seeded = []
    for position, deliverable in enumerate(internship.terms["deliverables"], start=1):
        task = Task(
            internship_id=internship.id,
            title=str(deliverable["title"])[:200],
            detail=str(deliverable["detail"]),
            rank=board.STEP * position,
            deliverable=position,
            created_by_id=actor.id,
            created_at=clock.now(),
        )
        lifecycle.begin(task, actor=actor, params={"deliverable": position})
        seeded.append(task)
    return seeded


def add(internship: Internship, *, actor: Person, title: str, detail: str) -> Task:
    """Somebody on the board adds a card at the end of To do."""
    lifecycle.lock(internship)
    if not policy.may_add(actor, internship):
        raise NotAllowed
    _still_open(internship)
    if sum(queries.counts(internship).values()) >= MOST_CARDS:
        raise Invalid(
            _("A board holds at most %(most)s tasks. Put several into one.", most=MOST_CARDS), field="title"
        )
    last = db.session.scalar(
        select(func.max(Task.rank)).where(Task.internship_id == internship.id, Task.state == Task.law.initial)
    )
    task = Task(
        internship_id=internship.id,
        title=title,
        detail=detail,
        rank=board.between(last, None),
        created_by_id=actor.id,
        created_at=clock.now(),
    )
    lifecycle.begin(task, actor=actor)
    _announce(task, actor)
    return task


def edit(task: Task, *, actor: Person, version: int, title: str, detail: str) -> None:
    """Somebody on the board words a card anew. Moves of the card meanwhile do not matter; other edits do."""
    lifecycle.lock(task)
    if not policy.may_edit(actor, task):
        raise NotAllowed
    if version != task.version:
        raise Stale
    _still_open(task.internship)
    if (title, detail) == (task.title, task.detail):
        return
    task.title, task.detail = title, detail
    task.version += 1
    audit.record(task.internship, task, "edit", actor=actor)
    _announce(task, actor)


def move(
    task: Task,
    *,
    actor: Person,
    to: str,
    before: str,
    seq: int,
    waits_for: int | None = None,
    why: str = "",
) -> str:
    """Put a card into column `to`, before the card with that number, at the "top" or at the "end".

    Returns the column it came from. Raises NotAllowed, Overtaken when `seq` is not the card's any more, NotNow
    when the machine knows no such step, Invalid when a block does not say who is waited for and why.
    """
    lifecycle.lock(task)
    came_from = task.state
    name = MOVE_OF.get((came_from, to))
    may = policy.MOVES[name] if name else policy.may_work
    if not may(actor, task):
        raise NotAllowed
    if seq != task.seq:
        raise Overtaken(task)
    _still_open(task.internship)
    waited_for = _waited_for(task, waits_for, why) if name == "block" else None
    above, below = board.neighbours(queries.lane(task.internship), task, to, before)
    if to == came_from:
        audit.record(task.internship, task, "place", actor=actor, params={"column": to})
    elif name is None:
        raise NotNow(_l("A task cannot go from there to here in one step. Take the steps between."))
    else:
        edits = task.version
        params, reason = ({"waits_for": waited_for.id}, why) if waited_for else ({}, None)
        lifecycle.advance(task, name, actor=actor, version=None, may=may, params=params, text=reason)
        task.version = edits  # moves are counted by `seq`, so that a form which words the card stays good
    _remember_block(task, waited_for, why)
    task.rank = board.between(above, below)
    task.seq += 1
    task.moved_at, task.moved_by = clock.now(), actor
    db.session.flush()
    _announce(task, actor)
    if waited_for is not None:
        _tell_of_block(task, waited_for, actor)
    return came_from


def _waited_for(task: Task, person_id: int | None, why: str) -> Person:
    people = {person.id: person for person in queries.people_to_wait_for(task.internship)}
    if person_id not in people:
        raise Invalid(_("Say who is waited for."), field="waits_for")
    if not why:
        raise Invalid(_("Say in a few words what you are waiting for."), field="why")
    return people[person_id]


def _remember_block(task: Task, waited_for: Person | None, why: str) -> None:
    if waited_for is not None:
        holidays = [date.fromisoformat(day) for day in task.internship.terms.get("holidays", [])]
        task.blocked_on, task.blocked_why = waited_for, why
        task.answer_by = end_of_day(
            clock.now(), ANSWER_DAYS, waited_for.zone, working=True, holidays=holidays
        )
    elif task.state != "blocked":
        task.blocked_on, task.blocked_why, task.answer_by = None, "", None


def _tell_of_block(task: Task, waited_for: Person, actor: Person) -> None:
    assert isinstance(task.answer_by, datetime)
    notifications.tell(
        waited_for,
        "task_blocked",
        key=f"task_blocked:{task.id}:{task.seq}",
        path=f"/tasks/{task.id}",
        name=actor.preferred_name,
        task=task.title,
        until=task.answer_by,
    )


def _announce(task: Task, actor: Actor) -> None:
    """Whoever has this board open hears of it once it is committed."""
    number = task.internship.history_number
    announcing.announce(Change(task.internship_id, number, task.id, task.seq, actor.id or 0))


def _still_open(internship: Internship) -> None:
    if not policy.is_open(internship):
        raise NotNow(_l("The board is closed, because the work is over or a dispute is open."))
