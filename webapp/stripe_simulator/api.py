"""The interface: one request from its bytes to its answer, with its key and its fault."""

from __future__ import annotations

import contextlib
import json
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg_pool import PoolTimeout

from . import endpoints, fault_injection, forms, idempotency, identifiers, ledger
from .config import API_VERSION, Config
from .fault_injection import Fault
from .refusals import Body, Refused, broken
from .state import PLATFORM, World, clock
from .store import Connection, Store
from .time_passing import pass_time

log = logging.getLogger(__name__)


@dataclass
class Answer:
    """What goes out; `drop` closes the connection instead."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)
    drop: bool = False


@dataclass(frozen=True)
class Request:
    """What came in, still as bytes and header texts (names in small letters)."""

    method: str
    path: str
    query: bytes
    body: bytes
    headers: dict[str, str]


def written(body: Body) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)


class Api:
    """Answers requests to /v1/ and /v2/."""

    def __init__(self, config: Config, store: Store) -> None:
        self.config = config
        self.store = store

    def answer(self, request: Request) -> Answer:
        """Never raises: whatever a client sends, it is told in Stripe's words."""
        version = 2 if request.path.startswith("/v2/") else 1
        request_id = identifiers.new("req", 14)
        fault: Fault | None = None
        try:
            forms.clean(request.path)
            fault = fault_injection.take(self.store, request.method, request.path)
            answer = self._spoilt_before(fault) or self._spoilt_after(
                fault, self._answered(request, request_id, version, fault)
            )
        except Refused as refused:
            answer = Answer(refused.status, written(refused.body(version)))
        except (psycopg.Error, PoolTimeout):
            log.exception("The simulator cannot reach its database, or was refused by it")
            answer = Answer(500, written(broken().body(version)))
        if fault and fault.kind != "slow":
            answer.headers["X-Simulator-Fault"] = fault.kind
        return Answer(
            answer.status,
            answer.body,
            {
                "Content-Type": "application/json",
                "Request-Id": request_id,
                "Stripe-Version": API_VERSION,
                "Cache-Control": "no-store",
                **answer.headers,
            },
            answer.drop,
        )

    # --- faults

    def _spoilt_before(self, fault: Fault | None) -> Answer | None:
        if fault is None or not fault.before:
            return None
        if fault.kind == "hang":
            time.sleep(fault.seconds)
        if fault.kind in ("hang", "drop_before"):
            return Answer(500, "", drop=True)
        if fault.kind == "502":
            page = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>"
            return Answer(502, page, {"Content-Type": "text/html"})
        if fault.kind == "500_before":
            raise broken()
        if fault.kind == "409":
            raise Refused(
                409, "Another request with this idempotency key is in flight.", code="idempotency_key_in_use"
            )
        code = "lock_timeout" if fault.kind == "lock_timeout" else "rate_limit"
        refused = Refused(429, "Too many requests, or a lock was not to be had in time.", code=code)
        headers = {}
        if "retry_after" in fault.options:
            headers["Retry-After"] = str(int(fault.options["retry_after"]))
        return Answer(429, written(refused.body(1)), headers)

    def _spoilt_after(self, fault: Fault | None, answer: Answer) -> Answer:
        if fault is None or not fault.after:
            return answer
        if fault.kind == "hang":
            time.sleep(fault.seconds)
        if fault.kind in ("hang", "drop_after"):
            answer.drop = True
        elif fault.kind == "garbage":
            return Answer(200, answer.body[: max(1, len(answer.body) // 2)])
        elif fault.kind == "500_after":
            return Answer(500, written(broken().body(1)), answer.headers)
        return answer

    # --- the request itself

    def _answered(self, request: Request, request_id: str, version: int, fault: Fault | None) -> Answer:
        self._authenticate(request)
        endpoint, ids = endpoints.find(request.method, request.path)
        for id in ids:
            forms.clean(id)
        posted = request.method == "POST"
        if posted and version == 2:
            raw = forms.from_json(request.body)
        else:
            raw = forms.from_form(request.body if posted else request.query)
        account = self._account(request)
        text = forms.clean(request.headers.get("idempotency-key", "")) if posted else ""
        if not text:
            if fault and fault.kind == "500_stored":
                raise broken()
            params = self._checked(endpoint, raw)
            if fault and fault.kind == "slow":
                time.sleep(fault.seconds)
            return self._execute(endpoint, ids, params, account, request_id, None, None)
        key = idempotency.Key(account, version, text, request.path, idempotency.fingerprint(raw), request_id)
        lease = idempotency.LEASE_SECONDS + (fault.seconds if fault and fault.kind == "slow" else 0)
        stored = idempotency.claim(self.store, key, lease)
        headers = {"Idempotency-Key": text} if text.isascii() and text.isprintable() else {}
        if stored:
            replay = {"Idempotent-Replayed": "true", "Original-Request": stored.request_id}
            return Answer(stored.status, stored.answer, {**headers, **replay})
        with self._released_unless_kept(key):
            params = self._checked(endpoint, raw)
            if fault and fault.kind == "500_stored":
                self._keep_a_500(key)
                raise broken()
            if fault and fault.kind == "slow":
                time.sleep(fault.seconds)
            answer = self._execute(endpoint, ids, params, account, request_id, key, fault)
        return Answer(answer.status, answer.body, {**headers, **answer.headers})

    def _authenticate(self, request: Request) -> None:
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise Refused(
                401, "You did not provide an API key. Provide it in the Authorization header, as Bearer."
            )
        if token.strip() != self.config.secret_key:
            raise Refused(401, "Invalid API Key provided.")
        version = request.headers.get("stripe-version", API_VERSION)
        if version != API_VERSION:
            raise Refused(400, f"The simulator speaks {API_VERSION} only, not {version[:40]}.")

    def _account(self, request: Request) -> str:
        """Who is asked for: the platform, or the connected account that the header names."""
        named = request.headers.get("stripe-account") or request.headers.get("stripe-context")
        if not named:
            return PLATFORM
        with self.store.transaction() as connection:
            world = World(connection, self.config, int(clock(connection)))
            account = world.known_account(forms.clean(named))
            if account and not account.body["closed"]:
                return account.id
            if named == world.platform_id(identifiers.account):
                return PLATFORM
        raise Refused(
            403, f"The provided key does not have access to account '{named[:60]}'.", code="account_invalid"
        )

    def _checked(self, endpoint: endpoints.Endpoint, raw: dict[str, Any]) -> dict[str, Any]:
        params = endpoint.takes.take(raw, "")
        endpoint.check(params)
        return params

    @contextlib.contextmanager
    def _released_unless_kept(self, key: idempotency.Key) -> Iterator[None]:
        try:
            yield
        finally:
            # What was refused before it was executed, and every failure of v2, leaves the key unused;
            # a key with a stored answer stays.
            with contextlib.suppress(psycopg.Error, PoolTimeout):
                idempotency.release(self.store, key)

    def _keep_a_500(self, key: idempotency.Key) -> None:
        if key.version == 1:
            with self.store.connection() as connection:
                idempotency.keep(connection, key, 500, written(broken().body(1)))

    def _execute(
        self,
        endpoint: endpoints.Endpoint,
        ids: list[str],
        params: dict[str, Any],
        account: str,
        request_id: str,
        key: idempotency.Key | None,
        fault: Fault | None,
    ) -> Answer:
        """The work, its events and the stored answer in one transaction."""
        writes = endpoint.method == "POST"
        with self.store.writing() if writes else self.store.transaction() as connection:
            now = int(clock(connection))
            caused = (request_id, key.text if key else None) if writes else (None, None)
            world = World(connection, self.config, now, account, *caused)
            pass_time(world)
            answer = self._run(endpoint, world, ids, params)
            if key and (answer.status < 400 or key.version == 1):
                self._keep(connection, key, answer, fault)
            if writes:
                ledger.check(connection)
        return answer

    def _run(
        self, endpoint: endpoints.Endpoint, world: World, ids: list[str], params: dict[str, Any]
    ) -> Answer:
        try:
            # A savepoint: a refusal in the middle takes back what was begun, but is itself stored.
            with world.connection.transaction():
                body = endpoint.run(world, ids, params)
                body = endpoints.expanded(world, body, params)
            return Answer(200, written(body))
        except Refused as refused:
            return Answer(refused.status, written(refused.body(endpoint.version)))
        except psycopg.Error:
            raise
        except Exception:
            log.exception("The simulator failed at %s", endpoint.pattern.pattern)
            return Answer(500, written(broken().body(endpoint.version)))

    def _keep(
        self, connection: Connection, key: idempotency.Key, answer: Answer, fault: Fault | None
    ) -> None:
        if fault and fault.kind == "500_after" and key.version == 1:
            idempotency.keep(connection, key, 500, written(broken().body(1)))
        else:
            idempotency.keep(connection, key, answer.status, answer.body)
