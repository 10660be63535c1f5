"""What goes wrong on the way to Stripe and back: whatever it is, one transfer, and four books that agree.

Each test drives the real SDK over HTTP against the simulator, which loses, spoils or delays what it is told to.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.support import stripe_rail
from tests.support.postgres import ROOT
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.transactions import unit_of_work

MAKING, READING = "/v1/transfers$", "/v1/transfers/tr_"
SENDER = """
import os, sys
from webapp.app import create_app
from webapp.core.config import Settings
from webapp.payouts.jobs.transfers import send_attempt
with create_app(Settings.from_environment(os.environ)).app_context():
    send_attempt(int(sys.argv[1]))
"""


def _open_again(money: StripeRail, *, state: str = "unknown", transfers: int = 0) -> None:
    """The attempt has no outcome yet, the money stays claimed, and nobody was told anything."""
    assert money.attempt() == (state, None, None)
    assert money.payout_state() == "sending"
    assert len(money.transfers()) == transfers
    money.check()


def _recovered(money: StripeRail, *, asked: int) -> None:
    """The sweep has settled it: once, under one key, asked for so many times."""
    assert money.attempt()[0] == "succeeded"
    assert money.payout_state() == "paid"
    assert len(money.transfers()) == 1
    assert len(money.keys()) == 1
    assert money.asked("create") == asked
    money.sweep()
    money.hear()
    assert money.asked("create") == asked
    money.agree()


@pytest.mark.fault(1)
@pytest.mark.parametrize("loss", [{"kind": "hang", "after": True, "seconds": 1}, {"kind": "drop_after"}])
def test_an_answer_that_never_came_is_looked_up_and_settled_once(
    app: Flask, stripe: Simulator, loss: dict[str, object]
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault(path=MAKING, **loss)  # type: ignore[arg-type]
    with money.reaching(patience=0.4):
        money.work()
    _open_again(money, transfers=1)
    money.sweep()
    _recovered(money, asked=1)


def _kill_while(money: StripeRail, method: str, path: str) -> None:
    """A process of its own sends the attempt, and is killed with -9 while Stripe lets it wait for this answer."""
    settings = money.app.extensions["settings"]
    told = {one.metadata["variable"]: str(getattr(settings, one.name)) for one in fields(settings)}
    money.stripe.fault("hang", method=method, path=path, seconds=2)
    command = [sys.executable, "-c", SENDER, str(money.attempt_id())]
    sender = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **told})
    try:
        give_up = time.monotonic() + 20
        while not money.stripe.state()["faults"][0]["hits"]:
            assert sender.poll() is None and time.monotonic() < give_up, "it never came to that place"
            time.sleep(0.01)
    finally:
        sender.kill()
        assert sender.wait() == -signal.SIGKILL


@pytest.mark.fault(2)
def test_a_sender_killed_between_its_claim_and_the_call_is_followed_by_another(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    _kill_while(money, "GET", "/v1/charges/")
    _open_again(money, state="sending")
    assert money.keys() == set()
    money.sweep()
    _recovered(money, asked=1)


@pytest.mark.fault(3)
def test_a_sender_killed_between_the_call_and_our_commit_needs_no_second_call(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    _kill_while(money, "GET", READING)
    _open_again(money, state="sending", transfers=1)
    money.sweep()
    # The killed one's own call was never written down; the one that followed found the transfer and made none.
    _recovered(money, asked=0)


def _nobody_listens() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"


@pytest.mark.fault(4)
@pytest.mark.parametrize("address", ["closed port", "no TLS"])
def test_an_address_where_stripe_does_not_answer_costs_nothing(
    app: Flask, stripe: Simulator, address: str
) -> None:
    money = stripe_rail.released(app, stripe)
    base = _nobody_listens() if address == "closed port" else stripe.url.replace("http:", "https:")
    with money.reaching(base):
        money.work()
        for _ in range(8):
            money.sweep(60)
    _open_again(money)
    assert money.asked("create") == 0
    money.sweep()
    _recovered(money, asked=1)


@pytest.mark.fault(4)
@pytest.mark.parametrize(("method", "path"), [("GET", "/v1/charges/"), ("POST", MAKING)])
def test_a_connection_that_breaks_before_anything_is_done_is_followed_by_the_same_request(
    app: Flask, stripe: Simulator, method: str, path: str
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("drop_before", method=method, path=path)
    money.work()
    _open_again(money)
    money.sweep()
    _recovered(money, asked=2 if method == "POST" else 1)


@pytest.mark.fault(5)
def test_while_the_key_is_in_use_the_same_request_waits(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("409", path=MAKING, times=3)
    money.work()
    _open_again(money, state="sending")
    money.sweep(60)
    money.sweep(60)
    _open_again(money, state="sending")
    money.sweep()
    _recovered(money, asked=4)


@pytest.mark.fault(6)
@pytest.mark.parametrize(
    "busy", [{"kind": "429", "retry_after": 3}, {"kind": "429"}, {"kind": "lock_timeout"}]
)
def test_when_stripe_is_busy_the_attempt_backs_off_and_loses_nothing(
    app: Flask, stripe: Simulator, busy: dict[str, object]
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault(path=MAKING, times=2, **busy)  # type: ignore[arg-type]
    money.work()
    _open_again(money, state="sending")
    with app.app_context(), unit_of_work():
        (attempt,) = money.attempts()
        assert attempt.next_try_at is not None
        pause = attempt.next_try_at - datetime.now(UTC)
        assert timedelta(seconds=2) < pause < timedelta(seconds=7)
        assert attempt.tries == 0
    money.sweep(0)
    assert money.asked("create") == 1  # not before its time
    money.sweep(600)
    with app.app_context(), unit_of_work():
        (attempt,) = money.attempts()
        assert attempt.next_try_at is not None
        longer = attempt.next_try_at - datetime.now(UTC)
        assert longer > timedelta(seconds=60)  # the longer it takes, the rarer it is tried
    money.sweep()
    _recovered(money, asked=3)


@pytest.mark.fault(7)
@pytest.mark.parametrize("kind", ["500_before", "502"])
def test_an_error_before_anything_was_done_is_followed_by_the_same_request(
    app: Flask, stripe: Simulator, kind: str
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault(kind, path=MAKING, times=2)
    money.work()
    _open_again(money)
    money.sweep(60)
    _open_again(money)
    money.sweep()
    _recovered(money, asked=3)


@pytest.mark.fault(8)
def test_an_error_after_all_was_done_is_looked_up(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("500_after", path=MAKING)
    money.work()
    _open_again(money, transfers=1)
    money.sweep()
    _recovered(money, asked=1)


@pytest.mark.fault(10)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", MAKING), ("GET", READING), ("GET", "/v1/charges/")],
    ids=["made", "read", "held"],
)
def test_half_an_answer_is_no_success(app: Flask, stripe: Simulator, method: str, path: str) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("garbage", method=method, path=path)
    money.work()
    _open_again(money, transfers=0 if "charges" in path else 1)
    money.sweep()
    _recovered(money, asked=1)


@pytest.mark.fault(10)
def test_a_lookup_that_cannot_be_read_is_not_taken_for_absence(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("drop_after", path=MAKING)
    stripe.fault("slow", method="GET", path=MAKING, seconds=0)  # the look before the first request
    stripe.fault("garbage", method="GET", path=MAKING)
    money.work()
    money.sweep(60)
    assert (money.asked("lookup"), money.asked("create")) == (2, 1)
    _open_again(money, transfers=1)
    money.sweep()
    _recovered(money, asked=1)
