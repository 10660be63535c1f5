"""Moving a card, and taking the move back."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.boards import ranks as board_ranks
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.deadlines import end_of_day
from webapp.notifications import actions as notification_actions
from webapp.tasks import policy
from webapp.tasks.actions.open_board import still_open
from webapp.tasks.models import Task, TaskMove
from webapp.tasks.queries import boards as task_boards

ANSWER_DAYS = 2
MOVE_OF = {(source, move.target): move.name for move in Task.law.moves.values() for source in move.sources}
"""The machine's move for (column, column)."""


class Overtaken(Stale):
    """Somebody moved the card since it was shown; `task` is the card as it is now."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task


def move(
    task: Task,
    *,
    actor: Person,
    to: str,
    before: str,
    move_version: int,
    waits_for: int | None = None,
    why: str = "",
    operation_id: uuid.UUID | None = None,
) -> str:
    """Put a card into column `to`, before the card with that number, at the "top" or at the "end".

    With the `operation_id` of the form that asked, the move can be undone by it. Returns the column it came from.
    Raises NotAllowed, Overtaken when `move_version` is not the card's any more, NotNow when the machine knows no such step, Invalid when a block does not say who is waited for and why.
    """
    lifecycle.lock(task)
    came_from = task.state
    name = MOVE_OF.get((came_from, to))
    may = lifecycle.guard_of(task, name).may if name else policy.may_work
    if not may(actor, task):
        raise NotAllowed
    if move_version != task.move_version:
        raise Overtaken(task)
    still_open(task.internship)
    waited_for, was = _waited_for(task, waits_for, why) if name == "block" else None, _as_it_is(task)
    if name is None and to != came_from:
        raise NotNow(_l("A task can't go there in one step. Take the steps in between."))
    rank, values = board_ranks.place(task_boards.board_query_of(task.internship), task, to, before)
    fields = {
        "rank": rank,
        "move_version": task.move_version + 1,
        "moved_at": clock.now(),
        "moved_by": actor,
        **_block(task, to, waited_for, why),
    }
    along = [_record_of(task, operation_id, actor, was)] if operation_id is not None else []
    if name is None:
        history.record(
            task.internship,
            task,
            "place",
            actor=actor,
            params={"column": to},
            changes=fields,
            along=along,
            values=values,
        )
    else:
        params, reason = ({"waits_for": waited_for.id}, why) if waited_for else ({}, None)
        lifecycle.advance(
            task, name, actor=actor, fields=fields, params=params, text=reason, along=along, values=values
        )
    if waited_for is not None:
        _tell_of_block(task, waited_for, actor)
    return came_from


def _waited_for(task: Task, person_id: int | None, why: str) -> Person:
    people = {person.id: person for person in task_boards.people_to_wait_for(task.internship)}
    if person_id not in people:
        raise Invalid(_("Choose who you're waiting for."), field="waits_for")
    if not why:
        raise Invalid(_("Enter a few words about what you're waiting for."), field="why")
    return people[person_id]


def _block(task: Task, to: str, waited_for: Person | None, why: str) -> dict[str, Any]:
    """Whom a card waits for in the column `to`; one that is only put elsewhere among the blocked goes on waiting."""
    if waited_for is not None:
        holidays = task.internship.terms.holidays
        by = end_of_day(clock.now(), ANSWER_DAYS, waited_for.zone, working=True, holidays=holidays)
        return {"blocked_on": waited_for, "blocked_why": why, "answer_by": by}
    return {} if to == "blocked" else {"blocked_on": None, "blocked_why": "", "answer_by": None}


def _tell_of_block(task: Task, waited_for: Person, actor: Person) -> None:
    assert isinstance(task.answer_by, datetime)
    notification_actions.tell(
        waited_for,
        "task_blocked",
        key=f"task_blocked:{task.id}:{task.move_version}",
        path=f"/tasks/{task.id}",
        name=actor.preferred_name,
        task=task.title,
        until=task.answer_by,
    )


def undo(task_move: TaskMove, *, actor: Person) -> str:
    """The person who moved a card undoes that move: the column, the exact place, and whom it waited for.

    Returns the column it leaves. Raises NotAllowed for anybody else, Overtaken once something else has happened to
    the card, NotNow where the move was taken back before.
    """
    task = task_move.task
    lifecycle.lock(task)
    lifecycle.reread(task_move)
    if not policy.may_undo(actor, task_move):
        raise NotAllowed
    if task_move.undone_at is not None:
        raise NotNow(_l("This move was already undone."))
    if task.move_version != task_move.move_version_after:
        raise Overtaken(task)
    still_open(task.internship)
    left, to = task.state, str(task_move.before["state"])
    fields = {
        **_as_it_was(task, task_move.before),
        "move_version": task.move_version + 1,
        "moved_at": clock.now(),
        "moved_by": actor,
    }
    way = _way_back(left, to)
    for step, name in enumerate(way, start=1):
        params = {"waits_for": task_move.before["blocked_on"]} if name == "block" else None
        # Undoing needs no right of its own: a reviewer who unblocked a card may block it again.
        lifecycle.advance(
            task,
            name,
            actor=actor,
            fields=fields if step == len(way) else None,
            params=params,
            implied=True,
        )
    if not way:
        history.record(task.internship, task, "place", actor=actor, params={"column": to}, changes=fields)
    task_move.undone_at = clock.now()
    db.session.flush()
    return left


def _way_back(state: str, to: str) -> list[str]:
    """The moves that lead from one column to another: usually one, at most two."""
    if state == to:
        return []
    if (state, to) in MOVE_OF:
        return [MOVE_OF[state, to]]
    between = next(s for s in Task.law.states if (state, s) in MOVE_OF and (s, to) in MOVE_OF)
    return [MOVE_OF[state, between], MOVE_OF[between, to]]


def _record_of(task: Task, operation_id: uuid.UUID, actor: Person, before: dict[str, Any]) -> TaskMove:
    return TaskMove(
        operation_id=operation_id,
        task_id=task.id,
        person_id=actor.id,
        move_version_after=task.move_version + 1,
        before=before,
        moved_at=clock.now(),
    )


def _as_it_is(task: Task) -> dict[str, Any]:
    """What a move changes of a card; the rank as text, for it has more digits than JSON's numbers keep."""
    return {
        "state": task.state,
        "rank": str(task.rank),
        "blocked_on": task.blocked_on_id,
        "blocked_why": task.blocked_why,
        "answer_by": task.answer_by.isoformat() if task.answer_by else None,
    }


def _as_it_was(task: Task, before: dict[str, Any]) -> dict[str, Any]:
    """What an undo gives back to a card: its place in the column it returns to, and whom it waited for."""
    board, waited_for = task_boards.board_query_of(task.internship), before["blocked_on"]
    return {
        "rank": board_ranks.free_rank(board, task, before["state"], Decimal(before["rank"])),
        "blocked_on": db.session.get_one(Person, waited_for) if waited_for is not None else None,
        "blocked_why": before["blocked_why"],
        "answer_by": datetime.fromisoformat(before["answer_by"]) if before["answer_by"] else None,
    }
