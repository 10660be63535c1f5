"""Money that comes back after it had left: people are told."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from flask import Flask

from tests.payouts.notices import told
from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.jobs import stripe_sync as payout_stripe_sync
from webapp.payouts.models import Attempt
from webapp.payouts.queries import attempts as payout_attempts
from webapp.stripe.gateway import gateway


def _returned(app: Flask, stripe: Simulator) -> StripeRail:
    money = stripe_rail.released(app, stripe)
    money.work()
    money.return_remainder()
    stripe.control("make_available")
    money.work()
    money.sweep()
    assert money.payout_state("refund") == "paid"
    money.hear()
    return money


def test_a_refund_that_fails_after_it_had_succeeded_is_told_to_people(app: Flask, stripe: Simulator) -> None:
    money = _returned(app, stripe)
    (refund,) = [one for one in money.sent() if one["object"] == "refund"]
    stripe.control("fail_refund", refund=refund["id"])
    money.hear()
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])
    money.hear()
    assert len(told(money, "came_back")) == 3
    line = cast.visible_text(money.browser("operator").get("/operations/stripe"))
    assert "came back" in line


def test_a_transfer_that_is_reversed_at_stripe_is_told_to_people(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    money.work()
    (transfer,) = money.transfers()
    stripe.control("reverse_transfer", transfer=transfer["id"])
    money.hear()
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])
    assert money.payout_state() == "paid"


def test_a_transfer_that_was_taken_back_before_we_found_it_is_told_to_people(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("drop_after", path="/v1/transfers$")
    stripe.control("drop_webhooks", times=50)
    money.work()
    assert money.attempt()[0] == "unknown"
    stripe.control("reverse_transfer", transfer=money.transfers()[0]["id"])
    money.sweep()
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])


def test_a_failure_that_meets_the_success_in_the_middle_is_not_lost(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.released(app, stripe)
    money.work()
    money.return_remainder()
    money.work()
    assert money.payout_state("refund") == "sending"
    (refund,) = [one for one in money.sent() if one["object"] == "refund"]
    with app.app_context():
        failed = replace(gateway().read_refund(refund["id"]), done=False, failed="failed")
    by_key = payout_attempts.attempt_by_key

    def meanwhile(key: str) -> Attempt | None:
        found = by_key(key)
        assert found is not None
        assert found.state == "sending"
        with ThreadPoolExecutor(1) as thread:  # another worker has just read that it succeeded
            thread.submit(_settle_as_sent, app, found.id).result()
        return found

    monkeypatch.setattr(payout_attempts, "attempt_by_key", meanwhile)
    with app.app_context():
        assert payout_stripe_sync._apply_sent(failed) == "came_back"
    assert told(money, "came_back") == sorted([money.first_id, money.second_id, money.operator_id])


def _settle_as_sent(app: Flask, attempt_id: int) -> None:
    with app.app_context(), unit_of_work():
        attempt = db.session.get_one(Attempt, attempt_id)
        payout_sending.settle_sent(attempt, actor=SYSTEM, reference="re_1", occurred_at=clock.real_now())


def test_what_was_declared_absent_is_blocked_where_the_account_has_been_closed_meanwhile(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("500_stored", path="/v1/transfers$")
    money.work()
    for _ in range(6):
        money.sweep()
    assert money.attempt() == ("unknown", "no_answer", None)
    stripe.control("close_account", account=money.account())
    money.hear()
    path = f"/finance/attempts/{money.attempt_id()}/absence"
    with app.app_context(), unit_of_work():
        version = money.attempts()[-1].version
    assert money.browser("first").send(path, version=version, reason="Looked.").status_code == 303
    assert money.payout_state() == "blocked"
    assert told(money, "payout_blocked") == [money.intern_id]
    money.agree()


def test_money_given_back_at_stripe_without_us_is_told_to_people(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.due(app, stripe)
    stripe.control("make_available")
    with app.app_context(), unit_of_work():
        charge = money.funding.charges[0].charge
    made = {"charge": charge, "amount": 20_000, "metadata": {"stint": "elsewhere"}}
    stripe.client().v1.refunds.create(made)  # type: ignore[arg-type]
    money.hear()
    assert told(money, "returned_elsewhere") == sorted([money.first_id, money.second_id, money.operator_id])
    money.approve()
    money.release()
    money.work()
    assert money.attempt() == ("rejected", None, "not_covered")
    assert (money.payout_state(), money.transfers()) == ("due", [])
