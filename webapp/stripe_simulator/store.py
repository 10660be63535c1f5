"""The simulator's own schema in PostgreSQL, reached through a small pool that outlives a restart of the server."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row
from psycopg_pool import ConnectionPool

Row = dict[str, Any]
Connection = psycopg.Connection[Row]
STATEMENTS = (Path(__file__).parent / "schema.sql").read_text()
# Keys of advisory locks: one maker of the schema; one writer of the books.
MAKING, WRITING = 7_326_411, 7_326_412
TABLES = "setting, object, entry, total, idempotency, event, delivery, fault"


class Store:
    """Opens on first use; `reopen` moves it to another (or a re-created) database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: ConnectionPool[Connection] | None = None
        self._guard = threading.Lock()

    def _opened(self) -> ConnectionPool[Connection]:
        with self._guard:
            if self._pool is None:
                self._pool = ConnectionPool(
                    self.url,
                    connection_class=Connection,
                    kwargs={"autocommit": True, "row_factory": dict_row},
                    min_size=0,
                    max_size=16,
                    timeout=10,
                    reconnect_timeout=5,
                    # Each new connection makes sure of the schema: a database that was dropped and created again
                    # under us works at once. Each used one is tried first: the server may have been restarted.
                    configure=_prepared,
                    check=ConnectionPool.check_connection,
                    open=True,
                )
            return self._pool

    def prepare(self) -> None:
        """Make the schema if it is missing; may be called again at any time."""
        with self.connection() as connection:
            _prepared(connection)

    @contextlib.contextmanager
    def connection(self) -> Iterator[Connection]:
        """A connection outside any transaction: each statement is its own transaction."""
        with self._opened().connection() as connection:
            yield connection

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.connection() as connection, connection.transaction():
            yield connection

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, and only one writer of the books at a time: nobody spends a balance twice."""
        with self.connection() as connection, connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [WRITING])
            yield connection

    def empty(self) -> None:
        """Forget everything: a new simulator in the same database."""
        with self.connection() as connection:
            connection.execute(f"TRUNCATE {TABLES} RESTART IDENTITY CASCADE")

    def close(self) -> None:
        with self._guard:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.close(timeout=2)

    def reopen(self, url: str | None = None) -> None:
        """Let go of every connection; the next use opens the same address, or the one given."""
        self.close()
        self.url = url or self.url


def _prepared(connection: Connection) -> None:
    connection.execute("SET search_path TO stripe_simulator")
    row = connection.execute("SELECT to_regclass('stripe_simulator.fault') AS found").fetchone()
    if row and row["found"] is None:
        with connection.transaction():
            # CREATE … IF NOT EXISTS of two starts at once collides in the catalogue without this lock.
            connection.execute("SELECT pg_advisory_xact_lock(%s)", [MAKING])
            connection.execute(STATEMENTS.encode())
        connection.execute("SET search_path TO stripe_simulator")
