"""The Stripe simulator, running in a thread of the test: a real HTTP server for the real SDK.

simulator = Simulator(database.owner_url)           # starts at once; `webhooks=` is the app's base address
client = simulator.client()                       # the unmodified SDK, pointed at it
simulator.pay(session_id)                         # what a person, a bank or time would do
simulator.fault("drop_after", path="/v1/transfers$")   # the next such request goes wrong
simulator.deliver()                               # send the webhooks that are due, now
simulator.switch(other.owner_url)                 # the same server over another (or re-created) database
simulator.stop()
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.types import WSGIApplication

import pytest
import stripe
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler, make_server

from tests.contract.held import Held
from webapp.stripe_simulator.config import Config
from webapp.stripe_simulator.server import create_app

KEY = "sk_test_simulator"
SECRETS = {"platform": "whsec_platform", "connected": "whsec_connected", "thin": "whsec_thin"}
NOWHERE = "http://127.0.0.1:9"

stripe.enable_telemetry = False
# The SDK's HTTP client obeys proxy settings: not on the way to ourselves.
os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1,localhost"


class ControlRefused(Exception):
    """The simulator did not do what a test asked of it."""


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Requests of tests are not news."""


class Simulator:
    """A running simulator. `webhooks` is the base address of the app it delivers to; `deliver_itself` lets its own
    thread send the webhooks (else `deliver()` does). `wrap` is the middleware around its WSGI application: as a rule
    every exchange is held to Stripe's contract, and a breach fails the test (tests/contract/held.py). `listener` is a
    socket that listens already, whose address others were told."""

    def __init__(
        self,
        database_url: str,
        *,
        webhooks: str = NOWHERE,
        deliver_itself: bool = False,
        retry_seconds: tuple[int, ...] = (1, 3, 10, 60),
        wrap: Callable[[WSGIApplication], WSGIApplication] = Held,
        listener: socket.socket | None = None,
    ) -> None:
        logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
        self._server = make_server(
            "127.0.0.1",
            listener.getsockname()[1] if listener else 0,
            lambda *call: self._application(*call),
            threaded=True,
            request_handler=_Quiet,
            fd=listener.fileno() if listener else None,
        )
        assert isinstance(self._server, ThreadedWSGIServer)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.socket.getsockname()[1]}"
        """Where it listens: the SDK's base address, and the address of its pages."""
        self.key = KEY
        """The only secret key it accepts."""
        self.secrets = dict(SECRETS)
        """Signing secrets of its three destinations: platform, connected, thin."""
        self.config = Config(database_url, self.url, self.key, webhooks, self.secrets, retry_seconds)
        self.app = create_app(self.config, deliver=deliver_itself)
        self._application: Any = wrap(self.app.wsgi_app)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    # --- the life of the server

    @property
    def inside(self) -> Any:
        """The object behind: `.store`, `.deliverer`, `.api`."""
        return self.app.extensions["simulator"]

    def switch(self, database_url: str | None = None) -> None:
        """Go on over another database, or over the same one after it was dropped and made anew."""
        self.inside.prepare(database_url)

    def let_go(self) -> None:
        """Close every connection, so that the database may be dropped; the next request opens new ones."""
        self.inside.store.close()

    def stop(self) -> None:
        """End the server and close its connections."""
        self._server.shutdown()
        self._thread.join(timeout=5)
        self._server.server_close()
        self.inside.close()

    # --- the SDK

    def client(self, **options: Any) -> stripe.StripeClient:
        """The real SDK, pointed at this server; it retries nothing unless `max_network_retries` says so."""
        addresses = dict.fromkeys(("api", "connect", "files", "meter_events"), self.url)
        options = {"http_client": stripe.RequestsClient(timeout=(3, 20)), "max_network_retries": 0, **options}
        return stripe.StripeClient(self.key, base_addresses=addresses, **options)  # type: ignore[arg-type]

    # --- what a person, a bank, time or bad luck does

    def fault(self, kind: str, path: str = "/", method: str = "POST", times: int = 1, **more: Any) -> None:
        """Let the next `times` requests that fit go wrong. `path` is a regular expression, matched from the start;
        `more`: seconds (hang, slow), after (hang once all is done), retry_after (429)."""
        self.ask("faults", {"kind": kind, "path": path, "method": method, "times": times, **more})

    def clear_faults(self) -> None:
        """No further request goes wrong."""
        self.ask("faults/clear", {})

    def control(self, name: str, **values: Any) -> dict[str, Any]:
        """Use a control (see webapp/stripe_simulator/controls.py); ControlRefused says why not."""
        return self.ask(f"controls/{name}", values)

    def pay(self, session_id: str, how: str = "card") -> dict[str, Any]:
        """Pay a checkout session: card | bank (arrives later: settle_async, fail_async) | declined."""
        return self.control("pay_session", session=session_id, how=how)

    def deliver(self, post: Callable[[str, bytes, dict[str, str]], int] | None = None) -> tuple[int, int]:
        """Send every webhook that is due, one after the other: (taken, refused). `post(url, body, headers)` may
        take them instead of HTTP, and answers a status."""
        deliverer = self.inside.deliverer
        if post is None:
            sent = deliverer.deliver_due()
        else:
            usual, deliverer.post = deliverer.post, post
            try:
                sent = deliverer.deliver_due()
            finally:
                deliverer.post = usual
        return sent.taken, sent.refused

    def state(self) -> dict[str, Any]:
        """Ids and counts of all objects, balances, events, deliveries, faults, clock; `wrong` must be empty."""
        return self.ask("state", None)

    def ask(self, what: str, values: dict[str, Any] | None) -> dict[str, Any]:
        """One call of the simulator's own JSON interface."""
        request = urllib.request.Request(
            f"{self.url}/_simulator/{what}", data=None if values is None else json.dumps(values).encode()
        )
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                request, timeout=30
            ) as answer:
                return dict(json.load(answer))
        except urllib.error.HTTPError as error:
            raise ControlRefused(json.load(error)["error"]["message"]) from None

    def active_account(self, country: str = "US", **more: Any) -> str:
        """The id of a new recipient who may receive transfers."""
        account = self.client().v2.core.accounts.create(recipient(country=country, **more))
        self.control("finish_onboarding", account=account.id, outcome="finish")
        return account.id


def recipient(country: str = "US", email: str = "intern@example.com", **more: Any) -> Any:
    """The parameters of a v2 account that may one day receive transfers."""
    transfers = {"stripe_transfers": {"requested": True}}
    return {
        "contact_email": email,
        "display_name": "Mai Intern",
        "dashboard": "express",
        "identity": {"country": country},
        "configuration": {"recipient": {"capabilities": {"stripe_balance": transfers}}},
        "defaults": {
            "responsibilities": {"fees_collector": "application", "losses_collector": "application"}
        },
        "include": ["configuration.recipient", "requirements", "identity", "defaults"],
        **more,
    }


@pytest.fixture(scope="session")
def _simulator_server() -> Iterator[dict[str, Simulator]]:
    """One server a worker; it is started by the first test that asks."""
    running: dict[str, Simulator] = {}
    yield running
    for simulator in running.values():
        simulator.stop()


@pytest.fixture
def simulator(_simulator_server: dict[str, Simulator], database: Any) -> Iterator[Simulator]:
    """The simulator over this test's fresh database, with no webhooks sent but by `deliver()`."""
    if "one" not in _simulator_server:
        _simulator_server["one"] = Simulator(database.owner_url)
    found = _simulator_server["one"]
    found.switch(database.owner_url)
    yield found
    wrong = found.state()["wrong"]
    found.let_go()
    assert not wrong, f"the books of the simulator disagree: {wrong}"
