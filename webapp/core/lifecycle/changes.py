"""Saying that something changed: after the commit, on another connection, so that no transaction waits for listeners.

`history.record` publishes each entry of a root whose `publishes` is set; open boards that show a part of it hear.
"""

from __future__ import annotations

import json
import logging
import queue
import threading
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import psycopg
from flask import Flask, current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from webapp.core.database.base import db

log = logging.getLogger(__name__)
CHANNEL = "stint_changes"


@dataclass(frozen=True)
class Change:
    """Change number `n` of the root `root` (`of`: internship or posting): its part `card` of a `kind` has version `version`.

    The actor is a person's id, 0 for the system.
    """

    of: str
    root: int
    n: int
    kind: str
    card: int
    version: int
    actor: int


class Subject(Protocol):
    """A row that a change is about."""

    id: int

    @property
    def kind(self) -> str: ...


def publish(of: str, root_id: int, n: int, subject: Subject, actor_id: int | None) -> None:
    """Let everybody who looks at it hear of a change, once this transaction is committed."""
    db.session.info.setdefault("changing", []).append((of, root_id, n, subject, actor_id or 0))


class Publisher:
    """Sends what was committed, in a thread of its own: no request waits for it."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._waiting: queue.SimpleQueue[list[Change]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()

    def send(self, changes: list[Change]) -> None:
        self._waiting.put(changes)
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="stream teller", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        """One connection as long as there is something to say; after a quiet second both are given up."""
        changes: list[Change] | None = None
        try:
            try:
                with self._connect() as connection:
                    while (changes := self._next()) is not None:
                        _announce(connection, changes)
                return
            except psycopg.OperationalError:
                if changes is None:
                    raise
            # The database was restarted since the last change: once more, on a connection of its own.
            with self._connect() as connection:
                _announce(connection, changes)
        except Exception as error:  # the look at the history finds it all the same
            log.warning("a change was not announced: %s", error)
        with self._lock:
            self._thread = None

    def _connect(self) -> psycopg.Connection[Any]:
        url = self.app.extensions["settings"].database_url
        return psycopg.connect(url, autocommit=True, connect_timeout=5)

    def _next(self) -> list[Change] | None:
        """What is to be said next; None ends the thread, which `send` then starts again."""
        try:
            return self._waiting.get(timeout=1)
        except queue.Empty:
            with self._lock:
                if not self._waiting.empty():
                    return self._waiting.get()
                self._thread = None
                return None


def _announce(connection: psycopg.Connection[Any], changes: list[Change]) -> None:
    for change in changes:
        connection.execute("SELECT pg_notify(%s, %s)", [CHANNEL, json.dumps(asdict(change))])


def _version(subject: Subject) -> int:
    """A card counts its moves, everything else its changes."""
    return int(getattr(subject, "move_version", 0) or getattr(subject, "version", 0))


def _before_commit(session: Session) -> None:
    """Before a commit, while the rows can still be read: what is about to be true."""
    if session.in_nested_transaction():
        return
    changes = [
        Change(of, root, n, subject.kind, subject.id, _version(subject), actor)
        for of, root, n, subject, actor in session.info.pop("changing", ())
    ]
    if changes:
        session.info["changes"] = changes


def _committed(session: Session) -> None:
    if session.in_nested_transaction():
        return
    changes = session.info.pop("changes", None)
    if changes:
        current_app.extensions["stream_teller"].send(changes)


def _rolled_back(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop("changing", None)
        session.info.pop("changes", None)


event.listen(Session, "before_commit", _before_commit)
event.listen(Session, "after_commit", _committed)
event.listen(Session, "after_rollback", _rolled_back)
