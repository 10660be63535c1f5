"""What the suite asks for again and again, and where it reads the answer."""

from __future__ import annotations

import time
from typing import Any

from tests.contract.conftest import Stripe

LINES = (("Pay of the intern", 150_00), ("Fee of the platform", 15_00), ("Reserve", 5_50))
INCLUDE = ["configuration.recipient", "identity", "defaults", "requirements"]


def checkout(them: Stripe, **changed: Any) -> dict[str, Any]:
    """What our gateway asks of Checkout, exactly."""
    group = them.name()
    body: dict[str, Any] = {
        "mode": "payment",
        "line_items": [
            {
                "quantity": 1,
                "price_data": {"currency": "usd", "unit_amount": amount, "product_data": {"name": name}},
            }
            for name, amount in LINES
        ],
        "payment_intent_data": {
            "transfer_group": group,
            "description": f"Funding {group}",
            "metadata": {"funding": group},
        },
        "client_reference_id": group,
        "metadata": {"funding": group},
        "adaptive_pricing": {"enabled": False},
        "success_url": "https://example.org/back?paid={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://example.org/back",
        "expires_at": int(time.time()) + 3600,
        "locale": "en",
    }
    return {**body, **changed}


def header(answered: Any, name: str) -> str | None:
    headers: Any = answered.last_response.headers
    return {key.lower(): value for key, value in headers.items()}.get(name)
