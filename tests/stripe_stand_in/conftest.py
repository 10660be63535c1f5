"""The stand-in under test: the real SDK, over HTTP, and a session that somebody has paid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.ground.stand_in import StandIn, _stand_in_server, stand_in  # noqa: F401 - fixtures

SUCCESS = "http://127.0.0.1:8000/paid?session={CHECKOUT_SESSION_ID}"
CANCEL = "http://127.0.0.1:8000/fundings/7"


def checkout(amount: int = 50_000, currency: str = "usd", group: str = "funding_7", **more: Any) -> Any:
    """The parameters of a session with one line."""
    price = {"currency": currency, "product_data": {"name": "Award pool"}, "unit_amount": amount}
    return {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "payment_intent_data": {
            "transfer_group": group,
            "metadata": {"funding": "7"},
            "description": "Funding 7",
        },
        "client_reference_id": "funding-7",
        "metadata": {"funding": "7"},
        "success_url": SUCCESS,
        "cancel_url": CANCEL,
        **more,
    }


@pytest.fixture
def client(stand_in: StandIn) -> stripe.StripeClient:  # noqa: F811 - the fixture
    return stand_in.client()


@pytest.fixture
def paid(stand_in: StandIn, client: stripe.StripeClient) -> Callable[..., Any]:  # noqa: F811 - the fixture
    """`paid(amount, currency)`: the charge of a session that somebody paid by card."""

    def pay(amount: int = 50_000, currency: str = "usd", **more: Any) -> Any:
        session = client.v1.checkout.sessions.create(checkout(amount, currency, **more))
        stand_in.pay(session.id)
        paid: Any = client.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge"]}
        )
        return paid.payment_intent.latest_charge

    return pay
