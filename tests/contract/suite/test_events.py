"""Events: what happened is told in lists."""

from __future__ import annotations

import time
from typing import Any

from tests.contract.conftest import NEW_ACCOUNT, Stripe


def test_what_happened_is_told_in_a_list_of_events(them: Stripe, transfers: Any) -> None:
    """List all events: types, created, newest first, up to 30 days; The Event object: the thing as it was, and the
    request with its key."""
    key, began = them.name(), int(time.time()) - 5
    made = transfers.create(
        {
            "amount": 10_00,
            "currency": "usd",
            "destination": them.receiver(),
            "source_transaction": them.paid_charge(100_00, them.name()),
        },
        {"idempotency_key": key},
    )
    wanted: Any = {"types": ["transfer.created", "transfer.reversed"], "created": {"gte": began}}

    def told() -> list[Any]:
        listed: list[Any] = them.client.v1.events.list(wanted).data
        return [event for event in listed if event.data.object["id"] == made.id]

    (event,) = them.eventually(told)
    assert (event.type, event.livemode) == ("transfer.created", False)
    assert event.api_version is not None
    assert event.data.object["amount"] == 10_00
    assert event.request.idempotency_key == key
    assert them.client.v1.events.retrieve(event.id).id == event.id


def test_what_happened_to_an_account_is_told_in_thin_events(them: Stripe) -> None:
    """Event destinations, "Thin events"; List all events (v2): object_id. They name the object and do not carry it."""
    core: Any = them.client.v2.core
    account = core.accounts.create(NEW_ACCOUNT)

    def told() -> list[Any]:
        return list(core.events.list({"object_id": account.id}).data)

    events = them.eventually(told)
    assert "v2.core.account.created" in {event.type for event in events}
    assert {event.related_object.id for event in events} == {account.id}
    assert core.events.retrieve(events[0].id).id == events[0].id
