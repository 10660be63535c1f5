"""Whom the contract suite talks to: the simulator, or with `STRIPE_CONTRACT_KEY` Stripe's test mode."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import pytest
import stripe

from tests.contract import target
from tests.support.simulator import Simulator, _simulator_server, simulator  # noqa: F401 - fixtures

T = TypeVar("T")
ACCOUNT_VARIABLE = "STRIPE_CONTRACT_ACCOUNT"
PATIENCE = 30  # seconds that Stripe may take to tell of what it has done
NEW_ACCOUNT: dict[str, Any] = {
    "contact_email": "somebody@example.org",
    "display_name": "Somebody",
    "dashboard": "express",
    "identity": {"country": "us", "entity_type": "individual"},
    "configuration": {
        "recipient": {"capabilities": {"stripe_balance": {"stripe_transfers": {"requested": True}}}}
    },
    "defaults": {"responsibilities": {"fees_collector": "application", "losses_collector": "application"}},
    "metadata": {"made_by": "contract suite"},
}


class Stripe:
    """Stripe's test mode. What needs a browser is done by the ways that Stripe's pages on testing name."""

    def __init__(self, key: str) -> None:
        stripe.enable_telemetry = False
        self.client = stripe.StripeClient(key, http_client=stripe.RequestsClient(timeout=(3, 20)))
        # Objects of other runs are there too: what a test lists, it lists by this.
        self.run = f"contract-{uuid.uuid4().hex[:12]}"

    def name(self) -> str:
        return f"{self.run}-{uuid.uuid4().hex[:8]}"

    def paid_charge(self, amount: int, group: str, currency: str = "usd") -> str:
        """A card payment (Stripe, "Test card numbers": pm_card_visa); answers the charge's id."""
        intent = self.client.v1.payment_intents.create(
            {
                "amount": amount,
                "currency": currency,
                "confirm": True,
                "payment_method": "pm_card_visa",
                "return_url": "https://example.org/",
                "transfer_group": group,
                "metadata": {"group": group},
            }
        )
        return str(intent.latest_charge)

    def receiver(self) -> str:
        """An account that can receive transfers: nobody can finish Stripe's onboarding for a program."""
        if not os.environ.get(ACCOUNT_VARIABLE):
            pytest.skip(f"{ACCOUNT_VARIABLE} names no account of the test mode that can receive transfers.")
        return os.environ[ACCOUNT_VARIABLE]

    def eventually(self, read: Callable[[], T]) -> T:
        """What Stripe tells a moment later, such as events; the last answer, empty or not."""
        until = time.monotonic() + PATIENCE
        while not (found := read()) and time.monotonic() < until:
            time.sleep(1)
        return found


class SimulatorTarget(Stripe):
    """The simulator: the same calls, and controls where Stripe needs a person, a bank or time."""

    def __init__(self, simulator: Simulator) -> None:  # noqa: F811
        super().__init__("sk_test_unused")
        self.simulator = simulator
        self.client = simulator.client()

    def session(self, amount: int, group: str, currency: str = "usd") -> str:
        made = self.client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [
                    {
                        "quantity": 1,
                        "price_data": {
                            "currency": currency,
                            "unit_amount": amount,
                            "product_data": {"name": "Work"},
                        },
                    }
                ],
                "payment_intent_data": {"transfer_group": group, "metadata": {"group": group}},
                "success_url": "https://example.org/paid?session={CHECKOUT_SESSION_ID}",
            }
        )
        return str(made.id)

    def paid_charge(self, amount: int, group: str, currency: str = "usd") -> str:
        session = self.session(amount, group, currency)
        self.simulator.pay(session)
        paid = self.client.v1.checkout.sessions.retrieve(session, {"expand": ["payment_intent"]})
        intent: Any = paid.payment_intent
        return str(intent.latest_charge)

    def receiver(self) -> str:
        account = self.client.v2.core.accounts.create(NEW_ACCOUNT)  # type: ignore[arg-type]
        self.simulator.control("finish_onboarding", account=account.id)
        return str(account.id)

    def eventually(self, read: Callable[[], T]) -> T:
        return read()


@pytest.fixture
def them(request: pytest.FixtureRequest) -> Iterator[Stripe]:
    """Stripe, or its simulator: the tests do not know which."""
    if target.key():
        yield Stripe(target.key())
    else:
        yield SimulatorTarget(request.getfixturevalue("simulator"))


@pytest.fixture
def simulator_target(them: Stripe) -> SimulatorTarget:
    """The simulator, for tests that are marked `simulator_only`."""
    assert isinstance(them, SimulatorTarget)
    return them
