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
class StripeObject:
    """An object of the interface: what clients see, what they do not, and when time changes it."""

    id: str
    kind: str
    account: str
    body: Body
    hidden: Body = field(default_factory=dict)
    due: int | None = None
    seq: int = 0

    @classmethod
    def from_row(cls, row: Row) -> StripeObject:
        return cls(row["id"], row["kind"], row["account"], row["body"], row["hidden"], row["due"], row["seq"])


def setting(connection: Connection, name: str, default: object = None) -> Any:
    row = connection.execute("SELECT value FROM setting WHERE name = %s", [name]).fetchone()
    return row["value"] if row else default


def put_setting(connection: Connection, name: str, value: object) -> None:
    connection.execute(
        "INSERT INTO setting VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        [name, Jsonb(value)],
    )


def clock(connection: Connection) -> float:
    """The simulator's time: the real one, moved by the control `move_clock`."""
    return time.time() + float(setting(connection, "clock", 0))


def iso(instant: float) -> str:
    """An instant as v2 writes it."""
    return datetime.fromtimestamp(instant, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class World:
    """What an endpoint or a control works with. `account` is who is asked for: '' is the platform."""

    connection: Connection
    config: Config
    now: int
    account: str = PLATFORM
    request_id: str | None = None
    key: str | None = None

    def insert(self, new: StripeObject) -> StripeObject:
        self.connection.execute(
            "INSERT INTO object (id, kind, account, created, due, body, hidden)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [new.id, new.kind, new.account, self.now, new.due, Jsonb(new.body), Jsonb(new.hidden)],
        )
        return new

    def save(self, changed: StripeObject) -> None:
        self.connection.execute(
            "UPDATE object SET body = %s, hidden = %s, due = %s WHERE id = %s",
            [Jsonb(changed.body), Jsonb(changed.hidden), changed.due, changed.id],
        )

    def find(
        self, id: object, kind: str | Sequence[str] | None = None, account: str | None = None
    ) -> StripeObject | None:
        """The object with this id, if it is of this kind and belongs to this account."""
        row = self.connection.execute("SELECT * FROM object WHERE id = %s", [str(id)]).fetchone()
        kinds = [kind] if isinstance(kind, str) else kind
        if row is None or (kinds and row["kind"] not in kinds):
            return None
        if account is not None and row["account"] != account:
            return None
        return StripeObject.from_row(row)

    def need(
        self, id: str, kind: str, *, noun: str = "", param: str | None = None, status: int = 404
    ) -> StripeObject:
        """The object of the asking account, or Stripe's "No such …"."""
        stripe_object = self.find(id, kind, self.account)
        if stripe_object is None:
            raise missing(noun or kind, id, param=param, status=status)
        return stripe_object

    def all_of(
        self, kind: str, where: sql.Composable = EVERYTHING, values: Sequence[Any] = ()
    ) -> list[StripeObject]:
        query = sql.SQL("SELECT * FROM object WHERE kind = %s AND {} ORDER BY seq").format(where)
        return [StripeObject.from_row(row) for row in self.connection.execute(query, [kind, *values])]

    def known_account(self, id: str) -> StripeObject | None:
        return self.find(id, "account")

    def platform_id(self, make: Callable[[], str]) -> str:
        """The platform's own account id, made once."""
        account_id = setting(self.connection, "platform")
        if not account_id:
            account_id = make()
            self.connection.execute(
                "INSERT INTO setting VALUES ('platform', %s) ON CONFLICT DO NOTHING", [Jsonb(account_id)]
            )
            account_id = setting(self.connection, "platform")
        return str(account_id)
