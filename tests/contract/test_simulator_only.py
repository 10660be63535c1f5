"""What Stripe promises and nobody can bring about in its test mode from a program: only the simulator can.

Each is marked `simulator_only` with its reason; README.md lists them all, and a test compares.
"""

from __future__ import annotations

import json
import re
import threading
from pathlib import Path
from typing import Any

import pytest
import stripe

from tests.contract.conftest import NEW_ACCOUNT, SimulatorTarget
from tests.contract.openapi import contract
from tests.contract.suite.asking import checkout, header

BROWSER = "somebody has to pay on the hosted page"
FAULT = "Stripe does not fail on request"
RACE = "the moment in which the first request is under way cannot be held at Stripe"
TIME = "Stripe's clock cannot be moved"
PERSON = "somebody has to tell Stripe who they are"
KEYS = "Stripe forgets keys when it likes"
ADDRESS = "Stripe delivers to a public address only"


@pytest.mark.simulator_only(BROWSER)
def test_a_paid_checkout_is_complete_and_its_charge_carries_what_we_said(
    simulator_target: SimulatorTarget,
) -> None:
    """The Checkout Session object: status complete, payment_status paid; payment_intent_data goes to the intent, and
    from there to the charge (Metadata, "Copying metadata to another object")."""
    sessions: Any = simulator_target.client.v1.checkout.sessions
    body = checkout(simulator_target)
    made = sessions.create(body)
    simulator_target.simulator.pay(made.id)
    paid = sessions.retrieve(made.id, {"expand": ["payment_intent.latest_charge.balance_transaction"]})
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    intent, wanted = paid.payment_intent, body["payment_intent_data"]
    for thing in (intent, intent.latest_charge):
        assert (thing.transfer_group, thing.description) == (wanted["transfer_group"], wanted["description"])
        assert thing.metadata.to_dict() == wanted["metadata"]
    assert (intent.status, intent.amount_received) == ("succeeded", paid.amount_total)
    assert (intent.latest_charge.amount, intent.latest_charge.paid) == (paid.amount_total, True)
    assert intent.latest_charge.balance_transaction.amount == paid.amount_total
    with pytest.raises(stripe.InvalidRequestError):
        sessions.expire(made.id)


@pytest.mark.simulator_only(BROWSER)
@pytest.mark.parametrize(
    ("control", "payment_status", "intent_status"),
    [("settle_async", "paid", "succeeded"), ("fail_async", "unpaid", "requires_payment_method")],
)
def test_a_bank_debit_completes_the_checkout_before_the_money_is_there(
    simulator_target: SimulatorTarget, control: str, payment_status: str, intent_status: str
) -> None:
    """Fulfill orders, "Delayed payment methods": complete and unpaid first; then async_payment_succeeded or _failed."""
    sessions: Any = simulator_target.client.v1.checkout.sessions
    made = sessions.create(checkout(simulator_target))
    simulator_target.simulator.pay(made.id, how="bank")
    waiting = sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (waiting.status, waiting.payment_status) == ("complete", "unpaid")
    assert waiting.payment_intent.status == "processing"
    simulator_target.simulator.control(control, session=made.id)
    after = sessions.retrieve(made.id, {"expand": ["payment_intent"]})
    assert (after.payment_status, after.payment_intent.status) == (payment_status, intent_status)


@pytest.mark.simulator_only(PERSON)
def test_a_finished_onboarding_makes_the_account_able_to_receive(simulator_target: SimulatorTarget) -> None:
    """Account capabilities: active once the requirements are met."""
    accounts: Any = simulator_target.client.v2.core.accounts
    made = accounts.create(NEW_ACCOUNT)
    simulator_target.simulator.control("finish_onboarding", account=made.id)
    read = accounts.retrieve(made.id, {"include": ["configuration.recipient", "requirements"]})
    assert read.configuration.recipient.capabilities.stripe_balance.stripe_transfers.status == "active"
    assert not getattr(read.requirements, "entries", None)


@pytest.mark.simulator_only(TIME)
def test_a_checkout_expires_by_itself(simulator_target: SimulatorTarget) -> None:
    """The Checkout Session object, expires_at."""
    sessions: Any = simulator_target.client.v1.checkout.sessions
    made = sessions.create(checkout(simulator_target))
    simulator_target.simulator.control("move_clock", seconds=3601)
    assert sessions.retrieve(made.id).status == "expired"


@pytest.mark.simulator_only(FAULT)
def test_a_failure_is_replayed_for_as_long_as_the_key_lives(simulator_target: SimulatorTarget) -> None:
    """Idempotent requests: the first status and body are saved, also of a 500."""
    sessions: Any = simulator_target.client.v1.checkout.sessions
    body, options = checkout(simulator_target), {"idempotency_key": simulator_target.name()}
    simulator_target.simulator.fault("500_stored", path="/v1/checkout/sessions")
    for _ in range(2):
        with pytest.raises(stripe.APIError) as failed:
            sessions.create(body, options)
        assert failed.value.http_status == 500
    assert sessions.list({"limit": 1}).data == []


@pytest.mark.simulator_only(RACE)
def test_a_key_in_use_is_a_conflict(simulator_target: SimulatorTarget) -> None:
    """Error codes, idempotency_key_in_use: 409 while the first request with the key is under way."""
    sessions: Any = simulator_target.client.v1.checkout.sessions
    body, options = checkout(simulator_target), {"idempotency_key": simulator_target.name()}
    simulator_target.simulator.fault("slow", path="/v1/checkout/sessions", seconds=1.0)
    made: list[Any] = []
    first = threading.Thread(target=lambda: made.append(sessions.create(body, options)))
    first.start()
    while not simulator_target.simulator.state()["faults"][0]["hits"]:
        assert first.is_alive()
    first.join(0.2)  # from the fault to the key it is a step
    with pytest.raises(stripe.APIError) as conflict:
        sessions.create(body, options)
    first.join()
    assert conflict.value.http_status == 409
    assert conflict.value.error is not None
    assert conflict.value.error.code == "idempotency_key_in_use"
    assert sessions.create(body, options).id == made[0].id


@pytest.mark.simulator_only(KEYS)
def test_a_forgotten_key_does_it_again(simulator_target: SimulatorTarget) -> None:
    """Idempotent requests: a key that was pruned after 24 hours makes a new request."""
    sessions: Any = simulator_target.client.v1.checkout.sessions
    body, options = checkout(simulator_target), {"idempotency_key": simulator_target.name()}
    first = sessions.create(body, options)
    simulator_target.simulator.control("prune_keys")
    second = sessions.create(body, options)
    assert first.id != second.id
    assert header(second, "idempotent-replayed") is None


@pytest.mark.simulator_only(ADDRESS)
def test_what_is_delivered_is_signed_and_carries_whole_objects(simulator_target: SimulatorTarget) -> None:
    """Receive Stripe events in your webhook endpoint, "Verify webhook signatures"; The Event object; Event
    destinations, "Thin events"."""
    them, client = simulator_target, simulator_target.client
    charge = them.paid_charge(100_00, them.name())
    made = client.v1.transfers.create(
        {
            "amount": 50_00,
            "currency": "usd",
            "destination": them.receiver(),
            "source_transaction": charge,
        }
    )
    client.v1.transfers.reversals.create(made.id, {"amount": 20_00})
    client.v1.refunds.create({"charge": charge, "amount": 10_00})
    client.v1.checkout.sessions.expire(them.session(10_00, them.name()))
    taken: list[tuple[str, bytes, dict[str, str]]] = []

    def take(url: str, body: bytes, headers: dict[str, str]) -> int:
        taken.append((url.rpartition("/")[2], body, {name.lower(): text for name, text in headers.items()}))
        return 200

    them.simulator.deliver(take)
    types = set()
    for destination, body, headers in taken:
        stripe.WebhookSignature.verify_header(
            body.decode(), headers["stripe-signature"], them.simulator.secrets[destination], 300
        )
        event = json.loads(body)
        assert contract().object_refusals(event) == [], event["type"]
        assert event["object"] == ("v2.core.event" if destination == "thin" else "event")
        types.add(event["type"])
    assert types >= {
        "charge.refunded",
        "charge.succeeded",
        "checkout.session.completed",
        "checkout.session.expired",
        "payment_intent.succeeded",
        "refund.created",
        "transfer.created",
        "transfer.reversed",
        "v2.core.account.created",
        "v2.core.account[configuration.recipient].capability_status_updated",
    }


def test_the_readme_lists_what_only_the_simulator_can_do() -> None:
    text = Path(__file__).read_text()
    marked = re.findall(r"simulator_only\(([A-Z]+)\)\n(?:@pytest.mark.param(?:.|\n)*?\n\)\n)?def (\w+)", text)
    readme = (Path(__file__).parent / "README.md").read_text()
    listed = re.findall(r"^\| `(test_\w+)` \| (.+) \|$", readme, re.MULTILINE)
    assert listed == [(name, globals()[reason]) for reason, name in marked]
    assert len(marked) == len(re.findall(r"^@pytest\.mark\.simulator_only", text, re.MULTILINE))
