"""Sends what happened to the app: signed, at least once, again and again until it is taken, for three days."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import psycopg
from psycopg_pool import PoolTimeout

from . import events
from .config import GIVE_UP_SECONDS, Config
from .state import World, clock, setting
from .store import Row, Store
from .time_passing import pass_time, something_is_due

log = logging.getLogger(__name__)
TIMEOUT_SECONDS = 10
# A claim outlives the longest posting; a killed sender's claims open again after it.
CLAIM_SECONDS = 30.0
AT_ONCE = 8
Post = Callable[[str, bytes, dict[str, str]], int]


@dataclass(frozen=True)
class Sent:
    """How many deliveries were taken, and how many have to be tried again."""

    taken: int
    refused: int


def signature(secret: str, body: bytes, at: int) -> str:
    """The header that proves the sender: the scheme of Stripe's page "Verify webhook signatures"."""
    signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect is no acceptance."""

    def redirect_request(self, *_: object, **__: object) -> None:
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def post(url: str, body: bytes, headers: dict[str, str]) -> int:
    """POST over HTTP; answers the status, raises OSError when there is none."""
    request = urllib.request.Request(url, data=body, headers=headers, method="POST")  # noqa: S310 - http(s), checked
    try:
        with _OPENER.open(request, timeout=TIMEOUT_SECONDS) as answer:
            answer.read(10_000)
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)


class Deliverer:
    """What sends the deliveries that are due; `post` may be replaced by a test that has no server."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config = config
        self.store = store
        self.post: Post = post
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # --- the thread

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="simulator webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=TIMEOUT_SECONDS + 2)

    def _run(self) -> None:
        while not self._stop.wait(0.2):
            try:
                self.deliver_due(at_once=AT_ONCE)
            except (psycopg.Error, PoolTimeout) as error:
                # The database is being restarted: everything is still in it, so wait and go on.
                log.warning("The simulator's webhooks wait for the database: %s", error)
                self._stop.wait(1)
            except Exception:
                log.exception("The simulator's webhooks stumbled")
                self._stop.wait(1)

    # --- one round

    def deliver_due(self, at_once: int = 1) -> Sent:
        """Let time pass, then send what is due until nothing is; one after the other unless told otherwise."""
        self._pass_time()
        taken = refused = 0
        with ThreadPoolExecutor(at_once, thread_name_prefix="simulator webhook") as threads:
            # Bounded: an app whose every webhook makes a new event must not keep us here for ever.
            for _ in range(1000):
                claimed = self._claim(at_once * 2 if at_once > 1 else 50)
                if not claimed:
                    break
                outcomes = list(threads.map(self._deliver, claimed))
                taken += outcomes.count(True)
                refused += outcomes.count(False)
        return Sent(taken, refused)

    def _pass_time(self) -> None:
        with self.store.connection() as connection:
            now = int(clock(connection))
            if not something_is_due(connection, now):
                return
        with self.store.writing() as connection:
            pass_time(World(connection, self.config, now))

    def _claim(self, most: int) -> list[Row]:
        with self.store.transaction() as connection:
            if setting(connection, "hold"):
                return []
            rows = connection.execute(
                "UPDATE delivery SET claimed_until = %(real)s + %(claim)s, tries = tries + 1 WHERE id IN ("
                " SELECT id FROM delivery WHERE outcome IS NULL AND due <= %(now)s AND claimed_until < %(real)s"
                " ORDER BY place, id LIMIT %(most)s FOR UPDATE SKIP LOCKED) RETURNING *",
                {"real": time.time(), "claim": CLAIM_SECONDS, "now": clock(connection), "most": most},
            ).fetchall()
        return sorted(rows, key=lambda row: (row["place"], row["id"]))

    def _deliver(self, delivery: Row) -> bool:
        with self.store.connection() as connection:
            event = connection.execute("SELECT * FROM event WHERE id = %s", [delivery["event"]]).fetchone()
            if event is None:
                return True
            body = json.dumps(events.as_sent(connection, event)).encode()
        destination = delivery["destination"]
        # Signed with the real time, whatever the simulator's clock says: the receiver compares with its own.
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stint Stripe simulator",
            "Stripe-Signature": signature(self.config.secrets[destination], body, int(time.time())),
        }
        try:
            status = self.post(self.config.destination_url(destination), body, headers)
            answer = f"HTTP {status}"
        except OSError as error:
            status, answer = 0, f"{type(error).__name__}: {error}"[:300]
        taken = 200 <= status < 300
        self._note(delivery, answer, taken=taken)
        return taken

    def _note(self, delivery: Row, answer: str, *, taken: bool) -> None:
        with self.store.connection() as connection:
            now = clock(connection)
            pauses = self.config.retry_seconds
            pause = pauses[min(delivery["tries"], len(pauses)) - 1]
            over = not taken and now + pause > delivery["first_due"] + GIVE_UP_SECONDS
            outcome = "delivered" if taken else "given up" if over else None
            connection.execute(
                "UPDATE delivery SET outcome = %s, answer = %s, due = %s, claimed_until = 0 WHERE id = %s",
                [outcome, answer, now if taken else now + pause, delivery["id"]],
            )


def release_left_over(store: Store) -> None:
    """At the start: what the process before us was sending is sent again."""
    with store.connection() as connection:
        connection.execute("UPDATE delivery SET claimed_until = 0 WHERE outcome IS NULL")
