"""Notices: what a person is told, in codes and parameters."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database.base import Base, Identified


class Notice(Identified, Base):
    """One thing one person is told. `key` makes a second notice of the same event impossible."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_person", "person_id", "told_at"),)
    key: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    code: Mapped[str]
    params: Mapped[dict[str, Any]]
    path: Mapped[str]
    told_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
