"""Where an intern is paid, when Stripe refuses them or they never came as far."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import text

from tests.payouts.notices import told
from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.payouts.jobs import recovery as payout_recovery
from webapp.recipients import actions as recipient_actions
from webapp.recipients import jobs as recipient_jobs
from webapp.recipients import queries as recipient_queries
from webapp.recipients.models import StripeAccount
from webapp.stripe import gateway as stripe_gateway
from webapp.stripe.gateway.errors import Rejected, Unknown


def test_an_intern_whose_money_goes_by_bank_after_all_finds_the_form_for_their_bank(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.due(app, stripe)
    with app.app_context(), unit_of_work():  # a programme that pays everything of theirs by Stripe
        db.session.execute(text("UPDATE programme_settings SET currencies = '{USD}'"))
    stripe.control("restrict_account", account=money.account())
    money.hear()
    assert money.payout_state() == "blocked"
    stripe_rail.later(app, 30.1)
    money.work()
    assert told(money, "payout_by_bank") == [money.intern_id]
    page = money.browser("intern").get("/settings/payout-method").get_data(as_text=True)
    assert 'name="account_number"' in page


def test_recipients_who_never_came_as_far_as_stripe_keep_nobody_else_waiting(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.secured(app, stripe)
    number_at_stripe = money.account()
    with app.app_context(), unit_of_work():
        for number in range(100):
            person = cast.intern(f"Intern {number}")
            person.country = "VN"
            db.session.flush()
            account = recipient_actions.begin_onboarding(
                person, actor=person, include=stripe_gateway.INCLUDED
            )
            recipient_jobs.apply_account(account, Unknown("APIConnectionError"))
    stripe.control("drop_webhooks", times=5)
    stripe.control("restrict_account", account=number_at_stripe)
    with app.app_context(), unit_of_work():
        past = text(
            "UPDATE stripe_account SET next_poll_at = now() - interval '1 hour' WHERE account IS NULL"
        )
        db.session.execute(past)
        due = text("UPDATE stripe_account SET next_poll_at = now() WHERE account IS NOT NULL")
        db.session.execute(due)
    for _ in range(2):
        with app.app_context():
            payout_recovery.recover()
    with app.app_context(), unit_of_work():
        mine = db.session.scalars(db.select(StripeAccount).where(StripeAccount.account.is_not(None))).one()
        assert mine.transfers == "restricted"


def test_an_intern_whom_stripe_refused_asks_anew_with_what_they_have_changed(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        intern = money.person("intern")
        first = recipient_actions.begin_onboarding(intern, actor=intern, include=stripe_gateway.INCLUDED)
        recipient_jobs.apply_account(first, Rejected("country_unsupported"))
        intern.country = "SG"
    money.onboard()
    with app.app_context(), unit_of_work():
        intern = money.person("intern")
        account = db.session.scalars(
            db.select(StripeAccount).where(StripeAccount.replaced_at.is_(None))
        ).one()
        assert (account.country, account.params["body"]["identity"]["country"]) == ("SG", "sg")
        assert account.can_receive
        assert recipient_queries.stripe_cools_until(intern.id) is None  # they had no account before
