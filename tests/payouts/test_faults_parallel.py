"""Many at once: a double click, two people of finance, several workers. One attempt, one request, one transfer."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from webapp.core.database.transactions import unit_of_work
from webapp.payouts.jobs.recovery import recover
from webapp.payouts.jobs.transfers import send_attempt

MANY = 50


@pytest.mark.fault(13)
def test_fifty_parallel_releases_make_one_transfer(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.approved(app, stripe)
    with app.app_context(), unit_of_work():
        third = cast.member(money.internship.programme, "finance").id
    browsers = [cast.signed_in(app, (money.second_id, third)[n % 2]) for n in range(MANY)]
    forms = [{"csrf_token": one.token(), "operation_id": str(uuid4()), "version": "2"} for one in browsers]
    barrier = threading.Barrier(MANY)

    def release(number: int) -> int:
        barrier.wait()
        return browsers[number].client.post("/finance/payouts/1/release", data=forms[number]).status_code

    with ThreadPoolExecutor(MANY) as threads:
        codes = sorted(threads.map(release, range(MANY)))
    assert codes.count(303) == 1
    assert set(codes) <= {303, 409, 503}
    assert money.count("attempt") == 1
    loser = browsers[0].client.post(
        "/finance/payouts/1/release", data={**forms[0], "operation_id": str(uuid4())}
    )
    assert loser.status_code == 409
    page = cast.visible_text(browsers[0].get("/finance/payouts/1"))
    assert "released" in page.lower()  # whoever lost sees on the page who did it
    money.work()
    assert (len(money.transfers()), money.asked("create"), len(money.keys())) == (1, 1, 1)
    assert money.payout_state() == "paid"
    money.agree()


@pytest.mark.fault(13)
def test_eight_workers_and_the_sweep_with_one_attempt_ask_once(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("slow", path="/v1/transfers$", seconds=0.3)
    number, many = money.attempt_id(), 8
    barrier = threading.Barrier(many)

    def send(worker: int) -> None:
        with app.app_context():
            barrier.wait()
            if worker % 2:
                send_attempt(number)
            else:
                recover()

    with ThreadPoolExecutor(many) as threads:
        list(threads.map(send, range(many)))
    assert (len(money.transfers()), money.asked("create")) == (1, 1)
    money.hear()
    assert (money.payout_state(), money.asked("create")) == ("paid", 1)
    money.agree()


@pytest.mark.fault(5)
@pytest.mark.fault(13)
def test_a_sender_that_was_thought_dead_and_its_successor_make_one_transfer(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    with app.app_context(), unit_of_work():
        asked = dict(money.attempts()[-1].params)
    stripe.fault("slow", path="/v1/transfers$", seconds=0.6)
    with ThreadPoolExecutor(1) as ghost:
        create = stripe.client().v1.transfers.create
        first = ghost.submit(create, asked["body"], {"idempotency_key": asked["idempotency_key"]})
        give_up = time.monotonic() + 10
        while not stripe.state()["faults"][0]["hits"]:
            assert time.monotonic() < give_up
        money.work()  # Stripe says that the key is in use
        assert money.attempt() == ("sending", None, None)
        first.result()
    assert money.asked("create") == 1
    money.sweep()
    assert (len(money.transfers()), money.asked("create")) == (1, 1)
    assert money.payout_state() == "paid"
    money.agree()
