"""The one door: nothing else writes a state."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint, Select
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database import facts
from webapp.core.database.base import Base, db
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines, history
from webapp.core.lifecycle.guards import Guard, Refusal
from webapp.core.lifecycle.history import SYSTEM, Actor, Chained, HistoryEntry
from webapp.core.slice import slices
from workflows.machine import IllegalMove, Law

MOVED_ON = _l("This has changed, so that step is no longer available. Here is the latest version.")
SYSTEM_KINDS = frozenset({"timer", "system"})
"""Those who make moves without being people, in the words of the law."""


class Stateful:
    """A row whose `state` only the door may write. `version` is what a form saw and sends back."""

    id: Mapped[int]
    state: Mapped[str]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    law: ClassVar[Law]
    counts_moves: ClassVar[bool] = True
    """Whether a move raises `version`; a card counts its moves apart, so that they spoil no form that words it."""

    @property
    def kind(self) -> str:
        return self.law.name

    def root(self) -> RootRow:
        """The row that is locked before this one and carries its history."""
        raise TypeError(f"{type(self).__name__} does not say what its root is")

    def due(self, kind: str) -> deadlines.Due | None:
        """When the clock `kind` of the present state rings; None while it does not run."""
        return None

    def locked_before(self) -> Iterable[Any]:
        """Roots that a deadline of this row may touch, and that are therefore locked before it."""
        return ()

    @property
    def frozen(self) -> bool:
        """A dispute is open: only its conclusion may move this row."""
        return False


def known_states(law: Law) -> CheckConstraint:
    """The database knows no state that the law does not."""
    return CheckConstraint(
        "state IN ({})".format(", ".join(f"'{state}'" for state in law.states)), name="state"
    )


Row = TypeVar("Row", bound=Stateful)


class RootRow(Chained, Stateful):
    """A row that is its own root: it is locked before everything below it, and those with a lower order before it."""

    lock_order: ClassVar[int]
    publishes = True

    def root(self) -> RootRow:
        return self


def system_only(actor: object, _row: object) -> bool:
    """Only a clock, the machines themselves, or another move that entails this one."""
    return actor is SYSTEM


def lock(row: Stateful) -> None:
    """Lock the root, then the row, and read both again.

    Stops the race in which two people move parts of one internship from what they saw before the other's
    move. Roots are locked by their `lock_order`, then by id; any other order could deadlock and is a bug.
    """
    root = row.root()
    locked: dict[tuple[str, int], int | None] = db.session.info.setdefault("locked", {})
    _lock_row(root, locked, root.lock_order)
    if row is not root:
        _lock_row(row, locked, None)


def load_locked(query: Select[Row], root: type[RootRow]) -> Row | None:
    """Find one row with its root, which the query loads along, and lock both: what `lock` does, in one statement."""
    (model,) = (description["entity"] for description in query.column_descriptions)
    locking = query.with_for_update(of=(root, model)).execution_options(populate_existing=True)
    row = db.session.scalars(locking).unique().one_or_none()
    if row is not None:
        _locked(row.root(), row.root().lock_order)
        _locked(row, None)
    return row


def _lock_row(row: Stateful, locked: dict[tuple[str, int], int | None], lock_order: int | None) -> None:
    """`lock_order` is that of a root, None for a row below one."""
    if (row.kind, row.id) in locked:
        return
    if lock_order is not None:
        for (kind, held), order in locked.items():
            if order is not None and (order, held) > (lock_order, row.id):
                raise RuntimeError(f"lock order: {row.kind} {row.id} after {kind} {held}")
    related = list(vars(row).values())
    # Only the row itself: what was loaded with it by an outer join cannot be locked, and need not be.
    db.session.refresh(row, with_for_update={"of": type(row)})
    _locked(row, lock_order, related)


def _locked(row: Stateful, lock_order: int | None, related: Sequence[Any] = ()) -> None:
    facts.forget()  # rights and all else may have changed while we waited for the lock
    db.session.info.setdefault("locked", {})[(row.kind, row.id)] = lock_order
    # The session itself holds rows only weakly: one that is locked, and what was loaded with it, is not to be read
    # again at each step.
    db.session.info.setdefault("held", []).append((row, related or list(vars(row).values())))


def reread(row: Base | Stateful) -> None:
    """Lock one more row, below a root that is locked, and read it again, over nothing that this transaction wrote."""
    db.session.flush()
    db.session.refresh(row, with_for_update={"of": type(row)})


def begin(row: Stateful, *, actor: Actor, params: dict[str, Any] | None = None) -> HistoryEntry:
    """Write the history row of a row's creation (from = none) and arm the clocks of its first state."""
    db.session.add(row)
    db.session.flush()
    root = row.root()
    if root is row:
        db.session.info.setdefault("locked", {})[(root.kind, root.id)] = root.lock_order
    else:
        lock(row)
    deadlines.rearm(row)
    return history.record(root, row, row.law.creation, actor=actor, to_state=row.state, params=params)


def advance(
    row: Stateful,
    move: str,
    *,
    actor: Actor,
    version: int | None = None,
    fields: Mapping[str, Any] | None = None,
    params: dict[str, Any] | None = None,
    text: str | None = None,
    implied: bool = False,
    along: Sequence[Base] = (),
    values: Mapping[str, Any] | None = None,
) -> HistoryEntry:
    """Move `row`: lock, rights, version, machine, needs; then state, fields and one history row, written at once; deadlines.

    `version` is the one the person saw; None only for moves the system makes or another move entails. `fields` are set
    together with the state; `along` are new rows that belong to the move, `values` what expressions in `fields` are bound
    to (`one_write.write`). An `implied` move is part of another one that was permitted: its rights are not asked again.
    Raises NotAllowed (403), Stale (409), or what the guard refuses with (409); then nothing has changed.
    """
    after = ask(row, move, actor=actor, version=version, implied=implied)
    before = row.state
    changes = {**(fields or {}), "state": after}
    if row.counts_moves:
        changes["version"] = row.version + 1
    entry = history.record(
        row.root(),
        row,
        move,
        actor=actor,
        from_state=before,
        to_state=after,
        params=params,
        text=text,
        changes=changes,
        along=along,
        values=values,
    )
    deadlines.rearm(row)
    return entry


def ask(row: Stateful, move: str, *, actor: Actor, version: int | None = None, implied: bool = False) -> str:
    """Lock `row` and ask whether it can be moved so: what `advance` asks, for actions that begin elsewhere than at the row.

    Returns the state it would come into; raises what `advance` raises.
    """
    lock(row)
    guard = guard_of(row, move)
    if not implied and not guard.may(actor, row):
        raise NotAllowed
    if version is not None and version != row.version:
        raise Stale
    after = _target(row, move, actor, implied=implied)
    if (refusal := guard.refusal(row, actor)) is not None:
        raise refusal.raised()
    return after


def guard_of(row: Stateful, move: str) -> Guard:
    """The guard of a move. Raises LookupError for one that no feature guards: nothing may lead to it."""
    try:
        return slices().guards[row.kind][move]
    except KeyError:
        raise LookupError(f"no feature guards {row.kind}.{move}") from None


def _target(row: Stateful, move: str, actor: Actor, *, implied: bool) -> str:
    try:
        after = row.law.target(row.state, move)
    except IllegalMove as error:
        raise NotNow(MOVED_ON) from error
    if not implied and not _is_whose(row, move, actor):
        raise NotNow(MOVED_ON)
    if row.frozen and move not in row.law.while_frozen:
        raise NotNow(_l("A dispute is open, so everything is paused until it is decided."))
    return str(after)


def _is_whose(row: Stateful, move: str, actor: Actor | None) -> bool:
    """Does the law leave this step, out of this state, to people or to the clocks?"""
    kinds = set(row.law.moves[move].by_from(row.state))
    return bool(kinds & SYSTEM_KINDS) if actor is SYSTEM else bool(kinds - SYSTEM_KINDS)


def possible_moves(row: Stateful, actor: Actor | None) -> dict[str, Refusal | None]:
    """What the machine and the rights allow `actor` now, each with what is in its way: the door, asked before."""
    if actor is None or row.frozen:
        return {}
    guards = slices().guards.get(row.kind, {})
    return {
        move: guards[move].refusal(row, actor)
        for move in row.law.moves_from(row.state)
        if move in guards and _is_whose(row, move, actor) and guards[move].may(actor, row)
    }


def open_moves(row: Stateful, actor: Actor | None) -> tuple[str, ...]:
    """The moves whose buttons `actor` finds now: those that the door opens for, or that say what is missing."""
    moves = possible_moves(row, actor).items()
    return tuple(move for move, refusal in moves if refusal is None or refusal.stays)


def model_of(kind: str) -> type[Any]:
    """The table class whose machine is called `kind`."""
    for mapper in Base.registry.mappers:
        law = getattr(mapper.class_, "law", None)
        if law is not None and law.name == kind:
            return mapper.class_
    raise LookupError(kind)
