"""How many streams a person may hold at once: places that the database gives, so that all processes count together.

A place is an advisory lock of a session: a dead process gives it back by itself.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Collection, Iterable
from typing import Any

import psycopg

from webapp.core.lifecycle.changes import CHANNEL
from webapp.core.live.connections import Connection

TRY = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
STREAMS_A_PERSON = 3


class Slots:
    """The places of one process. Callers hold `lock`, because the database gives a place of ours twice."""

    def __init__(
        self, connect: Callable[[], psycopg.Connection[Any]], held: Callable[[], Iterable[Connection]]
    ) -> None:
        self.lock = threading.Lock()
        self._connect, self._held = connect, held
        self._session: psycopg.Connection[Any] | None = None

    def take(self, person: int, used: Collection[int]) -> int | None:
        """A place of this person's that is free here and in every other process; None where there is none."""
        for slot in range(STREAMS_A_PERSON):
            if slot not in used and self._ask("pg_try_advisory_lock", person, slot):
                return slot
        return None

    def give_back(self, person: int, slot: int) -> None:
        """Free a place; it was given back already where its connection is gone."""
        if self._session is not None:
            self._ask("pg_advisory_unlock", person, slot)

    def ask_others_for_room(self, person: int, name: str) -> None:
        """Let the other processes end this person's oldest stream; `name` is ours, which does not answer itself."""
        if self._session is not None:
            with contextlib.suppress(psycopg.Error):  # else there is no room, as before
                payload = json.dumps({"room_for": person, "by": name})
                self._session.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])

    def let_go(self) -> None:
        """Close the connection that holds the places; the next stream opens another."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _ask(self, function: str, person: int, slot: int) -> bool:
        key = f"stream:{person}:{slot}"
        for fresh in (False, True):
            try:
                if self._session is None or fresh:
                    self._session = self._connect()
                    for stream in self._held():  # their places went with the old connection
                        self._session.execute(TRY, [f"stream:{stream.person}:{stream.slot}"])
                row = self._session.execute(f"SELECT {function}(hashtextextended(%s, 0))", [key]).fetchone()
                return bool(row and row[0])
            except psycopg.Error:
                self.let_go()
        return False
