"""The simulator under test: the real SDK, over HTTP, and a session that somebody has paid."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from tests.support.simulator import Simulator, _simulator_server, simulator  # noqa: F401 - fixtures

SUCCESS = "http://127.0.0.1:8000/paid?session={CHECKOUT_SESSION_ID}"
CANCEL = "http://127.0.0.1:8000/fundings/7"


def checkout(amount: int = 50_000, currency: str = "usd", group: str = "funding_7", **params: Any) -> Any:
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
        **params,
    }


@pytest.fixture
def client(simulator: Simulator) -> stripe.StripeClient:  # noqa: F811 - the fixture
    return simulator.client()


@pytest.fixture
def paid(simulator: Simulator, client: stripe.StripeClient) -> Callable[..., Any]:  # noqa: F811 - the fixture
    """`paid(amount, currency)`: the charge of a session that somebody paid by card."""

    def pay(amount: int = 50_000, currency: str = "usd", **params: Any) -> Any:
        session = client.v1.checkout.sessions.create(checkout(amount, currency, **params))
        simulator.pay(session.id)
        paid: Any = client.v1.checkout.sessions.retrieve(
            session.id, {"expand": ["payment_intent.latest_charge"]}
        )
        return paid.payment_intent.latest_charge

    return pay
