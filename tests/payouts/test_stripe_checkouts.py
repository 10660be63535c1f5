"""Money that comes in by Checkout: pages that end, fail or are paid twice, and matches that end meanwhile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.payouts.notices import told
from tests.payouts.paid_pages import paid_in
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.fundings import jobs as funding_jobs
from webapp.fundings.models import Checkout
from webapp.stripe.gateway.errors import Later, Rejected


def test_the_page_of_a_match_that_is_over_is_ended_although_stripe_did_not_answer_at_once(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    money.unmatch()
    stripe.fault("500_before", path=f"/v1/checkout/sessions/{session}/expire")
    money.work()
    assert money.checkout_status() == "open"
    money.sweep(120)
    money.work()
    assert money.checkout_status() == "expired"
    assert stripe.client().v1.checkout.sessions.retrieve(session).status == "expired"


def test_nobody_is_led_to_pay_for_a_match_that_ended_while_stripe_was_asked(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    asked = funding_jobs.ask_checkout

    def meanwhile(session: str | None, params: dict[str, object]) -> Any:
        said = asked(session, params)
        monkeypatch.setattr(funding_jobs, "ask_checkout", asked)
        money.unmatch()
        return said

    monkeypatch.setattr(funding_jobs, "ask_checkout", meanwhile)
    answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
    assert not answer.location.startswith(stripe.url)
    money.work()
    assert money.checkout_status() == "expired"


def test_a_page_that_stripe_refuses_without_a_code_is_not_waited_for_a_whole_day(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context():
        with unit_of_work():
            checkout = _new_checkout(money)
            params = {**checkout.params, "body": {**checkout.params["body"], "expires_at": 1_000_000_000}}
            checkout_id = checkout.id
        said = funding_jobs.ask_checkout(None, params)
        assert isinstance(said, Rejected)
        with unit_of_work():
            funding_jobs.apply_checkout(db.session.get_one(Checkout, checkout_id), said)
    assert money.checkout_status() == "failed"
    money.pay()
    assert money.state() == ("matched", "secured")


def _new_checkout(money: StripeRail) -> Checkout:
    from webapp.fundings.actions import checkouts as funding_checkouts

    funding = money.funding
    return funding_checkouts.open_checkout(
        funding,
        actor=money.person("owner"),
        version=funding.version,
        back="http://localhost/x",
        locale="en",
        names={"base": "Base", "bonus_pot": "Pot", "fee": "Fee"},
    )


def test_a_page_refused_because_its_time_has_passed_counts_as_expired(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        _new_checkout(money)
    money.age(22.8 * 3600)  # for so long Stripe did not answer; it takes no page that is about to end
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), Rejected("InvalidRequestError"))
    assert (money.checkout_status(), money.state()[1]) == ("expired", "awaiting")


def test_money_that_stripe_booked_in_another_currency_is_told_to_the_operator_once(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = paid_in(money, money.pay_page(), "EUR")
    for _ in range(3):
        with app.app_context(), unit_of_work():
            funding_jobs.apply_checkout(money.checkout(), said)
    assert told(money, "charge_differs") == sorted([money.first_id, money.second_id, money.operator_id])
    assert money.state() == ("matched", "processing")  # so nobody is asked to pay a second time
    assert money.count("charge") == 0


def test_money_that_stripe_has_not_booked_yet_is_under_way_and_no_alarm(
    app: Flask, stripe: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = paid_in(money, money.pay_page(), "")
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), said)
    assert [one for one in caplog.records if one.levelname == "CRITICAL"] == []
    assert told(money, "charge_differs") == []
    assert money.state() == ("matched", "processing")


def test_a_second_payment_that_met_the_first_in_the_middle_goes_back(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    said = paid_in(money, session, "USD", "2")
    with app.app_context(), unit_of_work():
        checkout = money.checkout()
        assert checkout.funding.state == "awaiting"  # read before the lock
        with db.engine.begin() as other:  # meanwhile the first payment secures it
            other.execute(text("UPDATE funding SET state = 'secured', secured_at = now()"))
        funding_jobs.apply_checkout(checkout, said)
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == stripe_rail.TOTAL


def test_a_page_that_stripe_does_not_know_any_more_is_given_up_after_its_time(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    money.pay_page()
    for hours, status in ((0, "open"), (25, "expired")):
        money.age(hours * 3600)
        with app.app_context(), unit_of_work():
            funding_jobs.apply_checkout(money.checkout(), Rejected("resource_missing"))
        assert money.checkout_status() == status
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), Later("rate_limit"))


def test_what_was_returned_once_is_not_returned_again_when_the_match_ends(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = paid_in(money, money.pay_page(), "USD")
    assert said.charge is not None
    less = replace(said, charge=replace(said.charge, amount=20_000))
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), less)
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == 20_000
    money.unmatch()
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == 20_000


@pytest.mark.parametrize("told_by", ["read", "webhook"])
def test_a_match_that_ends_while_the_bank_still_works_takes_the_money_and_returns_it(
    app: Flask, stripe: Simulator, told_by: str
) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay("bank")
    assert money.state() == ("matched", "processing")
    money.unmatch()
    money.work()
    assert money.state() == ("posted", "void")
    stripe.control("settle_async", session=session)
    money.hear() if told_by == "webhook" else money.sweep(7200)
    money.work()
    stripe.control("make_available")
    stripe.control("top_up", amount=5_000, currency="usd")  # Stripe keeps its fee of what is given back
    money.sweep()
    assert (money.payout_state("refund"), money.state()[1]) == ("paid", "refunded")
    money.check()
