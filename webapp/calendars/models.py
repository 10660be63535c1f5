"""Calendars: the secret address at which a person's dates can be read by a calendar program."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database.base import Base


class CalendarFeed(Base):
    """One address a person: anyone who has `secret` may read; a new one makes the old address worthless."""

    __tablename__ = "calendar_feed"
    __table_args__ = (CheckConstraint("length(secret) = 16", name="secret"),)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True)
    secret: Mapped[bytes]
    made_at: Mapped[datetime]
