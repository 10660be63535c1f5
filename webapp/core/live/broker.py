"""The broker of live updates: the open connections of this process, and the one that hears what changed."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask

from webapp.core.database.base import db
from webapp.core.lifecycle.changes import CHANNEL, Change
from webapp.core.live.connections import (
    BoardFeed,
    Channel,
    Connection,
    Message,
    cached_message,
    card_message,
    goodbye_message,
    reload_message,
)
from webapp.core.live.slots import Slots

log = logging.getLogger(__name__)
HEARTBEAT = 15.0  # seconds; keeps proxies from closing a quiet line
LOOK_EVERY = 2.0  # the history is read for what no notification told
RIGHTS_EVERY = 3.0
TEND_EVERY = 0.25
Missed = dict[tuple[Channel, int], "list[Change] | None"]  # what those who heard so much did not hear
STILL_HERE = Message(": still here\n\n")


class Broker:
    """The lines of this process. It starts with the first one, in a thread of its own."""

    def __init__(self, app: Flask, sources: dict[str, BoardFeed]) -> None:
        self.app, self.sources, self.name = app, sources, uuid4().hex
        self.alive: Callable[[], bool] = lambda: True
        self.takes_sockets = False  # the server lets go of a stream's socket (`gunicorn_worker.Worker`)
        self.most_threads = 1_000  # lines that may each hold a thread of the server
        self._ends: Any = select.poll()
        self._by_socket: dict[int, Connection] = {}
        self._lines: dict[Channel, set[Connection]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.slots = Slots(self._connect, self._all)
        self._ended = threading.Event()

    def open(self, topic: Channel, person: int, session: bytes, heard: int) -> Connection | None:
        """Begin to listen after change number `heard`. Of more than three lines of a person the oldest ends.

        None where there is no room even so, or this process is about to end.
        """
        if not self.alive() or self._ended.is_set():
            return None
        for wait in (0.0, 0.1, 0.4):
            if wait:
                self._make_room(person)
                time.sleep(wait)
            # One at a time, because the database gives a place of ours twice; and not under the lock of the lines,
            # for the database may take its time, and those who write must not wait for it.
            with self.slots.lock:
                used = {line.slot for line in self._all() if line.person == person}
                slot = self.slots.take(person, used)
                if slot is not None:
                    line = Connection(topic, person, session, heard, slot)
                    self._begin(line)
                    return line
        return None

    def _begin(self, line: Connection) -> None:
        with self._lock:
            self._lines.setdefault(line.topic, set()).add(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stream broker", daemon=True)
                self._thread.start()

    def close(self, line: Connection) -> None:
        """The viewer has gone, or is sent away."""
        with self._lock:
            lines = self._lines.get(line.topic, set())
            if line not in lines:
                return
            lines.discard(line)
            if not lines:
                del self._lines[line.topic]
            if line.connection is not None:
                self._ends.unregister(line.connection)
                del self._by_socket[line.connection.fileno()]
                line.end()
        with self.slots.lock:
            self.slots.give_back(line.person, line.slot)

    def take_over(self, line: Connection, connection: socket.socket) -> None:
        """Send this line's messages from the broker's own thread: it holds no thread of the server any more."""
        mine = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            if line not in self._lines.get(line.topic, ()):  # it had to make room meanwhile: say so, let go
                line.take(mine)
                line.end()
                return
            self._by_socket[mine.fileno()] = line
            self._ends.register(mine, select.POLLHUP | select.POLLERR | select.POLLRDHUP)
            line.take(mine)

    def threads_held(self) -> int:
        """How many lines hold a thread of the server."""
        return sum(line.connection is None for line in self._all())

    def count(self) -> int:
        return len(self._all())

    def stop(self) -> None:
        """The process ends: whoever listens is told to come again, which is another process then."""
        self._ended.set()
        for line in self._all():
            line.say(goodbye_message("stop"))

    def rest(self) -> None:
        """End everything and give back every connection, ready to begin again when somebody comes."""
        self.stop()
        for line in self._all():
            self.close(line)
        if (thread := self._thread) is not None:
            thread.join(timeout=5)
        with self.slots.lock:
            self.slots.let_go()
        self._ended.clear()

    def _make_room(self, person: int, *, here_only: bool = False) -> None:
        """End this person's oldest line, in whichever process it is."""
        own = [line for line in self._all() if line.person == person]
        if own:
            oldest = min(own, key=lambda line: line.began)
            oldest.say(goodbye_message("limit"))
            self.close(oldest)
        elif not here_only:
            with self.slots.lock:
                self.slots.ask_others_for_room(person, self.name)

    def _connect(self) -> psycopg.Connection[Any]:
        url = self.app.extensions["settings"].database_url
        return psycopg.connect(url, autocommit=True, connect_timeout=5, keepalives_idle=30)

    def _run(self) -> None:
        while True:
            with self._lock:  # whoever opens a line meanwhile begins a new thread
                if self._ended.is_set() or not self._lines:
                    self._thread = None
                    return
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._listen(connection)
            except psycopg.Error as error:
                log.warning("the line to the database's notifications is down: %s", error)
                self._ended.wait(1.0)
            except Exception:
                log.exception("the stream broker stumbled and goes on")
                self._ended.wait(1.0)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        look = rights = tended = 0.0
        beat = time.monotonic()
        while not self._ended.is_set() and self.count():
            for notified in connection.notifies(timeout=0.25, stop_after=1):
                said = json.loads(notified.payload)
                if "room_for" in said:
                    if said.get("by") != self.name:
                        self._make_room(said["room_for"], here_only=True)
                else:
                    self._tell(Change(**said))
            if not self.alive():
                self.stop()
                return
            now = time.monotonic()
            if now - tended >= TEND_EVERY:
                tended = now
                self._tend(beat=now - beat >= HEARTBEAT)
                if now - beat >= HEARTBEAT:
                    beat = now
            if now - look >= LOOK_EVERY:
                look = now
                self._look()
            if now - rights >= RIGHTS_EVERY:
                rights = now
                self._check_rights()

    def _tell(self, change: Change) -> None:
        missed: Missed = {}
        for kind, ids in self._open().items():
            source = self.sources[kind]
            card = self._card_of(source, change)
            said: dict[int, Message] = {}  # each message is made once, however many look
            for one in self._boards_of(source, change, ids):
                for line in self._of((kind, one)):
                    if source.since is None:
                        line.heard += 1
                        if card is not None:
                            line.say(cached_message(said, change, card, line.heard))
                    elif change.n == line.heard + 1:
                        if card is None or line.say(cached_message(said, change, card, change.n)):
                            line.heard = change.n
                    elif change.n > line.heard:
                        # What came between must come first: notifications of two commits may overtake each other.
                        self._catch_up(line, change.n, missed)

    def _card_of(self, source: BoardFeed, change: Change) -> Any:
        asks = source.reads_card(change)
        return self._in_context(partial(source.card_of, change)) if asks else source.card_of(change)

    def _boards_of(self, source: BoardFeed, change: Change, ids: set[int]) -> Any:
        find = partial(source.boards_of, change, ids)
        return self._in_context(find) if source.reads_boards else find()

    def _look(self) -> None:
        missed: Missed = {}
        for kind, ids in self._open().items():
            source = self.sources[kind]
            newest: dict[int, int] = self._in_context(partial(source.newest, ids))
            for one, n in newest.items():
                for line in self._of((kind, one)):
                    old = source.again_every and time.monotonic() - line.drawn > source.again_every
                    if source.since is None and (n != line.heard or old):
                        line.heard, line.drawn = n, time.monotonic()
                        line.say(reload_message(n))
                    elif n > line.heard:
                        self._catch_up(line, n, missed)

    def _catch_up(self, line: Connection, n: int, missed: Missed) -> None:
        """Tell what a line has not heard, up to change `n`; lines that `missed` the same are asked for once."""
        kind, one = line.topic
        source = self.sources[kind]
        assert source.since is not None
        if (line.topic, line.heard) not in missed:
            missed[line.topic, line.heard] = self._in_context(partial(source.since, one, line.heard))
        changes = missed[line.topic, line.heard]
        if changes is None:
            line.say(reload_message(n))
        for change in changes or ():
            self._say(line, source.card_of(change), change)
        line.heard = max(line.heard, n)

    def _say(self, line: Connection, card: int | None, change: Change) -> None:
        if change.n > line.heard and (card is None or line.say(card_message(change, card, at=change.n))):
            line.heard = change.n

    def _tend(self, *, beat: bool) -> None:
        """Look after the sockets that are the broker's own: who has gone, who lags behind, who hears nothing for long."""
        for number, _event in self._ends.poll(0):
            if (line := self._by_socket.get(number)) is not None:
                self.close(line)
        for line in list(self._by_socket.values()):
            line.flush()
            if beat:
                line.say(STILL_HERE)
            if line.may_go():
                self.close(line)

    def _check_rights(self) -> None:
        for kind, ids in self._open().items():
            lines = [line for one in ids for line in self._of((kind, one))]
            asked = {(line.person, line.session, line.topic[1]) for line in lines}
            allowed = self._in_context(partial(self.sources[kind].allowed, asked))
            for line in lines:
                if (line.person, line.session, line.topic[1]) not in allowed:
                    line.say(goodbye_message("rights"))

    def _open(self) -> dict[str, set[int]]:
        """The boards that somebody looks at, by kind."""
        found: dict[str, set[int]] = {}
        with self._lock:
            for kind, one in self._lines:
                found.setdefault(kind, set()).add(one)
        return found

    def _of(self, topic: Channel) -> list[Connection]:
        with self._lock:
            return list(self._lines.get(topic, ()))

    def _all(self) -> list[Connection]:
        with self._lock:
            return [line for lines in self._lines.values() for line in lines]

    def _in_context(self, work: Callable[[], Any]) -> Any:
        with self.app.app_context():
            try:
                return work()
            finally:
                db.session.rollback()
