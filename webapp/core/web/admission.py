"""Who is let in when more is asked than this process can do: the rest hear at once that they should come back.

A page that would be answered after its reader has left is work for nobody, and a queue without an end makes every page
such a page. So a process works at a few requests at a time; others wait in order of what they are worth to people, and
where the wait would be too long they get 503 with Retry-After. What must not wait behind pages, a provider's webhook, a
stream, an upload, a call to a provider, has a share of its own.
"""

from __future__ import annotations

import heapq
import itertools
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

AT_ONCE = 6  # pages that a process works at; its threads share one processor
PACE = 0.02  # seconds a page, before there is anything to go by
LEARNS = 0.1  # how much the newest page changes the pace


@dataclass(frozen=True)
class Kind:
    """What a request is: the `share` it takes from, its `rank` there (lower first), and how many seconds it may wait."""

    share: str
    rank: int
    patience: float


FORM = Kind("pages", 0, 1.5)  # somebody has typed something
PAGE = Kind("pages", 1, 0.8)
ANONYMOUS = Kind("pages", 2, 0.5)
PREFETCH = Kind("pages", 3, 0.0)  # a guess of a browser: only when nobody waits
WEBHOOK = Kind("webhooks", 0, 20.0)  # a provider sends it again, but not soon
STREAM = Kind("streams", 0, 5.0)
UPLOAD = Kind("uploads", 0, 20.0)
PROVIDER = Kind("providers", 0, 5.0)  # most of the time it waits for somebody else
SHARES = {"pages": AT_ONCE, "webhooks": 2, "streams": 4, "uploads": 2, "providers": 6}


class Overloaded(Exception):
    """Not now: `retry_after` is in how many whole seconds there should be room."""

    def __init__(self, wait: float) -> None:
        super().__init__()
        self.retry_after = max(1, min(30, round(wait)))


@dataclass(order=True)
class _Waiting:
    rank: int
    number: int
    let_in: threading.Event = field(compare=False, default_factory=threading.Event)
    gone: bool = field(compare=False, default=False)


class Gate:
    """One share: so many at a time, the others in order."""

    def __init__(self, at_once: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._at_once, self._clock = at_once, clock
        self._lock = threading.Lock()
        self._busy = 0
        self._queue: list[_Waiting] = []
        self._numbers = itertools.count()
        self._pace, self._left = PACE, 0.0

    def enter(self, kind: Kind) -> None:
        """Wait for room. Raises Overloaded, at once where the wait would be longer than this kind is patient."""
        with self._lock:
            if self._busy < self._at_once:
                self._busy += 1
                return
            ahead = sum(not one.gone and one.rank <= kind.rank for one in self._queue)
            wait = (ahead + 1) * self._pace
            if wait > kind.patience:
                raise Overloaded(wait)
            place = _Waiting(kind.rank, next(self._numbers))
            heapq.heappush(self._queue, place)
        if place.let_in.wait(2 * kind.patience):
            return
        with self._lock:
            if place.let_in.is_set():  # in the very moment in which it gave up
                return
            place.gone = True
        raise Overloaded(wait)

    def leave(self) -> None:
        """Make room for the next one."""
        with self._lock:
            now = self._clock()
            if self._queue and self._left:
                self._pace += LEARNS * (min(now - self._left, 1.0) - self._pace)
            self._left = now
            while self._queue:
                place = heapq.heappop(self._queue)
                if not place.gone:
                    place.let_in.set()
                    return
            self._busy -= 1
            self._left = 0.0  # from idle to busy tells nothing of the pace


class Admission:
    """The gates of this process."""

    def __init__(self, shares: Mapping[str, int] | None = None) -> None:
        self.gates = {share: Gate(at_once) for share, at_once in (shares or SHARES).items()}

    def enter(self, kind: Kind) -> Gate:
        """Let a request in, or raise Overloaded; the gate is to be left again."""
        gate = self.gates[kind.share]
        gate.enter(kind)
        return gate


def has_left(connection: object) -> bool:
    """Has whoever asked over this connection hung up meanwhile?"""
    if not isinstance(connection, socket.socket) or isinstance(connection, ssl.SSLSocket):
        return False
    try:
        return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) == b""
    except BlockingIOError:
        return False
    except OSError:
        return True
