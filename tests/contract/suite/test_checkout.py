"""Checkout: what a payment page is made of, and how it ends."""

from __future__ import annotations

import time
from typing import Any

import pytest
import stripe

from tests.contract.conftest import Stripe
from tests.contract.suite.asking import LINES, checkout


def test_a_checkout_is_made_with_what_we_ask_and_read_again(them: Stripe, sessions: Any) -> None:
    """Create a Checkout Session; The Checkout Session object: status, payment_status, url; the amounts are sums of the
    lines. Changelog 2022-08-01: the payment intent is made when the payer pays, not before."""
    body = checkout(them)
    made = sessions.create(body)
    assert made.id.startswith("cs_test_")
    assert (made.object, made.mode, made.status, made.payment_status) == (
        "checkout.session",
        "payment",
        "open",
        "unpaid",
    )
    total = sum(amount for _, amount in LINES)
    assert (made.amount_subtotal, made.amount_total, made.currency) == (total, total, "usd")
    assert made.client_reference_id == body["client_reference_id"]
    assert made.metadata.to_dict() == body["metadata"]
    assert (made.expires_at, made.locale, made.livemode) == (body["expires_at"], "en", False)
    assert (made.success_url, made.cancel_url) == (body["success_url"], body["cancel_url"])
    assert made.adaptive_pricing.enabled is False
    assert made.url.startswith("http")
    assert made.payment_intent is None
    read = sessions.retrieve(made.id)
    assert (read.id, read.status, read.url) == (made.id, "open", made.url)
    assert read.metadata.to_dict() == body["metadata"]


def test_the_lines_of_a_checkout_come_on_request(them: Stripe, sessions: Any) -> None:
    """The Checkout Session object: line_items is not included by default, but can be expanded; and Retrieve a Checkout
    Session's line items."""
    made = sessions.create(checkout(them))
    assert "line_items" not in made
    read = sessions.retrieve(made.id, {"expand": ["line_items"]})
    listed = sessions.line_items.list(made.id)
    for lines in (read.line_items, listed):
        assert sorted((line.description, line.amount_total, line.quantity) for line in lines.data) == sorted(
            (name, amount, 1) for name, amount in LINES
        )


def test_an_open_checkout_can_be_ended_once(them: Stripe, sessions: Any) -> None:
    """Expire a Checkout Session: possible while it is open; afterwards its page says that it is over."""
    made = sessions.create(checkout(them))
    ended = sessions.expire(made.id)
    assert (ended.id, ended.status, ended.url) == (made.id, "expired", None)
    assert sessions.retrieve(made.id).status == "expired"
    with pytest.raises(stripe.InvalidRequestError):
        sessions.expire(made.id)


@pytest.mark.parametrize("seconds", [25 * 60, 24 * 3600 + 600])
def test_a_checkout_ends_within_half_an_hour_to_a_day(them: Stripe, sessions: Any, seconds: int) -> None:
    """Create a Checkout Session, expires_at: from 30 minutes to 24 hours after creation."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sessions.create(checkout(them, expires_at=int(time.time()) + seconds))
    assert refused.value.param == "expires_at"


def test_less_than_the_least_charge_is_refused(them: Stripe, sessions: Any) -> None:
    """Supported currencies, "Minimum and maximum charge amounts": 0.50 USD. Error codes, amount_too_small."""
    line = {
        "quantity": 1,
        "price_data": {"currency": "usd", "unit_amount": 49, "product_data": {"name": "Work"}},
    }
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sessions.create(checkout(them, line_items=[line]))
    assert (refused.value.http_status, refused.value.code) == (400, "amount_too_small")
