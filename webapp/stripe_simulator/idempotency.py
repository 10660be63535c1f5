"""Idempotency keys as Stripe documents them ("Idempotent requests"): in flight, stored, replayed, pruned."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from typing import Any

from .refusals import Refused
from .state import clock
from .store import Connection, Store

# v1 keys may be pruned after 24 hours, v2 keys after 30 days.
LIFE = {1: 24 * 3600, 2: 30 * 24 * 3600}
# An in-flight mark whose owner was killed opens again after this many real seconds (or at the next start).
LEASE_SECONDS = 30.0
LONGEST = 255


@dataclass(frozen=True)
class Key:
    """One request under a key: whose, of which interface, where to and with what."""

    account: str
    version: int
    text: str
    path: str
    fingerprint: str
    request_id: str


@dataclass(frozen=True)
class Stored:
    """The first answer, as it is replayed."""

    status: int
    answer: str
    request_id: str


def fingerprint(params: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def claim(store: Store, key: Key, lease: float = LEASE_SECONDS) -> Stored | None:
    """Mark the key as in flight, for every other connection to see, or answer what is stored under it.

    Raises Refused: 400 idempotency_error (other parameters or another address), 409 (still in flight)."""
    if not key.text or len(key.text) > LONGEST:
        raise Refused(
            400, f"The idempotency key must have 1 to {LONGEST} characters.", param="Idempotency-Key"
        )
    with store.transaction() as connection:
        now, real = int(clock(connection)), time.time()
        same = [key.account, key.version, key.text]
        connection.execute(
            "DELETE FROM idempotency WHERE account = %s AND version = %s AND key = %s AND created <= %s"
            " AND (leased_until IS NULL OR leased_until < %s)",
            [*same, now - LIFE[key.version], real],
        )
        claimed = connection.execute(
            "INSERT INTO idempotency (account, version, key, path, fingerprint, request_id, created, leased_until)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING RETURNING key",
            [*same, key.path, key.fingerprint, key.request_id, now, real + lease],
        ).fetchone()
        if claimed:
            return None
        row = connection.execute(
            "SELECT * FROM idempotency WHERE account = %s AND version = %s AND key = %s FOR UPDATE", same
        ).fetchone()
        if row is None:
            # Released between the two statements: its owner was refused. The client tries again.
            raise in_use(key)
        if (row["path"], row["fingerprint"]) != (key.path, key.fingerprint):
            raise Refused(
                400,
                "Keys for idempotent requests can only be used with the same address and the same parameters they"
                f" were first used with. Try a key other than '{key.text}' if this is another request.",
                type="idempotency_error",
            )
        if row["status"] is not None:
            return Stored(row["status"], row["answer"], row["request_id"])
        if row["leased_until"] >= real:
            raise in_use(key)
        # The owner was killed before it could do anything: its transaction is gone. We take over.
        connection.execute(
            "UPDATE idempotency SET request_id = %s, leased_until = %s"
            " WHERE account = %s AND version = %s AND key = %s",
            [key.request_id, real + lease, *same],
        )
        return None


def in_use(key: Key) -> Refused:
    return Refused(
        409,
        f"Another request with the idempotency key '{key.text}' is in flight. Try again in a moment.",
        code="idempotency_key_in_use",
    )


def keep(connection: Connection, key: Key, status: int, answer: str) -> None:
    """Store the answer, in the transaction of the work itself: both are there, or neither."""
    done = connection.execute(
        "UPDATE idempotency SET status = %s, answer = %s, leased_until = NULL WHERE account = %s AND version = %s"
        " AND key = %s AND request_id = %s AND status IS NULL",
        [status, answer, key.account, key.version, key.text, key.request_id],
    )
    if done.rowcount != 1:
        # Our lease ran out and another request took the key over: what we did is rolled back.
        raise in_use(key)


def release(store: Store, key: Key) -> None:
    """Nothing was executed: the key is as if it had never been used."""
    with store.connection() as connection:
        connection.execute(
            "DELETE FROM idempotency WHERE account = %s AND version = %s AND key = %s AND request_id = %s"
            " AND status IS NULL",
            [key.account, key.version, key.text, key.request_id],
        )


def release_left_over(store: Store) -> None:
    """At the start: whatever was in flight died with the process before us."""
    with store.connection() as connection:
        connection.execute("DELETE FROM idempotency WHERE status IS NULL")


def prune(connection: Connection) -> int:
    """Control: forget every key that has its answer."""
    return connection.execute("DELETE FROM idempotency WHERE status IS NOT NULL").rowcount
