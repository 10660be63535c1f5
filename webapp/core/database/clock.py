"""What time it is for the lifecycle: the database's transaction time plus the demo's offset."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy import Interval, event, text
from sqlalchemy.orm import Mapped, Session, mapped_column, scoped_session

from webapp.core.database.base import Base, db


class ClockOffset(Base):
    """One row: how far the demo's clock is from the real one. Always zero in production."""

    __tablename__ = "clock_offset"
    singleton: Mapped[bool] = mapped_column(primary_key=True, default=True)
    offset: Mapped[timedelta] = mapped_column(Interval)


def now() -> datetime:
    """The instant (UTC) at which this transaction happens; the same for its whole length."""
    session = db.session
    known = session.info.get("now")
    if known is None:
        known = session.scalar(text("SELECT stint_now()")).astimezone(UTC)
        session.info["now"] = known
    return cast(datetime, known)


def remember(now: datetime) -> None:
    """What `stint_now()` said in a statement of this transaction that was asked anyway."""
    db.session.info.setdefault("now", now.astimezone(UTC))


def today(zone: str) -> date:
    """The day that it is in a zone now."""
    return now().astimezone(ZoneInfo(zone)).date()


def real_now() -> datetime:
    """Wall-clock time for sessions, tokens and signatures, which the demo's offset must not touch."""
    return datetime.now(UTC)


def shift(offset: timedelta) -> None:
    """Move the lifecycle's clock to real time plus `offset`; demo and tests only."""
    settings = current_app.extensions["settings"]
    if settings.production:
        raise RuntimeError("The clock of a production installation cannot be moved.")
    db.session.execute(text('UPDATE clock_offset SET "offset" = :offset'), {"offset": offset})
    db.session.info.pop("now", None)


def offset() -> timedelta:
    """How far the lifecycle's clock is from real time."""
    return cast(timedelta, db.session.scalar(text('SELECT "offset" FROM clock_offset')))


def forget(session: Session | scoped_session[Any], *_: object) -> None:
    """A new transaction has a new time."""
    session.info.pop("now", None)


event.listen(Session, "after_commit", forget)
event.listen(Session, "after_rollback", forget)
