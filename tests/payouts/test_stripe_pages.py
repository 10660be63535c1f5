"""What people read on the Stripe rail while it is not settled: never a false word, and always who acts next."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from webapp.core.database.transactions import unit_of_work
from webapp.organisations.models import DEFAULT_CLOCKS


def test_who_has_just_paid_is_not_asked_to_pay_again(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    money.pay_page()
    here = f"/internships/{money.internship_id}/funding"
    asked = cast.visible_text(money.browser("owner").get(here))
    assert "Your turn" in asked
    back = cast.visible_text(money.browser("owner").get(f"{here}?paid=1"))
    assert "Thank you" in back
    assert "Your turn" not in back


def test_a_debit_that_failed_stays_among_what_is_expected(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    money.stripe.control("fail_async", session=money.pay("bank"))
    money.hear()
    assert money.state() == ("matched", "failed")
    queue = cast.visible_text(money.browser("first").get("/finance"))
    assert "the employer's payment" in queue
    assert "Withdrawn requests" not in queue
    theirs = cast.visible_text(money.browser("intern").get(f"/internships/{money.internship_id}/funding"))
    assert "It has to be paid again" in theirs
    assert "Please pay again" not in theirs


def test_no_answer_of_stripe_is_not_told_as_a_yes(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.secured(app, stripe)
    money.stripe.fault("drop_before", path="/v2/core/accounts", method="GET", times=9)
    browser = money.browser("intern")
    browser.send("/settings/payout-method/stripe/status")
    told = cast.visible_text(browser.get("/settings/payout-method"))
    assert "Stripe is not responding at the moment" in told


def test_a_country_is_not_both_paid_by_stripe_and_not_paid_at_all(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        place = money.internship.programme
        page, version = f"/organisations/{place.id}/settings", str(place.history_number)
    typed: dict[str, Any] = {f"clock_{name}": str(days) for name, days in DEFAULT_CLOCKS.items()}
    typed |= {"fee": "10", "currencies": "USD", "stripe_currencies": "USD", "stripe_countries": "VN, PH"}
    answer = money.browser("manager").send(page, **typed, unpaid_countries="PH, KE", version=version)
    assert answer.status_code == 422
    assert "These countries are among those paid by Stripe: PH." in cast.visible_text(answer)


def test_every_page_says_that_stripe_is_in_test_mode_and_none_does_with_a_live_key(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = stripe_rail.matched(app, stripe)
    said = "Stripe is in test mode:"
    assert said in cast.visible_text(money.browser("owner").get("/home"))
    live = replace(app.extensions["settings"], stripe_secret_key="sk_live_x", stripe_api_base="")
    monkeypatch.setitem(app.extensions, "settings", live)
    assert said not in cast.visible_text(money.browser("owner").get("/home"))
