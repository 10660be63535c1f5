"""Answers of Stripe that do not come, say no reason, or are about something else."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask

from tests.support import stripe_rail
from tests.support.simulator import Simulator
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.fundings import jobs as funding_jobs
from webapp.recipients import jobs as recipient_jobs
from webapp.recipients.models import StripeAccount
from webapp.stripe.gateway import gateway
from webapp.stripe.gateway.errors import Unknown
from webapp.stripe.gateway.facts import Account, Session

NOWHERE = "http://127.0.0.1:9"


def test_an_error_without_a_code_about_a_transfer_stays_unknown(app: Flask, stripe: Simulator) -> None:
    with app.app_context(), pytest.raises(Unknown):
        gateway().transfer("key-1", {"amount": 1, "currency": "usd", "destination": "x" * 6000})


@pytest.mark.parametrize("htmx", [False, True])
def test_while_stripe_does_not_answer_every_button_says_so_and_the_same_form_twice_does_nothing(
    app: Flask, stripe: Simulator, htmx: bool
) -> None:
    money = stripe_rail.matched(app, stripe)
    pay = f"/fundings/{money.funding_id}/checkout"
    ops = [str(uuid4()) for _ in range(3)]
    with money.reaching(NOWHERE):
        for _ in range(2):
            for role, path, op in (
                ("owner", pay, ops[0]),
                ("intern", "/settings/payout-method/stripe", ops[1]),
            ):
                answer = money.browser(role).send(path, htmx=htmx, operation_id=op, version=1)
                assert answer.status_code == (200 if htmx else 303), (path, answer.get_data(as_text=True))
                assert not (answer.location or "").startswith("http")
                assert not answer.headers.get("HX-Redirect", "").startswith("http")
    assert (money.checkout_status(), money.count("checkout"), money.count("stripe_account")) == (
        "creating",
        1,
        1,
    )
    answer = money.browser("owner").send(pay, htmx=htmx, operation_id=ops[2], version=1)
    led_to = answer.headers.get("HX-Redirect") if htmx else answer.location
    assert str(led_to).startswith(stripe.url)
    assert len(money.keys("/v1/checkout/sessions")) == 1


def test_an_answer_of_stripe_about_somebody_elses_page_or_account_leads_nowhere(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    elsewhere = Session("cs_other", "open", "unpaid", "https://evil.example/pay", {"checkout": "co-9-9"})
    monkeypatch.setattr(funding_jobs, "ask_checkout", lambda *_: elsewhere)
    answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
    assert (answer.status_code, answer.location) == (303, f"/internships/{money.internship_id}/funding")
    assert money.checkout_status() == "creating"


def test_what_stripe_mixes_up_is_not_asked_for_every_ten_seconds(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.secured(app, stripe)
    with app.app_context(), unit_of_work():
        account = db.session.scalars(db.select(StripeAccount)).one()
        account.next_poll_at = clock.real_now()
        recipient_jobs.apply_account(
            account, Account("acct_other", "active", (), False, {"account": "ac-9-9"})
        )
        assert account.next_poll_at > clock.real_now()
    other = stripe_rail.matched(app, stripe)
    other.pay_page()
    other.age(3600)
    with app.app_context(), unit_of_work():
        checkout = other.checkout()
        funding_jobs.apply_checkout(
            checkout, Session("cs_other", "open", "unpaid", None, {"checkout": "co-9-9"})
        )
        assert checkout.next_poll_at is not None
        assert checkout.next_poll_at > clock.real_now()
    assert money.state() == ("matched", "secured")
