"""What every verb of a board needs."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core import announcing
from webapp.core.announcing import Change
from webapp.core.audit import Actor
from webapp.core.errors import NotNow
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.models import Task


def announce_change(task: Task, *, actor: Actor) -> None:
    """Whoever has this board open hears of it once it is committed."""
    number = task.internship.history_number
    announcing.announce(Change(task.internship_id, number, task.id, task.seq, actor.id or 0))


def still_open(internship: Internship) -> None:
    """Nobody changes a board whose work is over, or in dispute."""
    if not policy.is_open(internship):
        raise NotNow(_l("The board is closed, because the work is over or a dispute is open."))
