"""One transaction's view of the simulator: its clock, its objects, and who asked."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg import sql
from psycopg.types.json import Jsonb

from .config import Config
from .refusals import Body, missing
from .store import Connection, Row

PLATFORM = ""
EVERYTHING = sql.SQL("TRUE")


@dataclass
class Thing:
    """An object of the interface: what clients see, what they do not, and when time changes it."""

    id: str
    kind: str
    account: str
    body: Body
    hidden: Body = field(default_factory=dict)
    due: int | None = None
    seq: int = 0


def setting(connection: Connection, name: str, default: Any = None) -> Any:
    row = connection.execute("SELECT value FROM setting WHERE name = %s", [name]).fetchone()
    return row["value"] if row else default


def put_setting(connection: Connection, name: str, value: Any) -> None:
    connection.execute(
        "INSERT INTO setting VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, Jsonb(value)],
    )


def clock(connection: Connection) -> float:
    """The simulator's time: the real one, moved by the lever."""
    return time.time() + float(setting(connection, "clock", 0))


def iso(instant: float) -> str:
    """An instant as v2 writes it."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class World:
    """What an endpoint or a lever works with. `account` is who is asked for: '' is the platform."""

    connection: Connection
    config: Config
    now: int
    account: str = PLATFORM
    request_id: str | None = None
    key: str | None = None

    def insert(self, thing: Thing) -> Thing:
        self.connection.execute(
            "INSERT INTO object (id, kind, account, created, due, body, hidden)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [
                thing.id, thing.kind, thing.account, self.now, thing.due, Jsonb(thing.body), Jsonb(thing.hidden),
            ],
        )  # fmt: skip
        return thing

    def save(self, thing: Thing) -> None:
        self.connection.execute(
            "UPDATE object SET body = %s, hidden = %s, due = %s WHERE id = %s",
            [Jsonb(thing.body), Jsonb(thing.hidden), thing.due, thing.id],
        )

    def find(
        self, id: Any, kind: str | Sequence[str] | None = None, account: str | None = None
    ) -> Thing | None:
        """The object with this id, if it is of this kind and belongs to this account."""
        row = self.connection.execute("SELECT * FROM object WHERE id = %s", [str(id)]).fetchone()
        kinds = [kind] if isinstance(kind, str) else kind
        if row is None or (kinds and row["kind"] not in kinds):
            return None
        if account is not None and row["account"] != account:
            return None
        return _thing(row)

    def need(
        self, id: str, kind: str, *, what: str = "", param: str | None = None, status: int = 404
    ) -> Thing:
        """The object of the asking account, or Stripe's "No such …"."""
        found = self.find(id, kind, self.account)
        if found is None:
            raise missing(what or kind, id, param=param, status=status)
        return found

    def all_of(
        self, kind: str, where: sql.Composable = EVERYTHING, values: Sequence[Any] = ()
    ) -> list[Thing]:
        query = sql.SQL("SELECT * FROM object WHERE kind = %s AND {} ORDER BY seq").format(where)
        return [_thing(row) for row in self.connection.execute(query, [kind, *values])]

    def known_account(self, id: str) -> Thing | None:
        return self.find(id, "account")

    def platform_id(self, make: Callable[[], str]) -> str:
        """The platform's own account id, made once."""
        found = setting(self.connection, "platform")
        if not found:
            found = make()
            self.connection.execute(
                "INSERT INTO setting VALUES ('platform', %s) ON CONFLICT DO NOTHING", [Jsonb(found)]
            )
            found = setting(self.connection, "platform")
        return str(found)


def _thing(row: Row) -> Thing:
    return Thing(row["id"], row["kind"], row["account"], row["body"], row["hidden"], row["due"], row["seq"])
