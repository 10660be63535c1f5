"""History: who did what to which row, in codes and parameters, in an unbroken chain per root."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from secrets import token_hex
from typing import Any, ClassVar, Protocol

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, Select, UniqueConstraint, func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from webapp.core.database import clock, one_write
from webapp.core.database.base import Base, Identified, db
from webapp.core.database.one_write import Changes
from webapp.core.lifecycle.changes import Subject, publish


class Actor(Protocol):
    """Who acts: a person, or the system (`id` None)."""

    @property
    def id(self) -> int | None: ...


class System:
    """The clock and the machines themselves."""

    id: int | None = None

    def __repr__(self) -> str:
        return "SYSTEM"


SYSTEM = System()
Viewer = Actor | None
"""Whose rights are asked about: a person, the system, or nobody, where no one is signed in."""


class Chained:
    """Columns of a root: the number and hash of the last entry of its history."""

    history_number: Mapped[int] = mapped_column(default=0, server_default="0")
    history_head: Mapped[bytes] = mapped_column(LargeBinary, default=b"", server_default="")
    publishes: ClassVar[bool] = False
    """Whether open boards hear of each entry."""


class Root(Protocol):
    """A row that carries its own history."""

    id: int
    publishes: ClassVar[bool]
    history_number: int
    history_head: bytes

    @property
    def kind(self) -> str: ...


class HistoryText(Identified, Base):
    """Free text of a person about a move; erasable: the chain holds only its keyed hash."""

    __tablename__ = "history_text"
    key: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[str | None]
    erased_at: Mapped[datetime | None]


class HistoryEntry(Identified, Base):
    """One thing that happened. Never changed and never deleted: the app role has no right to."""

    __tablename__ = "history_entry"
    __table_args__ = (
        UniqueConstraint("root_kind", "root_id", "number", name="uq_history_entry_number"),
        CheckConstraint("number > 0", name="number"),
        Index("ix_history_entry_subject", "subject_kind", "subject_id"),
    )
    root_kind: Mapped[str]
    root_id: Mapped[int]
    number: Mapped[int]
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    move: Mapped[str]
    from_state: Mapped[str | None]
    to_state: Mapped[str | None]
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    happened_at: Mapped[datetime]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    params: Mapped[dict[str, Any]]
    text_id: Mapped[int | None] = mapped_column(ForeignKey("history_text.id"))
    text_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    text: Mapped[HistoryText | None] = relationship(lazy="select")

    def expected_hash(self) -> bytes:
        """SHA-256 over the previous hash and the canonical JSON of what the entry says."""
        content = {
            "root": [self.root_kind, self.root_id],
            "number": self.number,
            "subject": [self.subject_kind, self.subject_id],
            "move": [self.move, self.from_state, self.to_state],
            "actor": self.actor_id,
            "at": self.happened_at.astimezone(UTC).isoformat(),
            "params": self.params,
            "text": self.text_hash.hex() if self.text_hash else None,
        }
        canonical = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(bytes(self.previous_hash) + canonical.encode()).digest()


def record(
    root: Root,
    subject: Subject,
    move: str,
    *,
    actor: Actor,
    from_state: str | None = None,
    to_state: str | None = None,
    params: dict[str, Any] | None = None,
    text: str | None = None,
    changes: Changes | None = None,
    along: Sequence[Base] = (),
    values: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """Write the one entry of what just happened. The caller holds the lock on `root`.

    `params` are codes, ids and amounts, never sentences; `text` is a person's own words. In the same statement the
    `changes` of the subject are written, and new rows that belong to it (`along`); `values` are what expressions in
    `changes` are bound to.
    """
    kept = _kept(text) if text else None
    entry = HistoryEntry(
        root_kind=root.kind,
        root_id=root.id,
        number=root.history_number + 1,
        subject_kind=subject.kind,
        subject_id=subject.id,
        move=move,
        from_state=from_state,
        to_state=to_state,
        actor_id=actor.id,
        happened_at=clock.now(),
        params=params or {},
        text_id=kept.id if kept else None,
        text_hash=hmac.digest(kept.key, text.encode(), "sha256") if kept and text else None,
        previous_hash=bytes(root.history_head),
    )
    entry.hash = entry.expected_hash()
    end = {"history_number": entry.number, "history_head": entry.hash}
    if root is subject:
        changed: list[tuple[Any, Changes]] = [(root, {**(changes or {}), **end})]
    else:
        changed = [(root, end), *([(subject, changes)] if changes else [])]
    one_write.write(changed, (entry, *along), values)
    if root.publishes:
        publish(root.kind, root.id, entry.number, subject, actor.id)
    return entry


def _kept(text: str) -> HistoryText:
    kept = HistoryText(key=bytes.fromhex(token_hex(32)), text=text)
    db.session.add(kept)
    db.session.flush()
    return kept


def of_root(kind: str, root_id: int, *, subject_kinds: tuple[str, ...] = ()) -> list[HistoryEntry]:
    """All entries of a root, oldest first; only those on `subject_kinds` when given."""
    query = _of_root(kind, root_id, subject_kinds)
    return list(db.session.scalars(query.order_by(HistoryEntry.number)))


def page_of_root(
    kind: str, root_id: int, *, before: int | None, at_most: int, subject_kinds: tuple[str, ...] = ()
) -> list[HistoryEntry]:
    """The newest entries of a root, with their texts; those before entry number `before` when given."""
    query = _of_root(kind, root_id, subject_kinds)
    return _page(query, before, at_most)


def count_of_root(kind: str, root_id: int, *, subject_kinds: tuple[str, ...] = ()) -> int:
    """How many entries a root has; only those on `subject_kinds` when given."""
    return _count(_of_root(kind, root_id, subject_kinds))


def page_of_subject(
    kind: str, subject_id: int, *, before: int | None, at_most: int, without: tuple[str, ...] = ()
) -> list[HistoryEntry]:
    """The newest entries about one row, with their texts; those of the moves `without` are left out."""
    return _page(_of_subject(kind, subject_id, without), before, at_most)


def count_of_subject(kind: str, subject_id: int, *, without: tuple[str, ...] = ()) -> int:
    """How many entries are about one row, without those of the moves `without`."""
    return _count(_of_subject(kind, subject_id, without))


def _of_root(kind: str, root_id: int, subject_kinds: tuple[str, ...]) -> Select[HistoryEntry]:
    query = select(HistoryEntry).where(HistoryEntry.root_kind == kind, HistoryEntry.root_id == root_id)
    return query.where(HistoryEntry.subject_kind.in_(subject_kinds)) if subject_kinds else query


def _of_subject(kind: str, subject_id: int, without: tuple[str, ...] = ()) -> Select[HistoryEntry]:
    query = select(HistoryEntry).where(
        HistoryEntry.subject_kind == kind, HistoryEntry.subject_id == subject_id
    )
    return query.where(HistoryEntry.move.not_in(without)) if without else query


def _page(query: Select[HistoryEntry], before: int | None, at_most: int) -> list[HistoryEntry]:
    if before is not None:
        query = query.where(HistoryEntry.number < before)
    query = query.options(joinedload(HistoryEntry.text)).order_by(HistoryEntry.number.desc())
    return list(db.session.scalars(query.limit(at_most)))


def _count(query: Select[HistoryEntry]) -> int:
    return int(db.session.scalar(select(func.count()).select_from(query.subquery())) or 0)


def of_subject(kind: str, subject_id: int) -> list[HistoryEntry]:
    """All entries about one row, oldest first."""
    return list(db.session.scalars(_of_subject(kind, subject_id).order_by(HistoryEntry.id)))


def newest_id() -> int:
    """The key of the entry written last, for those who ask whether anything has happened since."""
    return db.session.scalar(select(func.max(HistoryEntry.id))) or 0


def last_params(kind: str, ids: Iterable[int], moves: Sequence[str]) -> dict[int, dict[str, Any]]:
    """What was recorded with the last of these moves of each row, by id; read at once."""
    last = (
        select(HistoryEntry.subject_id, HistoryEntry.params)
        .where(
            HistoryEntry.subject_kind == kind,
            HistoryEntry.subject_id.in_(list(ids)),
            HistoryEntry.move.in_(moves),
        )
        .order_by(HistoryEntry.subject_id, HistoryEntry.id.desc())
        .ext(distinct_on(HistoryEntry.subject_id))
    )
    return {row[0]: row[1] for row in db.session.execute(last)}


def actors_of(kind: str, root_id: int, move: str) -> set[int]:
    """The ids of the people who made this move of a root's rows."""
    query = select(HistoryEntry.actor_id).where(
        HistoryEntry.root_kind == kind, HistoryEntry.root_id == root_id, HistoryEntry.move == move
    )
    return {person_id for person_id in db.session.scalars(query) if person_id is not None}


def broken_entries(roots: list[Root]) -> list[str]:
    """Verify every chain: numbers without gaps, hashes that follow, heads that match. Returns sentences."""
    problems: list[str] = []
    for root in roots:
        previous, number = b"", 0
        for entry in of_root(root.kind, root.id):
            number += 1
            if entry.number != number:
                problems.append(f"{root.kind} {root.id}: entry {number} is missing")
                number = entry.number
            if bytes(entry.previous_hash) != previous or bytes(entry.hash) != entry.expected_hash():
                problems.append(f"{root.kind} {root.id}: entry {entry.number} was changed")
            if entry.text and entry.text.text is not None and entry.text_hash is not None:
                if hmac.digest(entry.text.key, entry.text.text.encode(), "sha256") != bytes(entry.text_hash):
                    problems.append(f"{root.kind} {root.id}: the text of entry {entry.number} was changed")
            previous = bytes(entry.hash)
        if number != root.history_number or previous != bytes(root.history_head):
            problems.append(f"{root.kind} {root.id}: the end of the history was cut off")
    return problems
