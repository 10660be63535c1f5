"""Starting, being killed, starting again: the settings it refuses, and what survives."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
import stripe

from tests.stripe_simulator.conftest import checkout
from tests.support.postgres import ROOT
from tests.support.simulator import KEY, SECRETS, Simulator
from webapp.stripe_simulator.config import SECRET_VARIABLES, Config, from_environment

ENVIRONMENT = {
    "STRIPE_SIMULATOR_DATABASE_URL": "postgresql:///nothing",
    "STRIPE_SIMULATOR_URL": "http://127.0.0.1:18000/",
    "STRIPE_SIMULATOR_WEBHOOKS": "http://127.0.0.1:8000",
    "STRIPE_SECRET_KEY": KEY,
    **{variable: SECRETS[name] for name, variable in SECRET_VARIABLES.items()},
}


def test_its_settings_come_from_the_environment() -> None:
    config = from_environment(ENVIRONMENT)
    assert config.public_url == "http://127.0.0.1:18000" and config.secrets == SECRETS
    assert config.destination_url("thin") == "http://127.0.0.1:8000/webhooks/stripe/thin"


@pytest.mark.parametrize(
    "changed",
    [
        {"STRIPE_SECRET_KEY": "sk_live_abc"},
        {"STRIPE_SECRET_KEY": "rk_live_abc"},
        {"STRIPE_WEBHOOK_SECRET": "sk_live_abc"},
        {"SOMETHING_ELSE": "sk_live_abc"},
        {"SOMETHING_ELSE": "postgresql://u:rk_live_abc@h/d"},
        {"STRIPE_SECRET_KEY": "pk_test_abc"},
        {"STRIPE_SECRET_KEY": ""},
        {"STRIPE_THIN_WEBHOOK_SECRET": ""},
        {"STRIPE_SIMULATOR_URL": "ftp://x"},
    ],
    ids=str,
)
def test_it_refuses_to_start_beside_a_live_key_or_with_a_gap(changed: dict[str, str]) -> None:
    with pytest.raises(SystemExit) as refused:
        from_environment({**ENVIRONMENT, **changed})
    assert isinstance(refused.value.code, str) and "live_abc" not in refused.value.code
    with pytest.raises(SystemExit):
        Config("postgresql:///x", "http://a", "sk_live_x", "http://b", SECRETS)


def test_a_database_that_was_restarted_or_made_anew_is_found_again(
    simulator: Simulator, client: Any, database: Any, test_server: Any
) -> None:
    session = client.v1.checkout.sessions.create(checkout())
    with psycopg.connect(test_server.url("postgres", "postgres"), autocommit=True) as admin:
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [database.name]
        )
        assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
        simulator.let_go()
        simulator.switch(database.owner_url)
        assert client.v1.checkout.sessions.retrieve(session.id).status == "open"
        with simulator.inside.store.connection() as connection:
            connection.execute("DROP SCHEMA stripe_simulator CASCADE")
        simulator.let_go()
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.retrieve(session.id)


def test_two_that_start_at_once_on_an_empty_database_both_start(database: Any) -> None:
    servers = [Simulator(database.owner_url) for _ in range(2)]
    try:
        session = servers[0].client().v1.checkout.sessions.create(checkout())
        assert servers[1].client().v1.checkout.sessions.retrieve(session.id).id == session.id
    finally:
        for server in servers:
            server.stop()


class Gunicorn:
    """The simulator as it is really started; its address is Stripe's for the SDK."""

    def __init__(self, database_url: str, webhooks: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **{name: value for name, value in os.environ.items() if "live" not in value},
            **ENVIRONMENT,
            "STRIPE_SIMULATOR_DATABASE_URL": database_url,
            "STRIPE_SIMULATOR_URL": self.url,
            "STRIPE_SIMULATOR_WEBHOOKS": webhooks,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--worker-class", "gthread", "--workers", "1", "--threads", "16",
             "--bind", f"127.0.0.1:{self.port}", "webapp.stripe_simulator.server:from_environment()"],
            cwd=ROOT, env=self.environment, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            try:
                self.ask("state")
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("gunicorn did not start")

    def kill(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def ask(self, path: str, values: dict[str, Any] | None = None) -> dict[str, Any]:
        data = None if values is None else json.dumps(values).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(
            urllib.request.Request(f"{self.url}/_simulator/{path}", data=data), timeout=5
        ) as answer:
            return dict(json.load(answer))

    def client(self) -> stripe.StripeClient:
        addresses: Any = dict.fromkeys(("api", "connect", "files", "meter_events"), self.url)
        return stripe.StripeClient(
            KEY,
            base_addresses=addresses,
            max_network_retries=0,
            http_client=stripe.RequestsClient(timeout=(3, 20)),
        )


@pytest.fixture
def gunicorn(database: Any) -> Iterator[Gunicorn]:
    # Nobody listens at this address: the deliveries have to wait.
    server = Gunicorn(database.owner_url, "http://127.0.0.1:9")
    yield server
    server.kill()


def test_killed_under_gunicorn_it_goes_on_with_every_object_key_and_delivery(
    gunicorn: Gunicorn, database: Any
) -> None:
    gunicorn.start()
    client = gunicorn.client()
    gunicorn.ask("faults", {"kind": "drop_after", "path": "/v1/checkout/sessions$"})
    with pytest.raises(stripe.APIConnectionError):
        client.v1.checkout.sessions.create(checkout(), {"idempotency_key": "the-key"})
    session = client.v1.checkout.sessions.create(checkout(), {"idempotency_key": "the-key"})
    assert session.last_response and session.last_response.headers["Idempotent-Replayed"] == "true"
    gunicorn.ask("controls/pay_session", {"session": session.id})
    # In flight at the moment of the kill: nothing is executed, and the mark must not last.
    gunicorn.ask("faults", {"kind": "slow", "seconds": 30, "path": "/v1/checkout/sessions$"})
    hurried = stripe.StripeClient(
        KEY, base_addresses=dict.fromkeys(("api", "connect", "files", "meter_events"), gunicorn.url),  # type: ignore[arg-type]
        http_client=stripe.RequestsClient(timeout=(3, 0.3)), max_network_retries=0,
    )  # fmt: skip
    with pytest.raises(stripe.APIConnectionError):
        hurried.v1.checkout.sessions.create(checkout(60_000), {"idempotency_key": "in-flight"})
    gunicorn.kill()
    gunicorn.start()
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"
    again = client.v1.checkout.sessions.create(checkout(), {"idempotency_key": "the-key"})
    assert again.id == session.id
    fresh = client.v1.checkout.sessions.create(checkout(60_000), {"idempotency_key": "in-flight"})
    assert fresh.amount_total == 60_000 and len(client.v1.checkout.sessions.list().data) == 2
    state = gunicorn.ask("state")
    assert {delivery["outcome"] for delivery in state["deliveries"]} == {"waiting"}
    assert len(state["deliveries"]) == 4 and state["wrong"] == []
