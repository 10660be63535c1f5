"""What every verb of a board needs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.errors import NotAllowed
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.guards import CLOSED
from webapp.tasks.models import Task
from webapp.tasks.queries import boards as task_boards

MOST_CARDS = 2_000


def still_open(internship: Internship) -> None:
    """Nobody changes a board whose work is over, or in dispute."""
    if not policy.is_open(internship):
        raise CLOSED.raised()


def lock_open(task: Task, *, actor: Person) -> None:
    """Lock a card, which this person may change now. Raises NotAllowed, NotNow when the board is closed."""
    lifecycle.lock(task)
    if not policy.may_edit(actor, task):
        raise NotAllowed
    still_open(task.internship)


def changed(task: Task, move: str, *, actor: Person, params: dict[str, Any] | None = None) -> None:
    """Something about a card other than its words has changed: it is recorded, and open boards are told."""
    db.session.flush()
    history.record(task.internship, task, move, actor=actor, params=params)


def room_left(internship: Internship) -> int:
    """How many more cards a board holds; the caller holds the internship's lock."""
    return max(0, MOST_CARDS - sum(task_boards.counts(internship).values()))


def last_rank(internship: Internship) -> Decimal | None:
    """The rank behind which a new card goes; the caller holds the internship's lock."""
    return db.session.scalar(
        select(func.max(Task.rank)).where(Task.internship_id == internship.id, Task.state == Task.law.initial)
    )
