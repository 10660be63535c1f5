"""A thousand webhooks in any order, a third of them twice: our books end as they would have in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from sqlalchemy import text

from tests.stripe.inbox import handle_all, untold
from tests.support import stripe_rail
from tests.support.application import Built
from tests.support.chance import chance
from tests.support.postgres import TestDatabase, recreate
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work

Copy = Callable[[str, str], None]
# What must be the same in the end, whatever the order: everything but instants, versions and numbers of rows.
TOLD = {
    "internship": "SELECT id, state, award, remainder_done FROM internship ORDER BY id",
    "funding": "SELECT id, state FROM funding ORDER BY id",
    "checkout": "SELECT key, status, session FROM checkout ORDER BY key",
    "charge": "SELECT charge, funding_id, amount, stripe_fee FROM charge ORDER BY charge",
    "recipient": "SELECT key, account, transfers, requirements, waits_for_user FROM stripe_account ORDER BY key",
    "payout": "SELECT id, state, rail, amount, approved_by_id, released_by_id FROM payout ORDER BY id",
    "attempt": "SELECT key, state, external_reference, problem, reason FROM attempt ORDER BY key",
    "journal": "SELECT uid, kind, reference FROM journal ORDER BY uid",
    "account": "SELECT a.code, sum(e.amount) FROM account a JOIN entry e ON e.account_id = a.id GROUP BY 1 ORDER BY 1",
    "notice": "SELECT person_id, code, count(*) FROM notice GROUP BY 1, 2 ORDER BY 1, 2",
    "event": "SELECT destination, event, outcome FROM stripe_event ORDER BY 1, 2",
}


def _end(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """How everything stands."""
    with app.app_context(), unit_of_work():
        return {name: [tuple(row) for row in db.session.execute(text(query))] for name, query in TOLD.items()}


@pytest.fixture
def copy(stripe: Simulator, _admin: Any, _blank: Built) -> Copy:
    """Make a database a copy of another one; nobody may be connected meanwhile."""

    def make(name: str, of: str) -> None:
        _blank.dispose()
        stripe.let_go()
        recreate(_admin, name, of)

    return make


def _many(app: Flask, stripe: Simulator) -> list[StripeRail]:
    """Internships at every stage, and so much has happened at Stripe meanwhile that a thousand webhooks wait."""
    lives = [untold(app, stripe) for _ in range(2)]
    for how in ("card", "settle_async", "fail_async", "expire_session"):
        lives.append(stripe_rail.matched(app, stripe))
        session = lives[-1].pay_page()
        if how != "expire_session":
            stripe.pay(session, "card" if how == "card" else "bank")
        if how != "card":
            stripe.control(how, session=session)
    restricted, active = stripe.state()["objects"]["account"]
    for _ in range(12):
        stripe.control("activate_account", account=restricted)
        stripe.control("restrict_account", account=restricted)
        stripe.control("restrict_account", account=active)
        stripe.control("activate_account", account=active)
    while sum(one["outcome"] == "waiting" for one in stripe.state()["deliveries"]) < 1000:
        for _ in range(60):  # the bank refuses: most of what Stripe tells is not our business
            (payout,) = stripe.control("sweep", account=active)["payouts"]
            stripe.control("fail_payout", payout=payout["id"])
    return lives


@pytest.mark.fault(15)
@pytest.mark.fault(16)
def test_a_thousand_webhooks_shuffled_and_with_thirty_percent_twice_end_as_in_order(
    app: Flask, stripe: Simulator, worker_database: TestDatabase, copy: Copy
) -> None:
    lives = _many(app, stripe)
    told: list[tuple[str, bytes, dict[str, str]]] = []
    stripe.deliver(lambda *one: (told.append(one), 200)[1])  # type: ignore[func-returns-value]
    assert len(told) >= 1000
    before = f"{worker_database.name}_before"
    copy(before, worker_database.name)

    client = app.test_client()
    ends = []
    dice = chance(16)
    twice = [*told, *dice.sample(told, len(told) * 3 // 10)]
    dice.shuffle(twice)
    for run in (told, twice):
        for number, (url, body, headers) in enumerate(run):
            assert client.post(urlsplit(url).path, data=body, headers=headers).status_code == 200
            if number % 250 == 249:
                handle_all(app)
        handle_all(app)
        ends.append(_end(app))
        if run is told:
            copy(worker_database.name, before)
    in_order, shuffled = ends
    for name, rows in in_order.items():
        assert shuffled[name] == rows, name
    assert [row[1] for row in in_order["funding"]] == ["settled"] * 2 + ["secured"] * 2 + [
        "failed",
        "awaiting",
    ]
    lives[0].agree()
