"""An intern's account at Stripe that cannot receive any more, or is another one than two people agreed to."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.notifications.models import Notice

CODES = ("insufficient_capabilities_for_transfer", "transfers_not_allowed")


def _told(money: StripeRail, code: str) -> list[int]:
    with money.app.app_context(), unit_of_work():
        found = db.select(Notice.person_id).where(Notice.code == code).order_by(Notice.person_id)
        return list(db.session.scalars(found))


def _blocked(money: StripeRail) -> None:
    """Nothing left, the books are as before the release, the intern was told, and nobody tries by itself."""
    with money.app.app_context(), unit_of_work():
        payout = money.payout()
        assert (payout.state, payout.approved_by_id, payout.released_by_id) == ("blocked", None, None)
    assert money.transfers() == []
    assert _told(money, "payout_blocked") == [money.intern_id]
    asked = money.asked("create")
    for _ in range(3):
        money.sweep()
        money.work()
    assert money.asked("create") == asked
    money.agree()


@pytest.mark.fault(21)
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("heard", [True, False], ids=["heard of it", "not heard of it"])
def test_an_account_restricted_before_the_sending_blocks_the_payment_until_it_is_in_order(
    app: Flask, stripe: Simulator, code: str, heard: bool
) -> None:
    money = stripe_rail.released(app, stripe)
    if not heard:
        stripe.control("drop_webhooks")
    stripe.control("restrict_account", account=money.account(), code=code)
    money.work()
    assert money.attempt() == ("rejected", None, code)
    if heard:
        money.hear()
    _blocked(money)
    page = cast.visible_text(money.browser("intern").get("/settings/payout-method"))
    assert "Stripe" in page and "Stripe says that you can be paid" not in page
    with app.app_context(), unit_of_work():
        assert db.session.scalar(text("SELECT transfers FROM stripe_account")) == "restricted"
    stripe.control("release_webhooks")
    money.onboard()
    assert money.payout_state() == "due"
    assert money.transfers() == []
    money.approve()
    money.release()
    money.work()
    assert money.payout_state() == "paid"
    assert len(money.transfers()) == 1
    money.agree()


@pytest.mark.fault(21)
def test_an_account_restricted_between_approval_and_release_voids_the_approval(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.approved(app, stripe)
    stripe.control("restrict_account", account=money.account())
    money.hear()
    _blocked(money)
    answer = money.browser("second").send("/finance/payouts/1/release", version=3)
    assert answer.status_code == 409
    assert money.count("attempt") == 0


@pytest.mark.fault(21)
def test_after_five_days_the_manager_is_told_and_after_thirty_it_is_paid_by_bank(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.control("restrict_account", account=money.account())
    money.hear()
    _blocked(money)
    stripe_rail.later(app, 5.1)
    money.work()
    assert (money.payout_state(), _told(money, "payout_stuck")) == ("blocked", [money.manager_id])
    stripe_rail.later(app, 30.1)
    money.work()
    with app.app_context(), unit_of_work():
        payout = money.payout()
        assert (payout.state, payout.rail) == ("due", "manual")
    assert _told(money, "payout_by_bank") == [money.intern_id]
    money.name_account()
    money.approve()
    money.release()
    money.confirm()
    assert money.payout_state() == "paid"
    assert money.transfers() == []
    # However much in order the account is later: the sum has gone by bank.
    stripe.control("activate_account", account=money.account())
    money.hear()
    money.sweep()
    assert money.payout_state() == "paid"
    money.agree()


@pytest.mark.fault(22)
def test_another_account_after_the_approval_voids_it_and_waits_for_72_hours(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.approved(app, stripe)
    before = money.account()
    stripe.control("close_account", account=before)
    money.hear()
    assert money.payout_state() == "blocked"
    assert money.onboard() != before
    assert money.payout_state() == "due"
    answer = money.browser("first").send("/finance/payouts/1/approval", version=4)
    assert answer.status_code == 409
    page = cast.visible_text(money.browser("first").get("/finance/payouts/1"))
    assert "72 hours" in page
    assert _told(money, "method_changed") == [money.intern_id]
    stripe_rail.later(app, 3.1)
    money.approve()
    money.release()
    money.work()
    (transfer,) = money.transfers()
    assert transfer["destination"] == money.account()
    money.agree()


@pytest.mark.fault(22)
def test_an_attempt_to_a_closed_account_never_reaches_the_new_one(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    before = money.account()
    stripe.control("close_account", account=before)
    stripe.control("hold_webhooks")
    money.work()
    assert money.attempt()[0] == "rejected"
    assert money.payout_state() in ("due", "blocked")
    stripe.control("release_webhooks")
    money.hear()
    assert money.payout_state() == "blocked"
    assert money.transfers() == []
    money.agree()


@pytest.mark.fault(21)
def test_finance_sends_by_bank_what_stripe_cannot_pay_with_a_reason_and_both_people(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.approved(app, stripe)
    first, page = money.browser("first"), "/finance/payouts/1"
    assert first.send(f"{page}/by-bank", version=2, why="No").status_code == 409  # it is approved, so not due
    stripe.control("restrict_account", account=money.account())
    money.hear()
    # What is blocked waits for its own clock.
    assert first.send(f"{page}/by-bank", version=3, why="No").status_code == 409
    stripe.control("activate_account", account=money.account())
    money.hear()
    assert money.payout_state() == "due"
    with app.app_context(), unit_of_work():
        version = money.payout().version
    assert "Pay by bank transfer instead" in cast.visible_text(first.get(page))
    assert first.send(f"{page}/by-bank", version=version, why="  ").status_code == 422
    assert first.send(f"{page}/by-bank", version=version - 1, why="Refused").status_code == 409
    assert money.browser("intern").send(f"{page}/by-bank", version=version, why="Mine").status_code == 404
    assert first.send(f"{page}/by-bank", version=version, why="Stripe refuses").status_code == 303
    assert _told(money, "payout_not_by_stripe") == [money.intern_id]
    text = cast.visible_text(first.get(page))
    assert "goes by bank transfer, not by Stripe" in text
    assert "Stripe refuses" in text
    money.sweep()
    assert money.transfers() == []
    money.name_account()
    money.approve()
    money.release()
    money.confirm()
    assert money.payout_state() == "paid"
    assert money.transfers() == []
    money.agree()
