"""What a person was told."""

from __future__ import annotations

from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core.database import facts
from webapp.core.database.base import db
from webapp.core.database.facts import PersonFact
from webapp.core.database.pages import Page, read_page
from webapp.core.lifecycle.history import Viewer
from webapp.notifications.models import Notice


def inbox(person_id: int, after: int | None) -> Page[Notice]:
    """A person's notices, the newest first, a page at a time."""
    own = select(Notice).where(Notice.person_id == person_id)
    return read_page(own, Notice, (Notice.id,), after, newest_first=True)


UNREAD = (
    select(func.count())
    .where(Notice.person_id == Person.id, Notice.read_at.is_(None))
    .correlate(Person)
    .scalar_subquery()
)
PERSON_FACTS = {"unread_notices": PersonFact(UNREAD)}


def unread_count(person_id: int) -> int:
    """How many notices wait to be read."""
    unread_of = select(UNREAD).where(Person.id == person_id)
    return facts.fact("unread_notices", person_id, lambda: db.session.scalar(unread_of) or 0)


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
