"""An installation whose key was taken away, or that never had one: nothing is lost, and the pages say so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import text

from tests.payouts.notices import told
from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work


@contextmanager
def without_stripe(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The operator has taken the key away."""
    with monkeypatch.context() as patch:
        patch.setitem(app.extensions, "settings", replace(app.extensions["settings"], stripe_secret_key=""))
        yield


def pages_are_there(money: StripeRail, *, attempt: bool = False, over: bool = False) -> None:
    """Whoever looks at the money sees a page, whatever state it is in."""
    for role, path in (
        ("first", "/finance"),
        ("first", "/finance/payouts/1"),
        (
            "first" if over else "owner",
            f"/fundings/{money.funding_id}" if over else f"/internships/{money.internship_id}/funding",
        ),
        ("intern", "/settings/payout-method"),
        ("intern", "/earnings"),
        ("operator", "/operations/stripe"),
        *([("first", f"/finance/attempts/{money.attempt_id()}")] if attempt else []),
    ):
        answer = money.browser(role).get(path)
        assert answer.status_code == 200, (role, path, answer.status_code)


def test_without_stripe_nothing_is_released_into_the_void(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.approved(app, stripe)
    with without_stripe(app, monkeypatch):
        pages_are_there(money)
        answer = money.browser("second").send("/finance/payouts/1/release", version=2)
        assert answer.status_code == 409
        assert "no Stripe account" in cast.visible_text(answer)
        assert "no Stripe account" in cast.visible_text(money.browser("first").get("/finance/payouts/1"))
        money.work()
        assert money.payout_state() == "approved"
    money.release()
    money.work()
    assert money.payout_state() == "paid"
    money.agree()


def test_what_was_being_sent_when_the_key_was_taken_away_waits_untouched_and_goes_on(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.released(app, stripe)
    with without_stripe(app, monkeypatch):
        money.work()
        money.sweep()
        pages_are_there(money, attempt=True)
        money.check()
        with app.app_context(), unit_of_work():
            (attempt,) = money.attempts()
            # Never asked for: so its key has not begun to grow old.
            assert (attempt.state, attempt.called_at, attempt.problem) == ("sending", None, None)
    money.sweep(60)
    assert money.payout_state() == "paid"
    money.agree()


def test_without_stripe_a_match_ends_and_its_money_waits_for_finance(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.secured(app, stripe)
    with without_stripe(app, monkeypatch):
        money.unmatch()
        money.work()
        pages_are_there(money, over=True)
        assert money.payout_state("refund") == "due"
        assert told(money, "payout_due") == [money.first_id, money.second_id]


def test_without_stripe_an_owner_is_not_told_to_try_again_in_a_minute(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    with without_stripe(app, monkeypatch):
        answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
        assert answer.status_code == 409
        assert "no Stripe account" in cast.visible_text(answer)
        for path in ("/settings/payout-method/stripe", "/settings/payout-method/stripe/status"):
            assert money.browser("intern").send(path).status_code == 409
    assert money.count("checkout") == 0


def test_an_intern_in_a_country_without_pay_still_finds_a_form_when_the_key_is_gone(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE programme_settings SET unpaid_countries = '{VN}'"))
    with without_stripe(app, monkeypatch):
        page = money.browser("intern").get("/settings/payout-method").get_data(as_text=True)
        assert 'name="account_number"' in page


@pytest.mark.parametrize("at", ["before", "after"])
def test_an_installation_without_stripe_takes_no_webhook_and_an_old_event_waits(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    stripe.pay(session)
    if at == "after":
        money.deliver()
    with without_stripe(app, monkeypatch):
        if at == "before":
            assert money.deliver()[0] == 0
        money.work()
        money.sweep(60)
        assert money.state() == ("matched", "awaiting")
    money.sweep(7200)
    assert money.state() == ("matched", "secured")
    money.agree()
