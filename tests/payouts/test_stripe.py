"""The Stripe rail, as it goes when nothing goes wrong: paid in on Stripe's page, paid out by two people."""

from __future__ import annotations

from flask import Flask

from tests.support import stripe_rail
from tests.support.simulator import Simulator
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.fundings.actions import checkouts as funding_checkouts
from webapp.ledger import queries as ledger_queries


def test_money_paid_on_stripes_page_is_secured_on_stripes_word_alone(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    assert money.state() == ("matched", "awaiting")
    stripe.pay(session)
    assert money.state() == ("matched", "awaiting")
    money.hear()
    assert money.state() == ("matched", "secured")
    with app.app_context(), unit_of_work():
        assert ledger_queries.balance("asset:stripe:USD") == 38_000 - 1_132
        assert ledger_queries.balance("exp:stripe_fee:USD") == 1_132
        assert ledger_queries.balance(f"liab:internship:{money.internship_id}") == 35_000
        assert ledger_queries.balance("inc:platform_fee:USD") == 3_000
    money.agree()


def test_two_people_release_and_stripe_transfers_out_of_the_charge(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    assert money.payout_state() == "sending"
    assert money.transfers() == []
    money.work()
    assert money.payout_state() == "paid"
    assert money.state()[0] == "paid"
    (transfer,) = money.transfers()
    with app.app_context(), unit_of_work():
        charge = money.funding.charges[0].charge
        assert db.session.scalar(db.text("SELECT count(*) FROM call")) == 4  # looked, held, asked, read
    assert (transfer["amount"], transfer["source_transaction"]) == (26_500, charge)
    assert transfer["transfer_group"] == money.group()
    money.agree()


def test_the_remainder_goes_back_to_the_payer_by_itself(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe)
    money.work()
    money.return_remainder()
    assert money.payout_state("refund") == "sending"
    money.work()
    # Stripe takes it from what is available, and a fresh charge is not yet: the refund waits there, and we with it.
    assert money.payout_state("refund") == "sending"
    stripe.control("make_available")
    money.sweep()
    assert money.payout_state("refund") == "paid"
    assert money.state() == ("paid", "settled")
    money.agree()


def test_what_one_step_wrote_of_a_page_is_not_read_over_by_the_next(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    with app.app_context(), unit_of_work():
        checkout = money.checkout()
        assert checkout.funding.state == "awaiting"  # read before, so that nothing flushes in between
        checkout.url = "http://localhost/elsewhere"
        funding_checkouts.schedule_poll(checkout)
        funding_checkouts.schedule_poll(checkout)
    with app.app_context(), unit_of_work():
        checkout = money.checkout()
        assert (checkout.status, checkout.session, checkout.poll_count) == ("open", session, 3)
        assert checkout.url == "http://localhost/elsewhere"
