"""Webhooks: signed so that the real SDK believes them, sent until they are taken, disturbed on command."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from tests.stripe_simulator.conftest import checkout
from tests.support.simulator import Simulator


class Inbox:
    """What takes deliveries in a test, instead of the app."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes, str]] = []
        self.status = 200

    def __call__(self, url: str, body: bytes, headers: dict[str, str]) -> int:
        self.taken.append((url.rpartition("/")[2], body, headers["Stripe-Signature"]))
        return self.status

    def types(self, destination: str = "platform") -> list[str]:
        return [json.loads(body)["type"] for where, body, _ in self.taken if where == destination]


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


def test_a_snapshot_event_is_signed_whole_and_the_same_in_the_list(
    simulator: Simulator, client: Any, inbox: Inbox
) -> None:
    session = client.v1.checkout.sessions.create(checkout())
    simulator.pay(session.id)
    simulator.deliver(inbox)
    assert inbox.types() == [
        "payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "checkout.session.completed",
    ]  # fmt: skip
    _, body, signature = inbox.taken[-1]
    event = client.construct_event(body, signature, simulator.secrets["platform"])
    assert (event.livemode, event.api_version, event.pending_webhooks) == (False, "2026-10-28.endive", 1)
    assert event.data.object.id == session.id and event.data.object.payment_status == "paid"
    listed = client.v1.events.retrieve(event.id)
    assert listed.data.to_dict() == event.data.to_dict() and listed.pending_webhooks == 0
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, signature, simulator.secrets["connected"])
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body + b" ", signature, simulator.secrets["platform"])


def test_events_name_the_request_and_the_key_that_caused_them(simulator: Simulator, client: Any) -> None:
    account = simulator.active_account()
    simulator.control("top_up", amount=1000, currency="usd")
    params: Any = {"amount": 100, "currency": "usd", "destination": account}
    transfer = client.v1.transfers.create(params, {"idempotency_key": "the-key"})
    event = client.v1.events.list({"type": "transfer.created"}).data[0]
    assert event.request.idempotency_key == "the-key"
    assert event.request.id == transfer.last_response.headers["Request-Id"]


def test_a_thin_event_names_the_account_and_its_data_is_fetched(
    simulator: Simulator, client: Any, inbox: Inbox
) -> None:
    account = simulator.active_account()
    simulator.deliver(inbox)
    assert inbox.types("thin") == [
        "v2.core.account.created",
        "v2.core.account[requirements].updated",
        "v2.core.account[configuration.recipient].capability_status_updated",
    ]
    _, body, signature = [taken for taken in inbox.taken if taken[0] == "thin"][-1]
    notification = client.parse_event_notification(body, signature, simulator.secrets["thin"])
    assert notification.related_object.id == account
    assert "data" not in json.loads(body)
    assert notification.fetch_event().data.updated_capability == "stripe_balance.stripe_transfers"
    assert notification.fetch_related_object().id == account
    assert client.v2.core.events.list({"object_id": account}).data[0].id == notification.id


def test_events_of_a_connected_account_go_to_their_own_destination(
    simulator: Simulator, client: Any, inbox: Inbox
) -> None:
    account = simulator.active_account()
    simulator.deliver(inbox)
    assert inbox.types("connected") == ["account.updated"]
    _, body, signature = next(taken for taken in inbox.taken if taken[0] == "connected")
    event = client.construct_event(body, signature, simulator.secrets["connected"])
    assert event.account == account and event.data.object.capabilities.transfers == "active"


def test_a_refused_delivery_comes_again_with_growing_pauses_until_it_is_taken(
    simulator: Simulator, inbox: Inbox
) -> None:
    simulator.control("top_up", amount=1000, currency="usd")
    simulator.control("sweep")
    inbox.status = 503
    assert simulator.deliver(inbox) == (0, 1)
    assert simulator.deliver(inbox) == (0, 0)
    for pause in (1, 3, 10):
        simulator.control("move_clock", seconds=pause)
        assert simulator.deliver(inbox) == (0, 1)
        assert simulator.deliver(inbox) == (0, 0)
    inbox.status = 200
    simulator.control("move_clock", seconds=60)
    assert simulator.deliver(inbox) == (1, 0)
    assert len({json.loads(body)["id"] for _, body, _ in inbox.taken}) == 1
    (delivery,) = simulator.state()["deliveries"]
    assert (delivery["outcome"], delivery["tries"]) == ("delivered", 5)


def test_after_three_days_a_delivery_is_given_up_and_the_list_still_knows_it(
    simulator: Simulator, client: Any, inbox: Inbox
) -> None:
    simulator.control("top_up", amount=1000, currency="usd")
    simulator.control("sweep")
    inbox.status = 500
    simulator.deliver(inbox)
    simulator.control("move_clock", seconds=3 * 24 * 3600)
    simulator.deliver(inbox)
    outcomes = [d["outcome"] for d in simulator.state()["deliveries"] if d["type"] == "payout.created"]
    assert outcomes == ["given up"]
    assert client.v1.events.list({"type": "payout.created", "delivery_success": False}).data


def test_held_doubled_dropped_and_shuffled_webhooks(simulator: Simulator, client: Any, inbox: Inbox) -> None:
    simulator.control("hold_webhooks")
    session = client.v1.checkout.sessions.create(checkout())
    simulator.pay(session.id)
    assert simulator.deliver(inbox) == (0, 0)
    simulator.control("shuffle")
    simulator.control("release_webhooks")
    simulator.deliver(inbox)
    assert inbox.types()[0] == "checkout.session.completed" and inbox.types()[-1] == "payment_intent.created"
    inbox.taken.clear()
    simulator.control("top_up", amount=1000, currency="usd")
    simulator.control("duplicate", copies=3)
    simulator.control("sweep")
    simulator.deliver(inbox)
    assert inbox.types() == ["payout.created"] * 3
    inbox.taken.clear()
    simulator.control("drop_webhooks", times=1)
    simulator.control("top_up", amount=1000, currency="usd")
    simulator.control("sweep")
    simulator.deliver(inbox)
    assert inbox.types() == []
    newest = client.v1.events.list({"type": "payout.*"}).data[0]
    simulator.control("redeliver", event=newest.id)
    simulator.deliver(inbox)
    assert [json.loads(body)["id"] for _, body, _ in inbox.taken] == [newest.id]


def test_its_own_thread_delivers_over_http_and_one_slow_receiver_holds_up_nobody(database: Any) -> None:
    arrived = threading.Semaphore(0)
    blocked = threading.Event()
    types: list[str] = []

    class App(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            types.append(event["type"])
            arrived.release()
            if event["type"] == "payment_intent.created":
                blocked.wait(5)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    app = ThreadingHTTPServer(("127.0.0.1", 0), App)
    threading.Thread(target=app.serve_forever, args=(0.05,), daemon=True).start()
    simulator = Simulator(
        database.owner_url, webhooks=f"http://127.0.0.1:{app.server_port}", deliver_itself=True
    )
    try:
        session = simulator.client().v1.checkout.sessions.create(checkout())
        simulator.pay(session.id)
        assert all(arrived.acquire(timeout=4) for _ in range(4))
        blocked.set()
    finally:
        simulator.stop()
        app.shutdown()
        app.server_close()
    assert len(types) == 4
