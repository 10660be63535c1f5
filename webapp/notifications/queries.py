"""What a person was told."""

from __future__ import annotations

from sqlalchemy import func, select

from webapp.core.database.base import db
from webapp.core.database.pages import Page, read_page
from webapp.core.lifecycle.history import Viewer
from webapp.notifications.models import Notice


def inbox(person_id: int, *, before: int | None = None) -> Page[Notice]:
    """A page of a person's notices, the newest first; those before the id `before` when given."""
    told = select(Notice).where(Notice.person_id == person_id)
    return read_page(told, Notice, (Notice.id,), before, newest_first=True)


def unread_count(person_id: int) -> int:
    """How many notices wait to be read."""
    return (
        db.session.scalar(select(func.count()).where(Notice.person_id == person_id, Notice.read_at.is_(None)))
        or 0
    )


def unread(person_id: int, *, at_most: int = 10) -> list[Notice]:
    """The newest notices that wait to be read."""
    return list(
        db.session.scalars(
            select(Notice)
            .where(Notice.person_id == person_id, Notice.read_at.is_(None))
            .order_by(Notice.id.desc())
            .limit(at_most)
        )
    )


def for_reader(person: Viewer, notice_id: int) -> Notice | None:
    """A notice, for the one person who was told."""
    notice = db.session.get(Notice, notice_id)
    return notice if notice is not None and person is not None and notice.person_id == person.id else None
