"""What goes over a live line, and what the slices that own boards tell the hub of `stream`."""

from __future__ import annotations

import json
import queue
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from webapp.core.announcing import Change

LONGEST_BACKLOG = 200  # messages that a slow line may lag behind before it is told to come again
Asked = tuple[int, bytes, int]  # a person, their session, a board
Topic = tuple[str, int]
"""A board: its kind, and the number of whose it is."""


@dataclass(frozen=True)
class Said:
    """One message as it goes over the line; after the `last` one the line ends."""

    text: str
    last: bool = False


ALL = 0
"""Instead of a card's number: the change touches every card of the board."""


@dataclass(eq=False)
class Line:
    """One open stream: who looks at what, and what they have still to hear."""

    topic: Topic
    person: int
    session: bytes
    heard: int
    slot: int
    began: float = field(default_factory=time.monotonic)
    waiting: queue.Queue[Said] = field(default_factory=lambda: queue.Queue(LONGEST_BACKLOG))


def alone(change: Change, ids: set[int]) -> set[int]:
    """The boards of a change where each internship has its own."""
    return {change.root} & ids


@dataclass(frozen=True)
class Source:
    """What the slice that owns boards of a kind tells the hub. Each is called in an app context.

    `newest(ids)` counts the changes of each board so far; `boards_of(change, ids)` says on which of these boards a
    change is to be seen, and `card_of` as which card (None: as none, ALL: as every one); `allowed(lines)` which (person, session, id) may still look.
    `since(id, n)` gives the changes after number `n` in order, None when they are too many to be told; a board over
    several internships has no such order and no `since`: whoever missed something looks at all of its cards again.
    """

    newest: Callable[[Iterable[int]], dict[int, int]]
    allowed: Callable[[Iterable[Asked]], set[Asked]]
    card_of: Callable[[Change], int | None]
    boards_of: Callable[[Change, set[int]], set[int]] = alone
    since: Callable[[int, int], list[Change] | None] | None = None


def message(change: Change, card: int, *, at: int) -> Said:
    """A change as the browser reads it: its number, the card, the card's version, and who did it."""
    if card == ALL:
        return again(at)
    told = {"n": change.n, "card": card, "seq": change.seq, "actor": change.actor}
    return Said(f"id: {at}\nevent: card\ndata: {json.dumps(told)}\n\n")


def again(at: int) -> Said:
    """So much has changed that the whole board is to be read again."""
    return Said(f"event: again\nid: {at}\ndata: {{}}\n\n")


def goodbye(why: str) -> Said:
    """The server ends a stream: rights, limit or stop."""
    return Said(f'event: bye\ndata: {{"why": "{why}"}}\n\n', last=True)
