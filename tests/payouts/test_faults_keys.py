"""Keys that answer with the same error for ever, that are too old, or used for something else: a person decides."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.support import people as cast
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import of_subject
from webapp.notifications.models import Notice
from webapp.payouts.jobs import transfers as payout_transfers

DAY = 24 * 3600.0
MAKING = "/v1/transfers$"


def _stuck(app: Flask, stripe: Simulator) -> StripeRail:
    """Stripe has stored an error under the key, and repeats it until a person has to decide."""
    money = stripe_rail.released(app, stripe)
    stripe.fault("500_stored", path=MAKING)
    money.work()
    for _ in range(payout_transfers.TRIES):
        assert money.attempt() == ("unknown", None, None)
        money.sweep()
    assert money.attempt() == ("unknown", "no_answer", None)
    return money


def _waits_for_a_person(money: StripeRail, problem: str) -> None:
    """Nothing is sent any more, finance was told once, and finds it in its queue."""
    state, found, _reason = money.attempt()
    assert (state in ("sending", "unknown"), found) == (True, problem)
    asked = money.asked("create")
    for _ in range(3):
        money.sweep()
        money.work()
    assert money.asked("create") == asked
    with money.app.app_context(), unit_of_work():
        told = db.select(Notice.person_id).where(Notice.code == "payout_unclear").order_by(Notice.person_id)
        assert list(db.session.scalars(told)) == [money.first_id, money.second_id]
    queue = money.browser("first").get("/finance")
    assert f"/finance/attempts/{money.attempt_id()}" in queue.get_data(as_text=True)


def _version(money: StripeRail) -> int:
    with money.app.app_context(), unit_of_work():
        return money.attempts()[-1].version


def _declare(
    money: StripeRail, role: str = "first", version: int | None = None, **form: str
) -> tuple[int, str]:
    """Say on the page that Stripe does not have it: the status and the words that come back."""
    values = {"reason": "Looked through the dashboard by key and group.", **form}
    path = f"/finance/attempts/{money.attempt_id()}/absence"
    answer = money.browser(role).send(path, version=_version(money) if version is None else version, **values)
    return answer.status_code, cast.visible_text(answer)


def _look(money: StripeRail) -> None:
    """A person asks Stripe again, and the worker does it."""
    path = f"/finance/attempts/{money.attempt_id()}/lookup"
    assert money.browser("second").send(path, version=_version(money)).status_code == 303
    money.work()


@pytest.mark.fault(9)
def test_an_error_repeated_for_ever_ends_with_a_person_who_proves_that_nothing_was_sent(
    app: Flask, stripe: Simulator
) -> None:
    money = _stuck(app, stripe)
    _waits_for_a_person(money, "no_answer")
    assert (money.asked("create"), len(money.keys()), money.transfers()) == (payout_transfers.TRIES, 1, [])
    page = money.browser("first").get(f"/finance/attempts/{money.attempt_id()}")
    assert "Stripe never gave a usable answer" in cast.visible_text(page)
    _look(money)
    assert money.asked("create") == payout_transfers.TRIES  # asked whether it is there, and for nothing else
    status, _words = _declare(money)
    assert status == 303
    assert money.attempt() == ("rejected", None, "declared_absent")
    with app.app_context(), unit_of_work():
        payout = money.payout()
        assert (payout.state, payout.approved_by_id, payout.released_by_id) == ("due", None, None)
        failed = [entry for entry in of_subject("payout", payout.id) if entry.move == "fail"]
        assert [entry.actor_id for entry in failed] == [money.first_id], "the one who declared it is named"
    history = cast.visible_text(money.browser("first").get("/finance/payouts/1"))
    assert "Looked through the dashboard by key and group." in history
    money.agree()
    money.approve(role="second")
    money.release(role="first")
    money.work()
    with app.app_context(), unit_of_work():
        assert [(one.number, one.state) for one in money.attempts()] == [(1, "rejected"), (2, "succeeded")]
    assert len(money.transfers()) == 1
    assert len(money.keys()) == 2
    money.agree()


@pytest.mark.fault(9)
def test_absence_is_not_declared_by_the_wrong_people_nor_on_an_old_page(
    app: Flask, stripe: Simulator
) -> None:
    money = _stuck(app, stripe)
    with app.app_context(), unit_of_work():
        cast.join(money.internship.programme, money.person("intern"), "finance")
    seen = _version(money)
    _look(money)
    assert _declare(money, version=seen)[0] == 409
    attempt_page = f"/finance/attempts/{money.attempt_id()}"
    assert attempt_page in money.browser("first").get("/home").get_data(as_text=True)
    payee = money.browser("intern")
    assert payee.send("/home/role", role="finance").status_code == 303
    assert attempt_page not in payee.get("/home").get_data(as_text=True), "the payee decides nothing"
    for role, status in (("owner", 404), ("manager", 403), ("operator", 403), ("intern", 403)):
        assert _declare(money, role)[0] == status, role
    assert _declare(money, reason=" ")[0] == 422
    stale = money.browser("first")
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE web_session SET confirmed_at = now() - interval '11 minutes'"))
    answer = stale.send(
        f"/finance/attempts/{money.attempt_id()}/absence", version=_version(money), reason="Sure."
    )
    assert (answer.status_code, answer.location) == (303, "/sign-in/again")
    assert money.attempt() == ("unknown", "no_answer", None)
    money.agree()


@pytest.mark.fault(9)
def test_absence_needs_a_fresh_look_and_a_quarter_of_an_hour_since_the_call(
    app: Flask, stripe: Simulator
) -> None:
    money = _stuck(app, stripe)
    with psycopg.connect(stripe.config.database_url) as owner:
        owner.execute("ALTER TABLE call DISABLE TRIGGER USER")
        owner.execute("UPDATE call SET called_at = called_at - interval '16 minutes'")
        owner.execute("ALTER TABLE call ENABLE TRIGGER USER")
    status, words = _declare(money)
    assert (status, "Ask Stripe again first" in words) == (409, True)
    assert "Looked through the dashboard" in words  # what was typed is kept
    _look(money)
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE attempt SET called_at = now() - interval '14 minutes'"))
    status, words = _declare(money)
    assert (status, "may still arrive" in words) == (409, True)
    assert money.attempt() == ("unknown", "no_answer", None)
    money.agree()


@pytest.mark.fault(9)
def test_what_a_person_finds_at_stripe_is_settled_and_never_declared_absent(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    stripe.fault("drop_after", path=MAKING)
    stripe.fault("slow", method="GET", path=MAKING, seconds=0)  # the look before the first request
    stripe.fault("502", method="GET", path=MAKING, times=40)
    money.work()
    money.sweep()
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE attempt SET problem = 'no_answer'"))
    status, words = _declare(money)  # the last look was not answered
    assert (status, "Ask Stripe again first" in words) == (409, True)
    stripe.clear_faults()
    _look(money)
    assert money.attempt()[0] == "succeeded"
    assert _declare(money)[0] == 409
    assert len(money.transfers()) == 1
    money.agree()


@pytest.mark.fault(9)
@pytest.mark.parametrize("told", ["before the next attempt", "never"])
def test_what_was_wrongly_declared_absent_is_seen_before_it_is_sent_again(
    app: Flask, stripe: Simulator, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    money = stripe_rail.released(app, stripe, award=12_000)
    stripe.fault("drop_before", path=MAKING)
    money.work()
    with app.app_context(), unit_of_work():
        (attempt,) = money.attempts()
        asked = dict(attempt.params)
        db.session.execute(text("UPDATE attempt SET problem = 'no_answer'"))
    money.age(3600)
    _look(money)
    assert _declare(money)[0] == 303
    # The request that was lost arrives all the same, long after anybody would have thought.
    stripe.client().v1.transfers.create(asked["body"], {"idempotency_key": asked["idempotency_key"]})
    if told != "never":
        money.hear()
        assert "though attempt po-1-l1-a1 was rejected" in caplog.text
    money.approve()
    money.release()
    money.work()
    assert money.attempt()[1] == "earlier_there"
    assert len(money.transfers()) == 1
    _waits_for_a_person(money, "earlier_there")
    page = money.browser("first").get(f"/finance/attempts/{money.attempt_id()}")
    assert "Stripe does have an earlier attempt" in cast.visible_text(page)
    money.check()


@pytest.mark.fault(11)
def test_a_key_that_stripe_may_have_forgotten_is_never_used_again(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.released(app, stripe, award=12_000)
    stripe.fault("drop_before", path=MAKING)
    money.work()
    stripe.control("prune_keys")
    money.sweep(DAY)
    assert money.attempt() == ("unknown", "key_too_old", None)
    _waits_for_a_person(money, "key_too_old")
    assert money.transfers() == []
    money.agree()


@pytest.mark.fault(12)
@pytest.mark.parametrize(
    "change", ["amount = amount + 1", "params = '{}'", "key = key || 'x'", "currency = 'VND'", "part_id = 2"]
)
def test_the_database_refuses_to_change_what_an_attempt_asks_for(
    app: Flask, stripe: Simulator, change: str
) -> None:
    money = stripe_rail.released(app, stripe)
    with app.app_context(), pytest.raises(IntegrityError, match="never changes"), unit_of_work():
        db.session.execute(text(f"UPDATE attempt SET {change}"))
    money.work()
    assert len(money.transfers()) == 1
    money.agree()


@pytest.mark.fault(12)
def test_a_key_that_was_used_for_something_else_is_an_alarm_and_not_tried_again(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.released(app, stripe)
    with app.app_context(), unit_of_work():
        (attempt,) = money.attempts()
        key, account = attempt.params["idempotency_key"], attempt.params["to"]
    other: dict[str, object] = {"amount": 99_999, "currency": "usd", "destination": account}
    with pytest.raises(Exception, match="insufficient"):
        stripe.client().v1.transfers.create(other, {"idempotency_key": key})  # type: ignore[arg-type]
    money.work()
    assert money.attempt() == ("sending", "misused", None)
    assert money.asked("create") == 1
    _waits_for_a_person(money, "misused")
    assert money.transfers() == []
    money.agree()
