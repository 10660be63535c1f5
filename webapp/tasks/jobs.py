"""Background work of tasks."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.tasks.models import TaskMove

UNDO_KEPT = timedelta(days=30)


def prune() -> None:
    """Forget what can no longer be undone."""
    db.session.execute(delete(TaskMove).where(TaskMove.moved_at < clock.now() - UNDO_KEPT))
