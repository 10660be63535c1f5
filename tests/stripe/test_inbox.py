"""Stripe's webhooks at our door: kept once and answered at once; what is not Stripe's word to us has no effect."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe as sdk
from flask import Flask
from sqlalchemy import event, text

from tests.support import stripe_rail
from tests.support.application import Served
from tests.support.simulator import SECRETS, Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.stripe import jobs as stripe_jobs
from webapp.stripe.gateway import Gateway
from webapp.stripe.models import RefusedDelivery, StripeEvent


@dataclass(frozen=True)
class Delivery:
    """What Stripe would send: where to, the bytes, the proof."""

    path: str
    body: bytes
    signature: str


def _waiting(stripe: Simulator) -> list[Delivery]:
    """What Stripe has to tell, taken out of its hands before it reaches us."""
    found: list[Delivery] = []

    def keep(url: str, body: bytes, headers: dict[str, str]) -> int:
        found.append(Delivery(urlsplit(url).path, body, headers["Stripe-Signature"]))
        return 200

    stripe.deliver(keep)
    return found


def _paid(app: Flask, stripe: Simulator) -> tuple[StripeRail, Delivery]:
    """The owner has paid, and we have not heard of it: the delivery that would tell us."""
    money = stripe_rail.matched(app, stripe)
    stripe.pay(money.pay_page())
    told = [one for one in _waiting(stripe) if json.loads(one.body)["type"] == "checkout.session.completed"]
    return money, told[-1]


def _signed(body: bytes, destination: str = "platform", *, at: float = 0, secret: str | None = None) -> str:
    instant = int(time.time() + at)
    header: str = sdk.WebhookSignature.generate_signature_header(
        body.decode(), secret or SECRETS[destination], instant
    )
    return header


def _post(app: Flask, told: Delivery) -> int:
    headers = {"Stripe-Signature": told.signature} if told.signature else {}
    return app.test_client().post(told.path, data=told.body, headers=headers).status_code


@contextmanager
def _statements() -> Iterator[list[str]]:
    """Every statement that reaches the database meanwhile."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


def test_a_webhook_is_answered_at_once_and_does_its_work_later(app: Flask, stripe: Simulator) -> None:
    money, told = _paid(app, stripe)
    counts = []
    with money.reaching("http://127.0.0.1:9"), app.app_context():  # a call to Stripe would fail here
        for number in range(3):
            body = told.body.replace(b"evt_", f"evt_{number}".encode(), 1)
            with _statements() as seen:
                assert _post(app, replace(told, body=body, signature=_signed(body))) == 200
            counts.append(len(seen))
            with unit_of_work():  # a full inbox costs no more than an empty one
                db.session.execute(
                    text(
                        "INSERT INTO stripe_event (destination, event, type, object, created_at)"
                        " SELECT 'platform', 'old_' || :n || '_' || g, 'x', 'x_1', now() FROM generate_series(1, 500) g"
                    ),
                    {"n": number},
                )
    assert counts[0] == counts[1] == counts[2] <= 3, seen
    assert money.state() == ("matched", "awaiting")
    money.work()
    assert money.state() == ("matched", "secured")
    money.agree()


@pytest.mark.fault(15)
def test_the_same_webhook_five_times_at_once_has_one_effect(
    app: Flask, stripe: Simulator, live_server: Served
) -> None:
    money, told = _paid(app, stripe)

    def post(_: int) -> int:
        headers = {"Stripe-Signature": told.signature, "Content-Type": "application/json"}
        port = app.extensions["settings"].port
        request = urllib.request.Request(f"http://127.0.0.1:{port}{told.path}", told.body, headers)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=20) as answer:
            return int(answer.status)

    with ThreadPoolExecutor(5) as threads:
        assert list(threads.map(post, range(5))) == [200] * 5
    assert money.count("stripe_event") == 1
    assert money.count("procrastinate_jobs WHERE task_name = 'handle_stripe_event'") == 1
    money.work()
    assert _post(app, replace(told, signature=_signed(told.body))) == 200
    money.work()
    assert (money.count("stripe_event"), money.count("charge")) == (1, 1)
    assert money.state() == ("matched", "secured")
    money.agree()


@pytest.mark.fault(15)
def test_five_workers_with_the_same_event_have_one_effect(app: Flask, stripe: Simulator) -> None:
    money, told = _paid(app, stripe)
    assert _post(app, told) == 200
    with app.app_context(), unit_of_work():
        event_id = db.session.scalars(db.select(StripeEvent.id)).one()

    def handle(_: int) -> None:
        with app.app_context():
            stripe_jobs.handle(event_id)

    with ThreadPoolExecutor(5) as threads:
        list(threads.map(handle, range(5)))
    assert money.count("charge") == 1
    assert money.state() == ("matched", "secured")
    money.agree()


def _edited(told: Delivery, destination: str = "platform", **changes: Any) -> Delivery:
    """Another event, properly signed."""
    body = json.dumps({**json.loads(told.body), **changes}).encode()
    return Delivery(f"/webhooks/stripe/{destination}", body, _signed(body, destination))


def _raw(body: bytes) -> Callable[[Delivery], Delivery]:
    return lambda told: Delivery(told.path, body, _signed(body))


LIES: dict[str, tuple[str, Callable[[Delivery], Delivery]]] = {
    "forged": ("signature", lambda told: replace(told, signature=f"t={int(time.time())},v1={'0' * 64}")),
    "another secret": (
        "signature",
        lambda told: replace(told, signature=_signed(told.body, secret="whsec_stolen")),
    ),
    "the secret of another destination": (
        "signature",
        lambda told: replace(told, signature=_signed(told.body, "connected")),
    ),
    "written anew": (
        "signature",
        lambda told: replace(told, body=json.dumps(json.loads(told.body), indent=1).encode()),
    ),
    "one byte more": ("signature", lambda told: replace(told, body=told.body + b" ")),
    "without a proof": ("signature", lambda told: replace(told, signature="")),
    "an empty proof": ("signature", lambda told: replace(told, signature="t=,v1=")),
    "stale": ("stale", lambda told: replace(told, signature=_signed(told.body, at=-301))),
    "in the future": ("future", lambda told: replace(told, signature=_signed(told.body, at=90))),
    "from the future, with today's date behind it": (
        "future",
        lambda told: replace(told, signature=f"{_signed(told.body, at=86_400)},t={int(time.time())}"),
    ),
    "from beyond all time": ("unreadable", lambda told: replace(told, signature=_signed(told.body, at=1e20))),
    "no JSON": ("unreadable", _raw(b"checkout.session.completed")),
    "a list": ("unreadable", _raw(b"[]")),
    "nothing": ("unreadable", _raw(b"")),
    "no letters": ("unreadable", lambda told: replace(told, body=b"\xff\xfe")),
    "without an object": ("unreadable", lambda told: _edited(told, data={})),
}
ELSEWHERE: dict[str, tuple[str, Callable[[Delivery], Delivery]]] = {
    "of the live system": ("mode", lambda told: _edited(told, livemode=True)),
    "of somebody's account": ("account", lambda told: _edited(told, account="acct_1Other")),
    "of no account": ("account", lambda told: _edited(told, "connected")),
}


def _refused(app: Flask, money: StripeRail, told: Delivery, reason: str) -> None:
    assert _post(app, told) == 400
    with app.app_context(), unit_of_work():
        kept = db.session.scalars(db.select(RefusedDelivery)).one()
        assert (kept.reason, kept.size) == (reason, len(told.body))
        assert kept.sha256 == hashlib.sha256(told.body).hexdigest()
        assert kept.destination == told.path.rsplit("/", 1)[-1]
    assert money.count("stripe_event") == 0
    assert money.count("procrastinate_jobs WHERE task_name = 'handle_stripe_event'") == 0
    money.work()
    assert money.state() == ("matched", "awaiting")


@pytest.mark.fault(17)
@pytest.mark.parametrize("lie", LIES)
def test_what_stripe_did_not_send_or_not_now_is_refused_and_written_down(
    app: Flask, stripe: Simulator, lie: str
) -> None:
    money, told = _paid(app, stripe)
    reason, change = LIES[lie]
    _refused(app, money, change(told), reason)
    assert _post(app, replace(told, signature=_signed(told.body))) == 200  # and the truth is still taken
    money.work()
    money.agree()


@pytest.mark.fault(18)
@pytest.mark.parametrize("lie", ELSEWHERE)
def test_what_stripe_sent_to_somebody_else_is_refused(app: Flask, stripe: Simulator, lie: str) -> None:
    money, told = _paid(app, stripe)
    reason, change = ELSEWHERE[lie]
    _refused(app, money, change(told), reason)
    money.hear()


@pytest.mark.fault(18)
def test_an_event_of_the_test_system_is_refused_by_a_live_one(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money, told = _paid(app, stripe)
    live = replace(app.extensions["settings"], stripe_secret_key="sk_live_x", stripe_api_base="")
    monkeypatch.setitem(app.extensions, "stripe_gateway", Gateway(live))
    _refused(app, money, told, "mode")


def test_whoever_floods_the_door_does_not_fill_the_log(app: Flask, stripe: Simulator) -> None:
    lie = Delivery("/webhooks/stripe/platform", b"{}", "t=1,v1=0")
    for _ in range(65):
        assert _post(app, lie) == 400
    with app.app_context(), unit_of_work():
        assert db.session.scalar(text("SELECT count(*) FROM refused_delivery")) == 60
    assert _post(app, replace(lie, path="/webhooks/stripe/elsewhere")) == 404
    assert _post(app, replace(lie, body=b"x" * 300_000)) == 413
