"""The one door: nothing else writes a state."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from flask_babel import lazy_gettext as _l
from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core import audit, deadlines
from webapp.core.audit import SYSTEM, Actor, Chained, HistoryEntry
from webapp.core.db import Base, db
from webapp.core.errors import NotAllowed, NotNow, Stale
from workflows.internship import FROZEN_MOVES
from workflows.machine import IllegalMove, Law

Policy = Callable[[Any, Any], bool]


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

    def root(self) -> Any:
        """The posting or internship that is locked before this row and carries its history."""
        raise TypeError(f"{type(self).__name__} does not say what its root is")

    def due(self, kind: str) -> deadlines.Due | None:
        """When the clock `kind` of the present state rings; None while it does not run."""
        return None

    @property
    def frozen(self) -> bool:
        """A dispute stands still over this thing: only its conclusion may move it."""
        return False


def known_states(law: Law) -> CheckConstraint:
    """The database knows no state that the law does not."""
    return CheckConstraint(
        "state IN ({})".format(", ".join(f"'{state}'" for state in law.states)), name="state"
    )


class RootThing(Chained, Stateful):
    """A posting or an internship: its own root."""

    def root(self) -> Any:
        return self


def by_itself(actor: Actor, thing: Any) -> bool:
    """Policy of moves that only the clock or the machines make."""
    return actor is SYSTEM


def entailed(actor: Actor, thing: Any) -> bool:
    """Policy of a move that another, already permitted move of the same transaction brings with it."""
    return True


ROOT_ORDER = {"posting": 0, "internship": 1}


def lock(thing: Any) -> None:
    """Lock the root, then the row, and read both anew.

    Stops the race in which two people move parts of one internship from what they saw before the other's
    move. Roots are locked posting first, then internships by id; any other order could deadlock and is a bug.
    """
    root = thing.root()
    locked: dict[tuple[str, int], bool] = db.session.info.setdefault("locked", {})
    _lock_row(root, locked, is_root=True)
    if thing is not root:
        _lock_row(thing, locked, is_root=False)


def _lock_row(row: Any, locked: dict[tuple[str, int], bool], *, is_root: bool) -> None:
    key = (row.kind, row.id)
    if key in locked:
        return
    if is_root:
        place = (ROOT_ORDER.get(row.kind, 9), row.id)
        for kind, held in [k for k, root in locked.items() if root]:
            if (ROOT_ORDER.get(kind, 9), held) > place:
                raise RuntimeError(f"lock order: {row.kind} {row.id} after {kind} {held}")
    beside = list(vars(row).values())
    # Only the row itself: what was loaded beside it by an outer join cannot be locked, and need not be.
    db.session.refresh(row, with_for_update={"of": type(row)})
    db.session.info.pop("memberships", None)  # rights may have changed while we waited for the lock
    locked[key] = is_root
    # The session itself holds rows only weakly: one that is locked, and what was loaded beside it, is not to be read
    # again at each step.
    db.session.info.setdefault("held", []).append((row, beside))


def read_anew(row: Any) -> None:
    """Lock one more row, below a root that is locked, and read it anew, over nothing that this transaction wrote."""
    db.session.flush()
    db.session.refresh(row, with_for_update={"of": type(row)})


def begin(thing: Any, *, actor: Actor, params: dict[str, Any] | None = None) -> HistoryEntry:
    """Write the history row of a thing's creation (from = none) and arm the clocks of its first state."""
    db.session.add(thing)
    db.session.flush()
    root = thing.root()
    if root is thing:
        db.session.info.setdefault("locked", {})[(thing.kind, thing.id)] = True
    else:
        lock(thing)
    deadlines.rearm(thing)
    return audit.record(root, thing, thing.law.creation, actor=actor, to_state=thing.state, params=params)


def advance(
    thing: Any,
    move: str,
    *,
    actor: Actor,
    version: int | None,
    may: Policy,
    params: dict[str, Any] | None = None,
    text: str | None = None,
) -> HistoryEntry:
    """Move `thing`: lock, policy, version, machine, state, deadlines, one history row.

    `version` is the one the person saw; None only for moves the system makes or another move entails.
    Raises NotAllowed (403), Stale (409), NotNow (409); then nothing has changed.
    """
    lock(thing)
    if not may(actor, thing):
        raise NotAllowed
    if version is not None and version != thing.version:
        raise Stale
    before = thing.state
    try:
        after = thing.law.target(before, move)
    except IllegalMove as error:
        raise NotNow(
            _l("This has changed, so that step is no longer available. Here is the latest version.")
        ) from error
    if thing.frozen and move not in FROZEN_MOVES:
        raise NotNow(_l("A dispute is open, so everything is paused until it is decided."))
    thing.state = after
    thing.version += thing.counts_moves
    db.session.flush()
    deadlines.rearm(thing)
    return audit.record(
        thing.root(), thing, move, actor=actor, from_state=before, to_state=after, params=params, text=text
    )


def moves_for(thing: Any, actor: Actor | None, policies: Mapping[str, Policy]) -> tuple[str, ...]:
    """The moves for which the door would open to `actor` now: what the machine allows AND the policy grants."""
    if actor is None or thing.frozen:
        return ()
    return tuple(
        move
        for move in thing.law.moves_from(thing.state)
        if move in policies and policies[move](actor, thing)
    )


def model_of(kind: str) -> type[Any]:
    """The table class whose machine is called `kind`."""
    for mapper in Base.registry.mappers:
        law = getattr(mapper.class_, "law", None)
        if law is not None and law.name == kind:
            return mapper.class_
    raise LookupError(kind)
