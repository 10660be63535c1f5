"""Each kind of fault, as the real SDK sees it (MONEY.md 1.1), and what is true afterwards."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.support.simulator import ControlRefused, Simulator

SEEN: dict[str, tuple[dict[str, Any], type[stripe.StripeError], int | None, str | None, bool]] = {
    # kind: (options, exception, status, code, is it done?)
    "drop_before": ({}, stripe.APIConnectionError, None, None, False),
    "drop_after": ({}, stripe.APIConnectionError, None, None, True),
    "hang": ({"seconds": 0.1}, stripe.APIConnectionError, None, None, False),
    "hang after": ({"seconds": 0.1, "after": True}, stripe.APIConnectionError, None, None, True),
    "500_before": ({}, stripe.APIError, 500, None, False),
    "500_after": ({}, stripe.APIError, 500, None, True),
    "500_stored": ({}, stripe.APIError, 500, None, False),
    "429": ({}, stripe.RateLimitError, 429, "rate_limit", False),
    "429 waiting": ({"retry_after": 3}, stripe.RateLimitError, 429, "rate_limit", False),
    "lock_timeout": ({}, stripe.RateLimitError, 429, "lock_timeout", False),
    "409": ({}, stripe.APIError, 409, "idempotency_key_in_use", False),
    "garbage": ({}, stripe.APIError, 200, None, True),
    "502": ({}, stripe.APIError, 502, None, False),
}
# What the same key answers afterwards: the replay of a success, a success now, or the stored 500.
STORED_500 = {"500_after", "500_stored"}


def top_up_and_send(simulator: Simulator, client: Any, account: str) -> Any:
    params: Any = {"amount": 100, "currency": "usd", "destination": account}
    return client.v1.transfers.create(params, {"idempotency_key": "the-key"})


@pytest.mark.parametrize("kind", SEEN)
def test_the_sdk_sees_each_fault_as_it_would_at_stripe(simulator: Simulator, client: Any, kind: str) -> None:
    options, exception, status, code, done = SEEN[kind]
    account = simulator.active_account()
    simulator.control("top_up", amount=1000, currency="usd")
    simulator.fault(kind.split()[0], path="/v1/transfers$", **options)
    with pytest.raises(stripe.StripeError) as seen:
        top_up_and_send(simulator, client, account)
    assert type(seen.value) is exception
    assert seen.value.http_status == status
    if code:
        assert seen.value.error is not None and seen.value.error.code == code
    if kind == "429 waiting":
        assert (seen.value.headers or {})["Retry-After"] == "3"
    assert simulator.state()["counts"].get("transfer", 0) == (1 if done else 0)
    if kind in STORED_500:
        with pytest.raises(stripe.APIError) as again:
            top_up_and_send(simulator, client, account)
        assert again.value.http_status == 500
    else:
        assert top_up_and_send(simulator, client, account).amount == 100
    assert simulator.state()["counts"].get("transfer", 0) == (0 if kind == "500_stored" else 1)


def test_the_sdk_itself_gets_through_a_dropped_answer_with_its_own_retries(simulator: Simulator) -> None:
    account = simulator.active_account()
    simulator.control("top_up", amount=1000, currency="usd")
    simulator.fault("drop_after", path="/v1/transfers$", times=2)
    client = simulator.client(max_network_retries=2)
    assert top_up_and_send(simulator, client, account).amount == 100
    assert simulator.state()["counts"]["transfer"] == 1


def test_a_slow_answer_comes_after_its_time_and_is_whole(simulator: Simulator, client: Any) -> None:
    impatient = simulator.client(http_client=stripe.RequestsClient(timeout=(3, 0.2)))
    account = simulator.active_account()
    simulator.control("top_up", amount=1000, currency="usd")
    simulator.fault("slow", path="/v1/transfers$", seconds=0.6)
    with pytest.raises(stripe.APIConnectionError):
        top_up_and_send(simulator, impatient, account)
    patient = simulator.client(max_network_retries=3)
    assert top_up_and_send(simulator, patient, account).amount == 100
    assert simulator.state()["counts"]["transfer"] == 1


def test_a_fault_hits_only_what_it_names_and_only_as_often(simulator: Simulator, client: Any) -> None:
    simulator.fault("500_before", path="/v1/balance$", method="GET", times=2)
    assert client.v1.balance_transactions.list().data == []
    for _ in range(2):
        with pytest.raises(stripe.APIError):
            client.v1.balance.retrieve()
    assert client.v1.balance.retrieve().livemode is False
    simulator.fault("502", method="*", times=50)
    simulator.clear_faults()
    assert client.v1.balance.retrieve().livemode is False


@pytest.mark.parametrize(
    "asked",
    [
        {"kind": "earthquake"},
        {"kind": "429", "path": "("},
        {"kind": "429", "path": "[[a]"},
        {"kind": "429", "times": "many"},
        {"kind": "hang", "seconds": 1e9},
    ],
    ids=str,
)
def test_a_fault_that_cannot_be_is_refused(simulator: Simulator, asked: dict[str, Any]) -> None:
    with pytest.raises(ControlRefused):
        simulator.fault(**asked)
    assert simulator.state()["faults"] == []
