"""The name by which this installation knows its own things at a provider that several installations share."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database.base import Base, db


class Installation(Base):
    """One row, made by its migration: it travels with the database, also into a restored one."""

    __tablename__ = "installation"
    singleton: Mapped[bool] = mapped_column(primary_key=True, default=True)
    uid: Mapped[str]


def uid() -> str:
    """Eight characters that no other installation has; the beginning of every key we give to a provider."""
    return db.session.scalars(select(Installation.uid)).one()
