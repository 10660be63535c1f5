"""Money that comes in by Checkout and is not the sum that is due: it goes back, and a whole payment still counts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask

from tests.payouts.notices import told
from tests.payouts.paid_pages import paid_in
from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.fundings import jobs as funding_jobs
from webapp.fundings.models import Checkout
from webapp.payouts.models import Payout
from webapp.stripe.gateway.facts import Session


def _part(money: StripeRail, amount: int, number: str) -> None:
    """On the page that is open now, Stripe takes another sum than the one that is due."""
    said = paid_in(money, money.pay_page(), "USD", number)
    assert said.charge is not None
    with money.app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(
            money.checkout(), replace(said, charge=replace(said.charge, amount=amount))
        )


@pytest.mark.parametrize("asked", ["awaiting", "processing"])
def test_after_a_payment_of_another_sum_a_whole_one_secures_the_money_once(
    app: Flask, stripe: Simulator, asked: str
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = paid_in(money, money.pay_page(), "USD")
    assert said.charge is not None
    less = replace(said, charge=replace(said.charge, amount=20_000))
    with app.app_context(), unit_of_work():
        if asked == "processing":
            funding_jobs.apply_checkout(money.checkout(), replace(said, charge=None, payment_status="unpaid"))
    assert money.state() == ("matched", asked)
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), less)
    assert money.state() == ("matched", "failed")
    assert told(money, "payment_differs") == [money.owner_id]
    page = money.browser("owner").get(f"/internships/{money.internship_id}/funding")
    assert "The last payment was not the full amount, so it goes back to you." in cast.visible_text(page)

    whole = paid_in(money, money.pay_page(), "USD", "2")
    for _ in range(2):  # told twice, it counts once
        with app.app_context(), unit_of_work():
            funding_jobs.apply_checkout(money.checkout(), whole)
    assert money.state() == ("matched", "secured")
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == 20_000, "only what was not whole goes back"
        (returned,) = money.payout("refund").parts
        assert returned.charge is not None and returned.charge.charge == "ch_1"

    money.fix(26_500)
    with app.app_context(), unit_of_work():
        (part,) = money.payout().parts
        assert part.charge is not None and part.charge.charge == "ch_2", (
            "paid out of the money that secured it"
        )
    money.check()


def test_of_two_whole_payments_after_one_that_was_not_the_second_goes_back(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    _part(money, 20_000, "1")
    whole = paid_in(money, money.pay_page(), "USD", "2")
    with app.app_context(), unit_of_work():
        funding_jobs.apply_checkout(money.checkout(), whole)
        late = money.checkout()
        again = Checkout(
            funding_id=money.funding_id, number=9, key="co-late", asked_by_id=money.owner_id, asked_at=late.asked_at,
            expires_at=late.expires_at, params=late.params, status="expired",
        )  # fmt: skip
        db.session.add(again)
        db.session.flush()
        twice = _paid_in_again(whole, again)
        funding_jobs.apply_checkout(again, twice)
    with app.app_context(), unit_of_work():
        returned = db.session.scalars(
            db.select(Payout.amount).where(Payout.type == "refund").order_by(Payout.number)
        )
        assert list(returned) == [20_000, stripe_rail.TOTAL]
    assert money.state() == ("matched", "secured")
    money.check()


def _paid_in_again(said: Session, checkout: Checkout) -> Session:
    """The same sum once more, on another page."""
    assert said.charge is not None
    charge = replace(said.charge, id="ch_3", payment_intent="pi_3", balance_transaction="txn_3")
    return replace(said, id="cs_late", charge=charge, metadata={**said.metadata, "checkout": checkout.key})
