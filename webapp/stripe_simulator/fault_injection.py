"""The fault switchboard: rows that say which of the next requests go wrong, and how."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

from psycopg.types.json import Jsonb

from .refusals import Body, Refused
from .store import Store

# Before: nothing is done. After: everything is done, and the answer is lost or spoilt.
BEFORE = ("drop_before", "500_before", "429", "lock_timeout", "409", "502")
AFTER = ("drop_after", "500_after", "garbage")
KINDS = (*BEFORE, *AFTER, "hang", "500_stored", "slow")
LONGEST_SECONDS = 120


@dataclass(frozen=True)
class Fault:
    """One fault, taken for this request. `seconds` of hang and slow; `after`: hang once all is done."""

    kind: str
    options: Body

    @property
    def seconds(self) -> float:
        return float(self.options.get("seconds", 1))

    @property
    def before(self) -> bool:
        return self.kind in BEFORE or (self.kind == "hang" and not self.options.get("after"))

    @property
    def after(self) -> bool:
        return self.kind in AFTER or (self.kind == "hang" and not self.before)


def add(store: Store, asked: dict[str, Any]) -> Body:
    """Arm a fault: kind, method, path (a regular expression, matched from the start), times, and its options."""
    kind, path = str(asked.get("kind", "")), str(asked.get("path") or "/")
    method = str(asked.get("method") or "POST").upper()
    options = {
        name: asked[name] for name in ("seconds", "after", "retry_after") if asked.get(name) is not None
    }
    try:
        times = int(asked.get("times", 1))
        options |= {name: float(options[name]) for name in ("seconds", "retry_after") if name in options}
        with warnings.catch_warnings():
            # Python only warns of expressions that will mean something else one day, and would at every request.
            warnings.simplefilter("error")
            re.compile(path)
    except (TypeError, ValueError, OverflowError, re.error, Warning):
        raise Refused(400, "times and seconds are numbers, path is a regular expression.") from None
    if kind not in KINDS or method not in ("GET", "POST", "*"):
        raise Refused(400, f"kind is one of {', '.join(KINDS)}; method is GET, POST or *.")
    if not 0 < times <= 100_000 or not 0 <= options.get("seconds", 0) <= LONGEST_SECONDS:
        raise Refused(400, f"times is 1 to 100,000; seconds is 0 to {LONGEST_SECONDS}.")
    with store.connection() as connection:
        row = connection.execute(
            "INSERT INTO fault (kind, method, path, times_left, options) VALUES (%s, %s, %s, %s, %s) RETURNING *",
            [kind, method, path, times, Jsonb(options)],
        ).fetchone()
    assert row is not None
    return row


def listed(store: Store) -> list[Body]:
    with store.connection() as connection:
        return connection.execute("SELECT * FROM fault ORDER BY id").fetchall()


def clear(store: Store) -> None:
    with store.connection() as connection:
        connection.execute("DELETE FROM fault")


def take(store: Store, method: str, path: str) -> Fault | None:
    """The first armed fault that fits; each is taken exactly as often as it says, also by parallel requests."""
    with store.connection() as connection:
        armed = connection.execute("SELECT * FROM fault WHERE times_left > 0 ORDER BY id").fetchall()
        for row in armed:
            if row["method"] not in (method, "*") or not re.match(row["path"], path):
                continue
            taken = connection.execute(
                "UPDATE fault SET times_left = times_left - 1, hits = hits + 1"
                " WHERE id = %s AND times_left > 0 RETURNING id",
                [row["id"]],
            ).fetchone()
            if taken:
                return Fault(row["kind"], row["options"])
    return None
