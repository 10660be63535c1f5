"""What has left already is found at Stripe before it would be sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.support import stripe_rail
from tests.support.simulator import Simulator
from webapp.core.database.transactions import unit_of_work
from webapp.payouts.jobs import transfers as payout_transfers
from webapp.stripe.gateway import gateway

DAY = 24 * 3600.0
MAKING = "/v1/transfers$"


@pytest.mark.fault(11)
def test_what_is_there_is_found_however_old_its_key(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe, award=12_000)
    stripe.fault("drop_after", path=MAKING)
    money.work()
    stripe.control("prune_keys")
    money.sweep(3 * DAY)
    assert money.attempt()[0] == "succeeded"
    assert len(money.transfers()) == 1
    money.agree()


@pytest.mark.fault(11)
@pytest.mark.parametrize("removed", ["lookup", "lookup and age limit"])
def test_with_the_safety_removed_the_same_harness_sees_a_double_payment(
    app: Flask, stripe: Simulator, removed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what looks before it repeats, and what stops repeating, are both needed, and agree() would tell."""
    money = stripe_rail.released(app, stripe, award=12_000)
    stripe.fault("drop_after", path=MAKING)
    money.work()
    stripe.control("prune_keys")
    monkeypatch.setattr(payout_transfers, "_look", lambda *_: None)
    if removed != "lookup":
        monkeypatch.setattr(payout_transfers, "REPLAYABLE", timedelta(days=999))
    money.sweep(DAY)
    if removed == "lookup":
        assert (len(money.transfers()), money.attempt()[1]) == (1, "key_too_old")
        return
    assert len(money.transfers()) == 2
    with pytest.raises(AssertionError):
        money.agree()


@pytest.mark.fault(34)
def test_what_left_after_the_backup_was_made_is_found_before_it_would_be_sent_again(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    with app.app_context(), unit_of_work():
        (attempt,) = money.payout().parts[0].attempts
        params = attempt.params
        assert attempt.called_at is None
    with app.app_context():  # what the books did once, and the restored ones know nothing of
        gateway().transfer(params["idempotency_key"], params["body"])
    stripe.control("prune_keys")
    money.work()
    assert (money.payout_state(), money.asked("create")) == ("paid", 0)
    assert len(money.transfers()) == 1
    money.agree()
