"""Webhooks that come twice, late, in another order, before we are ready, or never: it ends as if in order."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.stripe.inbox import handle_all, untold
from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database import installation
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.payouts.jobs.transfers import send_attempt
from webapp.stripe import jobs as stripe_jobs
from webapp.stripe.gateway import Gateway
from webapp.stripe.models import StripeCursor, StripeEvent

TWO_DAYS = 2 * 24 * 3600


def _there(money: StripeRail) -> None:
    """Nothing is left to do: paid, and the rest given back."""
    money.work()
    assert (money.payout_state(), money.payout_state("refund")) == ("paid", "paid")
    assert money.state() == ("paid", "settled")
    money.agree()


@pytest.mark.fault(16)
@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_webhooks_in_another_order_end_at_the_same_place(
    app: Flask, stripe: Simulator, seed: int | None
) -> None:
    money = untold(app, stripe)
    stripe.control("shuffle", **({} if seed is None else {"seed": seed}))
    money.deliver()
    _there(money)


@pytest.mark.fault(16)
def test_what_was_true_when_it_was_sent_does_not_undo_what_is_true_now(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.due(app, stripe)
    stripe.control("restrict_account", account=money.account())
    stripe.control("activate_account", account=money.account())
    stripe.control("shuffle")  # "restricted" comes last
    money.hear()
    assert money.payout_state() == "due"
    with app.app_context(), unit_of_work():
        told = "SELECT count(*) FROM notice WHERE code = 'payout_blocked'"
        assert db.session.scalar(text(told)) == 0
    money.agree()


@pytest.mark.fault(19)
def test_what_no_webhook_brought_is_asked_for_after_two_days(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    session = money.pay_page()
    with app.app_context():
        stripe_jobs.poll()  # the last time that all was well
    stripe.control("drop_webhooks")
    stripe.pay(session)
    stripe.control("release_webhooks")
    with app.app_context(), unit_of_work(), stripe.inside.store.connection() as there:
        db.session.execute(text("UPDATE stripe_cursor SET polled_until = polled_until - interval '2 days'"))
        db.session.execute(text("UPDATE checkout SET next_poll_at = NULL"))  # only what is polled can tell
        there.execute("UPDATE event SET created = created - %s", [TWO_DAYS])
        there.execute(
            "UPDATE event SET body = jsonb_set(body, '{created}', to_jsonb(created)) WHERE NOT thin"
        )
    # Later webhooks arrive again, and do not hide what is missing before them.
    stripe.control("top_up", amount=100, currency="usd")
    stripe.control("sweep")
    money.hear()
    assert money.count("stripe_event WHERE NOT polled") > 0
    assert money.state() == ("matched", "awaiting")
    with app.app_context():
        assert stripe_jobs.poll() > 0
        assert stripe_jobs.poll() == 0
        with unit_of_work():
            until = db.session.scalars(db.select(StripeCursor.polled_until)).one()
            assert datetime.now(UTC) - until < timedelta(seconds=30)
    money.work()
    assert money.state() == ("matched", "secured")
    stripe.control("redeliver", event=_event_about(app, session))  # and here it is at last
    money.hear()
    assert money.count("charge") == 1
    money.agree()


def _event_about(app: Flask, thing: str) -> str:
    with app.app_context(), unit_of_work():
        return (
            db.session.scalars(db.select(StripeEvent.event).where(StripeEvent.object == thing)).first() or ""
        )


@pytest.mark.fault(19)
def test_while_stripe_cannot_be_asked_the_cursor_stays(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)
    stripe.control("drop_webhooks")
    stripe.pay(money.pay_page())
    with money.reaching("http://127.0.0.1:9"), app.app_context():
        assert stripe_jobs.poll() == 0
    assert money.count("stripe_cursor") == 0
    stripe.fault("500_before", method="GET", path="/v1/events")
    with app.app_context():
        assert stripe_jobs.poll() == 0
        assert money.count("stripe_cursor") == 0
        assert stripe_jobs.poll() > 0
    money.work()
    assert money.state() == ("matched", "secured")
    money.agree()


@contextmanager
def _quicker_than_us(money: StripeRail, call: str, meanwhile: Any) -> Iterator[None]:
    """Stripe's answer to `call` is on its way to us, and Stripe's webhooks are handled before we have read it."""

    told: list[str] = []

    class Quick(Gateway):
        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            if name != call:
                return found

            def answered(*given: Any, **named: Any) -> Any:
                answer = found(*given, **named)
                if told:
                    return answer
                told.append(name)
                with ThreadPoolExecutor(1) as elsewhere:
                    elsewhere.submit(meanwhile, answer).result()
                return answer

            return answered

    money.app.extensions["stripe_gateway"] = Quick(money.app.extensions["settings"])
    try:
        yield
    finally:
        del money.app.extensions["stripe_gateway"]


@pytest.mark.fault(20)
def test_a_page_that_is_paid_before_we_have_written_it_down_is_secured(app: Flask, stripe: Simulator) -> None:
    money = stripe_rail.matched(app, stripe)

    def paid(page: Any) -> None:
        stripe.pay(page.id)
        money.hear()
        assert money.state() == ("matched", "secured")

    with _quicker_than_us(money, "open_checkout", paid):
        answer = money.browser("owner").send(f"/fundings/{money.funding_id}/checkout", version=1)
    assert (answer.status_code, answer.location) == (303, f"/internships/{money.internship_id}/funding")
    assert (money.checkout_status(), money.count("charge")) == ("paid", 1)
    money.hear()
    money.agree()


@pytest.mark.fault(20)
@pytest.mark.parametrize("call", ["transfer", "read_transfer"])
def test_a_transfer_whose_webhook_is_handled_before_our_own_settling_is_settled_once(
    app: Flask, stripe: Simulator, call: str
) -> None:
    money = stripe_rail.released(app, stripe)

    def heard(_answer: Any) -> None:
        money.deliver()
        handle_all(app)
        assert money.payout_state() == "paid"

    with _quicker_than_us(money, call, heard), app.app_context():
        send_attempt(money.attempt_id())
    assert money.payout_state() == "paid"
    money.hear()
    money.agree()


@pytest.mark.fault(16)
def test_an_event_of_something_that_we_do_not_know_is_kept_and_tried_again(
    app: Flask, stripe: Simulator
) -> None:
    money = stripe_rail.matched(app, stripe)
    with app.app_context(), unit_of_work():
        told = {"stint": installation.uid(), "checkout": "co-999-1"}
    line = {"currency": "usd", "unit_amount": 900, "product_data": {"name": "Base pay"}}
    asked: Any = {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": line}],
        "metadata": told,
        "success_url": "https://example.org",
    }
    session = stripe.client().v1.checkout.sessions.create(asked)
    stripe.control("expire_session", session=session.id)
    money.hear()
    assert money.count("stripe_event WHERE handled_at IS NULL") == 1
    waits = "procrastinate_jobs WHERE task_name = 'handle_stripe_event' AND status = 'todo' AND scheduled_at > now()"
    assert money.count(waits) == 1
    money.agree()
