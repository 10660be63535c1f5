"""Deadlines are rows: armed and disarmed by the door, rung by one sweep."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, ClassVar, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ARRAY,
    Cast,
    CheckConstraint,
    ColumnExpressionArgument,
    DateTime,
    Index,
    Numeric,
    Select,
    cast,
    func,
    select,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database import clock, facts
from webapp.core.database.base import Base, Identified, db
from webapp.core.database.pages import first_of
from webapp.core.database.transactions import unit_of_work, with_retries
from webapp.core.errors import AppError
from workflows.machine import Law

log = logging.getLogger(__name__)
SWEEP_AT_MOST = 500


@dataclass(frozen=True)
class Due:
    """When a clock rings, and when it reminds before (instants in UTC)."""

    at: datetime
    reminders: tuple[datetime, ...] = ()


class Deadline(Identified, Base):
    """One clock of one row. `armed` rings at `due_at`; `fired` and `disarmed` are over."""

    __tablename__ = "deadline"
    __table_args__ = (
        CheckConstraint("state IN ('armed', 'fired', 'disarmed')", name="state"),
        Index(
            "uq_deadline_armed",
            "subject_kind",
            "subject_id",
            "kind",
            unique=True,
            postgresql_where=text("state = 'armed'"),
        ),
        Index("ix_deadline_next", "next_at", postgresql_where=text("state = 'armed'")),
    )
    kind: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    due_at: Mapped[datetime]
    next_at: Mapped[datetime]
    reminders: Mapped[list[datetime]] = mapped_column(ARRAY(DateTime(timezone=True)), default=list)
    reminded: Mapped[int] = mapped_column(default=0, server_default="0")
    state: Mapped[str] = mapped_column(default="armed")
    armed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    not_before: Mapped[datetime | None]


class Timed(Protocol):
    """A row whose law declares clocks."""

    id: int
    state: str
    law: ClassVar[Law]

    @property
    def kind(self) -> str: ...

    @property
    def frozen(self) -> bool: ...

    def due(self, kind: str) -> Due | None: ...


def end_of_day(
    after: datetime, days: int, zone: str, *, working: bool = False, holidays: Sequence[date] = ()
) -> datetime:
    """23:59:59 in `zone`, `days` after the local day of `after`; with `working`, weekends and `holidays` do not count.

    `zone` is that of the person who must act. The one place where days become an instant.
    """
    local = after.astimezone(ZoneInfo(zone))
    day, left = local.date(), days
    while left > 0:
        day += timedelta(days=1)
        if not working or (day.weekday() < 5 and day not in holidays):
            left -= 1
    return datetime.combine(day, time(23, 59, 59), ZoneInfo(zone)).astimezone(UTC)


def armed(row: Timed) -> dict[str, Deadline]:
    """The running clocks of a row, by kind; of the rows of a list, as they were preloaded."""
    return facts.fact("clocks", (row.kind, row.id), lambda: armed_of(row.kind, [row.id])[row.id])


def armed_of(kind: str, ids: Iterable[int]) -> dict[int, dict[str, Deadline]]:
    """The running clocks of many rows of a kind, by id, read at once."""
    clocks: dict[int, dict[str, Deadline]] = {number: {} for number in ids}
    running = select(Deadline).where(
        Deadline.subject_kind == kind, Deadline.subject_id.in_(clocks), Deadline.state == "armed"
    )
    for row in db.session.scalars(running):
        clocks[row.subject_id][row.kind] = row
    return clocks


def preload(kind: str, ids: Iterable[int]) -> None:
    """Read the running clocks of a list at once: `armed` answers from them."""
    facts.preload("clocks", {(kind, number): clocks for number, clocks in armed_of(kind, ids).items()})


def due_times(subject_kind: str, ids: Sequence[int], kind: str) -> dict[int, datetime]:
    """When the clock `kind` of each of these rows rings, for those where it runs; read at once."""
    running = select(Deadline.subject_id, Deadline.due_at).where(
        Deadline.subject_kind == subject_kind,
        Deadline.subject_id.in_(ids),
        Deadline.kind == kind,
        Deadline.state == "armed",
    )
    return {row[0]: row[1] for row in db.session.execute(running)}


def by_deadline(subject_kind: str, subject_id: ColumnExpressionArgument[int]) -> Select[datetime]:
    """For sorting and filtering: when the first clock of a row rings; NULL where none runs."""
    return select(func.min(Deadline.due_at)).where(
        Deadline.subject_kind == subject_kind, Deadline.subject_id == subject_id, Deadline.state == "armed"
    )


def soonest_first(
    until: ColumnExpressionArgument[datetime | None], over_at: ColumnExpressionArgument[datetime | None]
) -> Cast[Decimal]:
    """For sorting: the nearest deadline first, then what has none; of what is over, the newest first."""
    seconds = func.coalesce(func.extract("epoch", until), 1e12 - func.extract("epoch", over_at), 1e13)
    return cast(seconds, Numeric(20, 6))


def overdue(since: timedelta, at_most: int) -> tuple[list[Deadline], int]:
    """The clocks that should have rung at least `since` ago and have not: the first of them, and how many in all."""
    late = select(Deadline).where(Deadline.state == "armed", Deadline.due_at < clock.now() - since)
    first = late.order_by(Deadline.due_at, Deadline.id).limit(at_most)
    return first_of(first, late)


def rearm(subject: Timed) -> None:
    """Bring the deadlines into line with the row's state and facts: arm, move, disarm. The caller holds its lock."""
    if not subject.law.clocks:
        return
    now = clock.now()
    running = armed_of(subject.kind, [subject.id])[subject.id]
    due_by_kind = {
        c.kind: due for c in subject.law.clocks_in(subject.state) if (due := subject.due(c.kind)) is not None
    }
    for kind, row in running.items():
        if kind not in due_by_kind:
            row.state, row.ended_at = "disarmed", now
        elif row.due_at != due_by_kind[kind].at:
            _set(row, due_by_kind[kind])
    db.session.flush()
    for kind, due in due_by_kind.items():
        if kind not in running:
            row = Deadline(kind=kind, subject_kind=subject.kind, subject_id=subject.id, armed_at=now)
            _set(row, due)
            db.session.add(row)
    db.session.flush()


def _set(row: Deadline, due: Due) -> None:
    row.due_at = due.at
    row.reminders = sorted(r for r in due.reminders if r < due.at)
    row.reminded = 0
    row.next_at = row.reminders[0] if row.reminders else due.at


Ring = Callable[[Any], None]
Remind = Callable[[Any, int], None]


def sweep(
    load: Callable[[str, int], Timed],
    ring: Mapping[tuple[str, str], Ring],
    remind: Mapping[tuple[str, str], Remind],
) -> int:
    """Ring every clock that is due, each in a transaction of its own; returns how many rang or reminded.

    `load` gets (kind of row, id) and returns the row, locked. A clock that rings twice, late, or after
    the state has moved on does nothing: its row is not armed any more when the lock is held.
    """
    with unit_of_work():
        ids = list(
            db.session.scalars(
                select(Deadline.id)
                .where(
                    Deadline.state == "armed",
                    Deadline.next_at <= clock.now(),
                    (Deadline.not_before.is_(None)) | (Deadline.not_before <= func.now()),
                )
                .order_by(Deadline.next_at)
                .limit(SWEEP_AT_MOST)
            )
        )
    return sum(_sweep_deadline(deadline_id, load, ring, remind) for deadline_id in ids)


def _sweep_deadline(
    deadline_id: int,
    load: Callable[[str, int], Timed],
    ring: Mapping[tuple[str, str], Ring],
    remind: Mapping[tuple[str, str], Remind],
) -> int:
    def work() -> int:
        with unit_of_work():
            return _fire(deadline_id, load, ring, remind)

    try:
        return with_retries(work)
    except AppError as error:
        # Also a refusal, or a lock that somebody held for too long, ends no clock: who waits for it would wait
        # for ever. It stays armed, so that the operator sees that it is overdue.
        log.warning("deadline %s refused and will be tried again: %s", deadline_id, error.sentence)
        _try_later(deadline_id)
    except Exception:
        log.exception("deadline %s failed and will be tried again", deadline_id)
        _try_later(deadline_id)
    return 0


def _fire(
    deadline_id: int,
    load: Callable[[str, int], Timed],
    ring: Mapping[tuple[str, str], Ring],
    remind: Mapping[tuple[str, str], Remind],
) -> int:
    row = db.session.get(Deadline, deadline_id)
    if row is None:
        return 0
    subject = load(row.subject_kind, row.subject_id)
    db.session.refresh(row, with_for_update=True)
    now = clock.now()
    if row.state != "armed" or row.next_at > now or subject.frozen:
        return 0
    key = (row.subject_kind, row.kind)
    if row.due_at > now:
        later = [r for r in row.reminders if r > now]
        # Also those that nobody was there to give count: whom only the second one calls must not be forgotten.
        row.reminded = len(row.reminders) - len(later)
        row.next_at = later[0] if later else row.due_at
        if key in remind:
            remind[key](subject, row.reminded)
        return 1
    row.state, row.ended_at = "fired", now
    db.session.flush()
    if key in ring:
        ring[key](subject)
    return 1


def _try_later(deadline_id: int) -> None:
    with unit_of_work():
        row = db.session.get(Deadline, deadline_id, with_for_update=True)
        if row is None or row.state != "armed":
            return
        row.tries += 1
        row.not_before = clock.real_now() + timedelta(seconds=min(3600, 5 * 2 ** min(row.tries, 10)))
