"""The broker of live updates: the open connections of this process, and the one that hears what changed."""

from __future__ import annotations

import json
import logging
import os
import select
import socket
import threading
import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
from flask import Flask

from webapp.core.database.transactions import reading
from webapp.core.lifecycle.changes import CHANNEL, Change
from webapp.core.live.connections import (
    BoardFeed,
    Channel,
    Connection,
    Message,
    goodbye_message,
)
from webapp.core.live.slots import Slots
from webapp.core.live.teller import Teller

log = logging.getLogger(__name__)
HEARTBEAT = 15.0  # seconds; keeps proxies from closing a quiet stream
LOOK_EVERY = 2.0  # the history is read for what no notification told
RIGHTS_EVERY = 3.0
TEND_EVERY = 0.25
STILL_HERE = Message(": still here\n\n")
T = TypeVar("T")


class Broker:
    """The streams of this process. It starts with the first one, in a thread of its own."""

    def __init__(self, app: Flask, sources: dict[str, BoardFeed]) -> None:
        self.app, self.sources, self.name = app, sources, uuid4().hex
        self.alive: Callable[[], bool] = lambda: True
        self.takes_sockets = False  # the server lets go of a stream's socket (`gunicorn_worker.Worker`)
        self.most_threads = 1_000  # streams that may each hold a thread of the server
        self._ends: select.poll = select.poll()
        self._by_socket: dict[int, Connection] = {}
        self._streams: dict[Channel, set[Connection]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self.slots = Slots(self._connect, self._all)
        self._teller = Teller(sources, self._open, self._of, self._in_context)
        self._ended = threading.Event()

    def open(
        self,
        topic: Channel,
        person: int,
        session: bytes,
        heard: int,
        *,
        locale: str = "en",
        zone: str = "UTC",
        rights: Hashable = None,
    ) -> Connection | None:
        """Begin to listen after change number `heard`. Of more than three streams of a person the oldest ends.

        None where there is no room even so, or this process is about to end.
        """
        if not self.alive() or self._ended.is_set():
            return None
        for wait in (0.0, 0.1, 0.4):
            if wait:
                self._make_room(person)
                time.sleep(wait)
            # One at a time, because the database gives a place of ours twice; and not under the lock of the streams,
            # for the database may take its time, and those who write must not wait for it.
            with self.slots.lock:
                used = {stream.slot for stream in self._all() if stream.person == person}
                if (slot := self.slots.take(person, used)) is not None:
                    stream = Connection(topic, person, session, heard, slot, locale, zone, rights)
                    self._begin(stream)
                    return stream
        return None

    def _begin(self, stream: Connection) -> None:
        with self._lock:
            self._streams.setdefault(stream.topic, set()).add(stream)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stream broker", daemon=True)
                self._thread.start()

    def close(self, stream: Connection) -> None:
        """The viewer has gone, or is sent away."""
        with self._lock:
            streams = self._streams.get(stream.topic, set())
            if stream not in streams:
                return
            streams.discard(stream)
            if not streams:
                del self._streams[stream.topic]
            if stream.connection is not None:
                self._ends.unregister(stream.connection)
                del self._by_socket[stream.connection.fileno()]
                stream.end()
        with self.slots.lock:
            self.slots.give_back(stream.person, stream.slot)

    def take_over(self, stream: Connection, connection: socket.socket) -> None:
        """Send this stream's messages from the broker's own thread: it holds no thread of the server any more."""
        mine = socket.socket(fileno=os.dup(connection.fileno()))
        with self._lock:
            if stream not in self._streams.get(
                stream.topic, ()
            ):  # it had to make room meanwhile: say so, let go
                stream.take(mine)
                stream.end()
                return
            self._by_socket[mine.fileno()] = stream
            self._ends.register(mine, select.POLLHUP | select.POLLERR | select.POLLRDHUP)
            stream.take(mine)

    def threads_held(self) -> int:
        """How many streams hold a thread of the server."""
        return sum(stream.connection is None for stream in self._all())

    def count(self) -> int:
        return len(self._all())

    def stop(self) -> None:
        """The process ends: all who listen are told to connect again, which leads to another process."""
        self._ended.set()
        for stream in self._all():
            stream.say(goodbye_message("stop"))

    def rest(self) -> None:
        """End everything and give back every connection, ready to begin again when somebody comes."""
        self.stop()
        for stream in self._all():
            self.close(stream)
        if (thread := self._thread) is not None:
            thread.join(timeout=5)
        with self.slots.lock:
            self.slots.let_go()
        self._ended.clear()

    def _make_room(self, person: int, *, this_process_only: bool = False) -> None:
        """End this person's oldest stream, in whichever process it is."""
        own = [stream for stream in self._all() if stream.person == person]
        if own:
            oldest = min(own, key=lambda stream: stream.began)
            oldest.say(goodbye_message("limit"))
            self.close(oldest)
        elif not this_process_only:
            with self.slots.lock:
                self.slots.ask_others_for_room(person, self.name)

    def _connect(self) -> psycopg.Connection[Any]:
        url = self.app.extensions["settings"].database_url
        return psycopg.connect(url, autocommit=True, connect_timeout=5, keepalives_idle=30)

    def _run(self) -> None:
        while True:
            with self._lock:  # a stream opened meanwhile starts a new thread
                if self._ended.is_set() or not self._streams:
                    self._thread = None
                    return
            try:
                with self._connect() as connection:
                    connection.execute(f"LISTEN {CHANNEL}")
                    self._listen(connection)
            except psycopg.Error as error:
                log.warning("the connection to the database's notifications is down: %s", error)
                self._ended.wait(1.0)
            except Exception:
                log.exception("the stream broker stumbled and goes on")
                self._ended.wait(1.0)

    def _listen(self, connection: psycopg.Connection[Any]) -> None:
        look, rights, tended, beat = 0.0, 0.0, 0.0, time.monotonic()
        while not self._ended.is_set() and self.count():
            for notified in connection.notifies(timeout=0.25, stop_after=1):
                payload = json.loads(notified.payload)
                if "room_for" in payload:
                    if payload.get("by") != self.name:
                        self._make_room(payload["room_for"], this_process_only=True)
                else:
                    self._teller.tell(Change(**payload))
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
                self._teller.look()
            if now - rights >= RIGHTS_EVERY:
                rights = now
                self._check_rights()

    def _tend(self, *, beat: bool) -> None:
        """Look after the sockets that are the broker's own: who has gone, who lags behind, who hears nothing for long."""
        for number, _event in self._ends.poll(0):
            if (stream := self._by_socket.get(number)) is not None:
                self.close(stream)
        for stream in list(self._by_socket.values()):
            stream.flush()
            if beat:
                stream.say(STILL_HERE)
            if stream.may_go():
                self.close(stream)

    def _check_rights(self) -> None:
        for kind, ids in self._open().items():
            streams = [stream for board_id in ids for stream in self._of((kind, board_id))]
            asked = {(stream.person, stream.session, stream.topic[1]) for stream in streams}
            allowed = self._in_context(partial(self.sources[kind].allowed, asked))
            for stream in streams:
                asking = (stream.person, stream.session, stream.topic[1])
                if asking in allowed:
                    stream.rights = allowed[asking]
                else:
                    stream.say(goodbye_message("rights"))

    def _open(self) -> dict[str, set[int]]:
        """The boards that somebody looks at, by kind."""
        boards: dict[str, set[int]] = {}
        with self._lock:
            for kind, board_id in self._streams:
                boards.setdefault(kind, set()).add(board_id)
        return boards

    def _of(self, topic: Channel) -> list[Connection]:
        with self._lock:
            return list(self._streams.get(topic, ()))

    def _all(self) -> list[Connection]:
        with self._lock:
            return [stream for streams in self._streams.values() for stream in streams]

    def _in_context(self, work: Callable[[], T]) -> T:
        with self.app.app_context(), reading():
            return work()
