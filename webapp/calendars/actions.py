"""Giving out the secret address of one's dates, and taking it back."""

from __future__ import annotations

from secrets import token_bytes

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.models import Person
from webapp.calendars.models import CalendarFeed
from webapp.core.database import clock
from webapp.core.database.base import db

SECRET_LENGTH = 16  # bytes


def make_address(*, actor: Person) -> None:
    """Somebody wants an address for their calendar program; the one of before is worthless at once."""
    fresh = {"secret": token_bytes(SECRET_LENGTH), "made_at": clock.now()}
    statement = insert(CalendarFeed).values(person_id=actor.id, **fresh)
    # Asked for twice at the same moment there is still one: the later.
    db.session.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=fresh))
    account_actions.record(actor, "calendar_address", actor=actor)


def remove_address(*, actor: Person) -> None:
    """Somebody wants no program to read their dates any more."""
    removed = delete(CalendarFeed).where(CalendarFeed.person_id == actor.id).returning(CalendarFeed.person_id)
    if db.session.scalar(removed) is not None:
        account_actions.record(actor, "calendar_removed", actor=actor)
