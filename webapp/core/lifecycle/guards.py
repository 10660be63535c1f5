"""One guard a move: who may make it, and what must be true. The door asks it under the lock, pages ask it before.

A feature declares the guards of its moves in `guards.py` and hands them on in its manifest; a move without a guard is
one that nothing leads to yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from webapp.core.errors import AppError, NotNow, Sentence

Policy = Callable[[Any, Any], bool]
"""May this actor ever do this to this row?"""


@dataclass(frozen=True)
class Refusal:
    """Why a move is not possible now: a stable code, the sentence a person reads, and one way on (words, address).

    `stays`: its button stays, because pressing it is how a person learns what is still missing. `error` is raised
    instead of a plain `NotNow` where a page shows more than a sentence.
    """

    code: str
    sentence: Sentence
    way_on: tuple[Sentence, str] | None = None
    stays: bool = False
    error: AppError | None = None

    def raised(self) -> AppError:
        """The error that says so."""
        return self.error or NotNow(self.sentence, way_on=self.way_on)


Need = Callable[[Any, Any], Refusal | None]
"""Asked with the row and the actor: what is in the way of the move, or None."""


@dataclass(frozen=True)
class Guard:
    """Who may ever make a move, what must be true for it, in this order, and what everybody else is told.

    `not_you` is that sentence, or a function of the row where it is not the same for all.
    """

    may: Policy
    needs: tuple[Need, ...] = ()
    not_you: Sentence | Callable[[Any], Sentence | None] | None = None

    def sentence_for_others(self, row: object) -> Sentence | None:
        """What somebody is told who may never make this move with this row."""
        return self.not_you(row) if callable(self.not_you) else self.not_you

    def refusal(self, row: object, actor: object) -> Refusal | None:
        """The first thing in the way, besides rights, version and machine."""
        return next((refusal for need in self.needs if (refusal := need(row, actor)) is not None), None)


Guards = Mapping[str, Guard]
"""By the name of the move."""


def merged(declared: Iterable[Mapping[str, Guards]]) -> dict[str, dict[str, Guard]]:
    """The guards of all features, by kind and move. Raises ValueError for a move that two features guard."""
    guards_by_kind: dict[str, dict[str, Guard]] = {}
    for kinds in declared:
        for kind, guards in kinds.items():
            known = guards_by_kind.setdefault(kind, {})
            if twice := sorted(set(known) & set(guards)):
                raise ValueError(f"{kind}.{twice[0]} has two guards")
            known.update(guards)
    return guards_by_kind
