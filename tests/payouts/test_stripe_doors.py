"""What the doors of the Stripe rail let in: strangers, floods, and settings in any writing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.payouts.models import Attempt


def test_a_flood_from_everywhere_does_not_fill_the_table_of_refusals(
    app: Flask, stripe: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from webapp.stripe import policy as stripe_policy

    monkeypatch.setattr(stripe_policy, "REFUSALS_OF_ALL", replace(stripe_policy.REFUSALS_OF_ALL, limit=5))
    client = app.test_client()
    for number in range(9):
        answer = client.post(
            "/webhooks/stripe/platform", data=b"{}", environ_base={"REMOTE_ADDR": f"10.0.0.{number}"}
        )
        assert answer.status_code == 400
    with app.app_context(), unit_of_work():
        assert db.session.scalar(text("SELECT count(*) FROM refused_delivery")) == 5


def test_strangers_and_the_intern_neither_see_nor_press_what_is_not_theirs(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    with app.app_context(), unit_of_work():
        stranger = cast.person("Somebody Else").id
    attempt = f"/finance/attempts/{money.attempt_id()}"
    for who in (stranger, money.intern_id, money.owner_id):
        browser = cast.signed_in(app, who)
        assert browser.get(attempt).status_code == 404
        assert browser.send(f"{attempt}/lookup", version=1).status_code == 404
    for who, status in ((stranger, 404), (money.intern_id, 403), (money.first_id, 403)):
        answer = cast.signed_in(app, who).send(f"/fundings/{money.funding_id}/checkout", version=1)
        assert answer.status_code == status
    typed: tuple[tuple[str, dict[str, Any]], ...] = (
        (f"{attempt}/lookup", {}),
        (f"{attempt}/lookup", {"version": "x"}),
        (f"{attempt}/lookup", {"version": "9" * 30}),
        (f"{attempt}/absence", {"version": "1", "reason": "a\x00b"}),
        ("/finance/payouts/1/by-bank", {"version": "1", "why": "a\x00b"}),
        ("/finance/payouts/1/by-bank", {"version": "9" * 30, "why": "Because"}),
        ("/finance/payouts/1/by-bank", {"version": "1", "why": "x" * 501}),
    )
    for path, fields in typed:
        assert money.browser("first").send(path, **fields).status_code in (400, 409, 422), (path, fields)
    with app.app_context(), unit_of_work():
        assert db.session.scalars(db.select(Attempt)).one().state == "sending"


@pytest.mark.parametrize(
    ("typed", "status"),
    [
        ({"stripe_currencies": "usd usd, USD", "stripe_countries": "vn,VN sg"}, 303),
        ({"stripe_currencies": "EUR"}, 422),
        ({"currencies": "VND", "stripe_currencies": "USD"}, 422),
        ({"stripe_countries": "XX"}, 422),
        ({"stripe_countries": "\u0131n"}, 303),
        ({"stripe_countries": "<script>"}, 422),
        ({"stripe_countries": "V\x00N"}, 422),
        ({"unpaid_countries": "VN " * 400}, 422),
    ],
)
def test_settings_of_the_rail_are_taken_in_any_writing_and_refused_in_words(
    app: Flask, stripe: Simulator, typed: dict[str, str], status: int
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        programme = money.internship.programme_id
        from webapp.organisations.models import DEFAULT_CLOCKS

        version = db.session.scalar(text(f"SELECT history_number FROM organisation WHERE id = {programme}"))
    form: dict[str, Any] = {f"clock_{name}": str(days) for name, days in DEFAULT_CLOCKS.items()}
    form |= {
        "fee": "10",
        "currencies": "USD, VND",
        "floor_USD": "5",
        "floor_VND": "50000",
        "version": str(version),
    }
    answer = money.browser("manager").send(f"/organisations/{programme}/settings", **{**form, **typed})
    assert answer.status_code == status, cast.visible_text(answer)[-600:]
    with app.app_context(), unit_of_work():
        found = db.session.execute(
            text("SELECT stripe_currencies, stripe_countries FROM programme_settings")
        ).one()
    if typed.get("stripe_currencies", "").startswith("usd"):
        assert (list(found[0]), list(found[1])) == (["USD"], ["VN", "SG"])
