"""Idempotency keys, as Stripe's page "Idempotent requests" describes them."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import stripe

from tests.stripe_simulator.conftest import checkout
from tests.support.simulator import Simulator, recipient


def send(
    client: stripe.StripeClient, account: str, charge: Any, amount: int = 1000, key: str = "a-key"
) -> Any:
    params: Any = {
        "amount": amount,
        "currency": "usd",
        "destination": account,
        "source_transaction": charge.id,
    }
    return client.v1.transfers.create(params, {"idempotency_key": key})


def test_the_same_key_replays_the_first_answer(simulator: Simulator, client: Any, paid: Any) -> None:
    account, charge = simulator.active_account(), paid()
    first, second = send(client, account, charge), send(client, account, charge)
    assert first.id == second.id
    assert second.last_response.headers["Idempotent-Replayed"] == "true"
    assert second.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert second.last_response.body == first.last_response.body
    assert simulator.state()["counts"]["transfer"] == 1


def test_the_same_key_with_other_parameters_is_refused(simulator: Simulator, client: Any, paid: Any) -> None:
    account, charge = simulator.active_account(), paid()
    send(client, account, charge)
    with pytest.raises(stripe.IdempotencyError) as refused:
        send(client, account, charge, amount=1001)
    assert refused.value.http_status == 400
    with pytest.raises(stripe.IdempotencyError):
        client.v1.refunds.create({"charge": charge.id}, {"idempotency_key": "a-key"})
    assert simulator.state()["counts"]["transfer"] == 1


def test_a_key_belongs_to_one_account(simulator: Simulator, client: Any, paid: Any) -> None:
    account, charge = simulator.active_account(), paid()
    send(client, account, charge, amount=5000)
    simulator.control("make_available")
    payout: Any = {"amount": 100, "currency": "usd"}
    first = client.v1.payouts.create(payout, {"idempotency_key": "a-key", "stripe_account": account})
    simulator.control("top_up", amount=1000, currency="usd")
    with pytest.raises(stripe.IdempotencyError):
        client.v1.payouts.create(payout, {"idempotency_key": "a-key"})
    other = client.v1.payouts.create(payout, {"idempotency_key": "b-key"})
    assert other.id != first.id


def test_a_wrong_parameter_is_not_stored_and_a_refusal_in_the_work_is(
    simulator: Simulator, client: Any, paid: Any
) -> None:
    charge = paid()
    account = client.v2.core.accounts.create(recipient()).id
    with pytest.raises(stripe.InvalidRequestError):
        send(client, account, charge, amount=-5)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        send(client, account, charge)
    assert refused.value.code == "insufficient_capabilities_for_transfer"
    simulator.control("activate_account", account=account)
    with pytest.raises(stripe.InvalidRequestError) as again:
        send(client, account, charge)
    assert (again.value.headers or {})["Idempotent-Replayed"] == "true"
    assert send(client, account, charge, key="another").amount == 1000


def test_a_key_in_flight_is_a_conflict_that_is_not_stored(
    simulator: Simulator, client: Any, paid: Any
) -> None:
    account, charge = simulator.active_account(), paid()
    simulator.fault("slow", path="/v1/transfers$", seconds=1)
    done: list[Any] = []
    sender = threading.Thread(target=lambda: done.append(send(client, account, charge)))
    sender.start()
    deadline = time.monotonic() + 5
    while not simulator.state()["faults"][0]["hits"] and time.monotonic() < deadline:
        time.sleep(0.02)
    time.sleep(0.1)
    with pytest.raises(stripe.APIError) as conflict:
        send(simulator.client(), account, charge)
    sender.join()
    assert conflict.value.error is not None
    assert (conflict.value.http_status, conflict.value.error.code) == (409, "idempotency_key_in_use")
    assert send(client, account, charge).id == done[0].id


def test_many_at_once_with_one_key_make_one_transfer(simulator: Simulator, paid: Any) -> None:
    account, charge = simulator.active_account(), paid()
    made: list[str] = []

    def try_it() -> None:
        client = simulator.client()
        for _ in range(50):
            try:
                made.append(send(client, account, charge).id)
                return
            except stripe.APIError:
                time.sleep(0.02)

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8 and len(set(made)) == 1
    assert simulator.state()["counts"]["transfer"] == 1


def test_a_mark_in_flight_opens_again_when_its_owner_was_killed(
    simulator: Simulator, client: Any, paid: Any
) -> None:
    account, charge = simulator.active_account(), paid()
    send(client, account, charge)
    undone = (
        "UPDATE idempotency SET status = NULL, answer = NULL, leased_until = extract(epoch FROM now()) + %s"
        " WHERE key = 'a-key'"
    )
    with simulator.inside.store.connection() as connection:
        connection.execute(undone, [20])
    with pytest.raises(stripe.APIError):
        send(client, account, charge)
    with simulator.inside.store.connection() as connection:
        connection.execute(undone, [-1])
    assert send(client, account, charge).amount == 1000
    with simulator.inside.store.connection() as connection:
        connection.execute(undone, [20])
    simulator.switch()
    assert send(client, account, charge).amount == 1000


def test_a_stored_500_is_replayed_for_ever(simulator: Simulator, client: Any, paid: Any) -> None:
    account, charge = simulator.active_account(), paid()
    simulator.fault("500_stored", path="/v1/transfers$")
    for _ in range(3):
        with pytest.raises(stripe.APIError) as failed:
            send(client, account, charge)
        assert failed.value.http_status == 500
    assert "transfer" not in simulator.state()["counts"]
    assert (failed.value.headers or {})["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize("how", ["prune_keys", "move_clock"])
def test_a_pruned_key_executes_anew(simulator: Simulator, client: Any, paid: Any, how: str) -> None:
    account, charge = simulator.active_account(), paid()
    first = send(client, account, charge)
    simulator.control(how, **({"seconds": 24 * 3600 + 60} if how == "move_clock" else {}))
    assert send(client, account, charge).id != first.id
    assert simulator.state()["counts"]["transfer"] == 2


def test_v2_replays_success_and_tries_a_failure_again(simulator: Simulator, client: Any) -> None:
    options: Any = {"idempotency_key": "a-key"}
    no_country = recipient(identity={})
    for _ in range(2):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            client.v2.core.accounts.create(no_country, options)
        assert "Idempotent-Replayed" not in (refused.value.headers or {})
    simulator.fault("500_stored", path="/v2/core/accounts$")
    with pytest.raises(stripe.APIError):
        client.v2.core.accounts.create(recipient(), options)
    first = client.v2.core.accounts.create(recipient(), options)
    second = client.v2.core.accounts.create(recipient(), options)
    assert first.id == second.id
    with pytest.raises(stripe.IdempotencyError):
        client.v2.core.accounts.create(recipient(display_name="Somebody else"), options)


def test_a_key_that_is_too_long_is_refused(client: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.checkout.sessions.create(checkout(), {"idempotency_key": "k" * 256})
    assert client.v1.checkout.sessions.create(checkout(), {"idempotency_key": "k" * 255}).status == "open"
