"""All of the simulator is held: what it takes is what Stripe takes, and each of its addresses is asked at least once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.contract import patch
from tests.contract.conftest import NEW_ACCOUNT, SimulatorTarget
from tests.contract.held import Held
from tests.contract.openapi import contract
from tests.contract.suite.asking import checkout
from tests.support.postgres import TestDatabase
from tests.support.simulator import Simulator
from webapp.stripe_simulator import endpoints as simulator_endpoints
from webapp.stripe_simulator import schemas as simulator_schemas

Json = dict[str, Any]
# Named by the simulator only to refuse it with the code that Stripe has for it.
REFUSED_BY_NAME = {"payment_method_types"}
# The description calls the amount of a transfer optional; without a refund to take it from, Stripe asks for it.
NEEDED_HERE = {"POST /v1/transfers": {"amount"}}


def address(endpoint: simulator_endpoints.Endpoint, fill: str = "any") -> str:
    return endpoint.pattern.pattern.removesuffix(r"\Z").replace("([^/]+)", fill)


def name(endpoint: simulator_endpoints.Endpoint) -> str:
    return f"{endpoint.method} {address(endpoint, '{}')}"


def described(endpoint: simulator_endpoints.Endpoint) -> Json:
    """The schema of what the operation takes: of its query, or of its body."""
    path = address(endpoint)
    operation: Json = contract().methods(path)[endpoint.method.lower()]
    if endpoint.method == "GET":
        query = [each for each in operation["parameters"] if each["in"] == "query"]
        return {"properties": {each["name"]: each["schema"] for each in query}, "required": []}
    content = operation.get("requestBody", {}).get("content", {"": {"schema": {"properties": {}}}})
    (body,) = content.values()
    schema: Json = body["schema"]
    return schema


def surplus(shape: simulator_schemas.Shape, schema: Json, way: str) -> Iterator[str]:
    """What the simulator takes and Stripe does not."""
    if isinstance(shape, simulator_schemas.Either):
        yield from surplus(shape.named, schema, way)
    elif isinstance(shape, simulator_schemas.Items):
        yield from surplus(shape.of, schema.get("items", {}), f"{way}[]")
    elif isinstance(shape, simulator_schemas.Fields):
        schema = next((one for one in schema.get("anyOf", ()) if "properties" in one), schema)
        known = schema.get("properties", {})
        for part, inner in shape.of.items():
            here = f"{way}.{part}".removeprefix(".")
            if part not in known and part not in REFUSED_BY_NAME:
                yield f"{here} is not Stripe's"
            elif part in known:
                yield from surplus(inner, known[part], here)
        yield from (f"{way}.{part} is needed" for part in set(schema.get("required", ())) - set(shape.needed))
    elif isinstance(shape, simulator_schemas.Text) and shape.choices and "enum" in schema:
        yield from (
            f"{way}: {choice!r} is not Stripe's" for choice in set(shape.choices) - set(schema["enum"])
        )


@pytest.mark.parametrize("endpoint", simulator_endpoints.ENDPOINTS, ids=name)
def test_the_simulator_takes_nothing_that_stripe_does_not(endpoint: simulator_endpoints.Endpoint) -> None:
    schema = described(endpoint)
    assert list(surplus(endpoint.takes, schema, "")) == []
    demanded = set(endpoint.takes.needed) - set(schema.get("required", ()))
    assert demanded <= NEEDED_HERE.get(name(endpoint), set()) | set(), "It demands what Stripe does not."


@pytest.fixture
def watched(database: TestDatabase) -> Iterator[tuple[Simulator, list[tuple[str, str]]]]:
    """The simulator, held, and what was asked of it."""
    seen: list[tuple[str, str]] = []

    def watching(application: Any) -> Any:
        held = Held(application)

        def noted(environ: Json, start_response: Any) -> Any:
            seen.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
            return held(environ, start_response)

        return noted

    running = Simulator(database.owner_url, wrap=watching)
    yield running, seen
    running.stop()


def one_of_each(them: SimulatorTarget) -> dict[str, list[str]]:
    """Make every kind of thing that the simulator knows, by the SDK where it can be; their ids by their addresses."""
    v1: Any = them.client.v1
    core: Any = them.client.v2.core
    simulator = them.simulator
    receiver, charge = them.receiver(), them.paid_charge(100_00, them.name())
    second = them.paid_charge(60_00, them.name())
    ended = v1.checkout.sessions.create(checkout(them)).id
    v1.checkout.sessions.expire(ended)
    waiting, unpaid, declined = (them.session(20_00, them.name()) for _ in range(3))
    simulator.pay(waiting, how="bank")
    simulator.pay(unpaid, how="bank")
    simulator.control("fail_async", session=unpaid)
    simulator.pay(declined, how="declined")
    transfer = v1.transfers.create(
        {"amount": 50_00, "currency": "usd", "destination": receiver, "source_transaction": charge}
    )
    v1.transfers.update(transfer.id, {"description": "Payout", "metadata": {"a": "b"}})
    v1.transfers.reversals.create(transfer.id, {"amount": 10_00})
    refund = v1.refunds.create({"charge": charge, "amount": 10_00})
    v1.refunds.update(refund.id, {"metadata": {"a": "b"}})
    simulator.control("make_available")
    simulator.control("top_up", amount=50_00, currency="usd")
    failed = v1.refunds.create({"charge": second, "amount": 10_00})
    simulator.control("fail_refund", refund=failed.id)
    payout = v1.payouts.create({"amount": 10_00, "currency": "usd"})
    v1.payouts.create({"amount": 5_00, "currency": "usd"}, {"stripe_account": receiver})
    urls = {"refresh_url": "https://example.org/again", "return_url": "https://example.org/back"}
    use = {"type": "account_onboarding", "account_onboarding": urls}
    core.account_links.create({"account": receiver, "use_case": use})
    closed = core.accounts.create(NEW_ACCOUNT).id
    core.accounts.close(closed)
    read = v1.charges.retrieve(charge)
    return {
        "/v1/checkout/sessions/": [ended, waiting, unpaid, declined],
        "/v1/payment_intents/": [read.payment_intent],
        "/v1/charges/": [charge, second],
        "/v1/transfers/": [transfer.id],
        "/v1/refunds/": [refund.id, failed.id],
        "/v1/balance_transactions/": [read.balance_transaction, transfer.balance_transaction],
        "/v1/events/": [event.id for event in v1.events.list({"limit": 100}).data],
        "/v1/payouts/": [payout.id],
        "/v1/accounts/": [receiver],
        "/v2/core/accounts/": [receiver, closed],
        "/v2/core/events/": [event.id for event in core.events.list({"limit": 100}).data],
    }


# What lies deeper than the plain answer, by the start of an address.
EXPANDED = {
    "/v1/checkout/sessions/": ["payment_intent.latest_charge.balance_transaction", "line_items"],
    "/v1/payment_intents/": ["latest_charge.balance_transaction"],
    "/v1/charges/": ["payment_intent", "balance_transaction"],
    "/v1/transfers/": ["balance_transaction", "source_transaction", "destination"],
    "/v1/refunds/": ["charge", "payment_intent", "balance_transaction"],
    "/v1/balance_transactions/": ["source"],
}
INCLUDED = ["configuration.recipient", "configuration.merchant", "defaults", "identity", "requirements"]


def test_each_address_of_the_simulator_answers_as_stripe_describes(
    watched: tuple[Simulator, list[tuple[str, str]]],
) -> None:
    simulator, seen = watched
    them = SimulatorTarget(simulator)
    ids = one_of_each(them)
    web, headers = browser(simulator)

    def read(path: str, query: Json | None = None, account: str = "") -> None:
        more = {"Stripe-Account": account} if account else {}
        answer = web.get(f"{simulator.url}{path}", params=query, headers={**headers, **more}, timeout=20)
        assert answer.status_code == 200, (path, answer.text)

    reversals: Any = them.client.v1.transfers.reversals
    reversal = reversals.list(ids["/v1/transfers/"][0]).data[0].id
    for endpoint in simulator_endpoints.ENDPOINTS:
        path = address(endpoint, "any")
        start = next((start for start in ids if path.startswith(f"{start}any")), "")
        for id in ids.get(start, [""]) if endpoint.method == "GET" else ():
            here = path.replace("any", id, 1).replace("any", reversal)
            read(here)
            if here == f"{start}{id}":
                read(here, {"expand[]": EXPANDED[start]} if start in EXPANDED else None)
    (receiver,) = ids["/v1/accounts/"]
    for path in ("account", "balance", "balance_transactions", "payouts", "charges", "events"):
        read(f"/v1/{path}", account=receiver)
    read("/v1/charges", {"expand[]": "data.balance_transaction"}, receiver)
    read("/v2/core/accounts", {"closed": "true"})
    read(f"/v2/core/accounts/{receiver}", {f"include[{n}]": part for n, part in enumerate(INCLUDED)})

    unasked = [
        name(endpoint)
        for endpoint in simulator_endpoints.ENDPOINTS
        if not any(method == endpoint.method and endpoint.pattern.match(path) for method, path in seen)
    ]
    assert unasked == []


def browser(simulator: Simulator) -> tuple[requests.Session, dict[str, str]]:
    """A client that sends what no SDK would, past any proxy."""
    web = requests.Session()
    web.trust_env = False
    return web, {"Authorization": f"Bearer {simulator.key}", "Stripe-Version": patch.AFTER}


WRONG: tuple[Any, ...] = ("", "12.5", "x y", {"invented": "1"}, ["1"], -1, True)


def spoilt(value: Any) -> Iterator[Any]:
    """The same parameters with one thing wrong, or maybe wrong: a name too much, one missing, or another value."""
    if isinstance(value, dict):
        yield {**value, "invented": "1"}
        for key, inner in value.items():
            rest = {name: other for name, other in value.items() if name != key}
            yield rest
            yield from ({**rest, key: wrong} for wrong in WRONG)
            yield from ({**rest, key: each} for each in spoilt(inner))
    elif isinstance(value, list):
        yield from ([*value[:-1], each] for each in spoilt(value[-1]))


def as_form(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from as_form(inner, f"{place}[{key}]" if place else str(key))
    else:
        yield place, str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.wrong_requests
@pytest.mark.parametrize(
    "path",
    ["/v1/checkout/sessions", "/v1/transfers", "/v1/refunds", "/v2/core/accounts", "/v2/core/account_links"],
)
def test_what_stripe_would_refuse_the_simulator_refuses_too(simulator: Simulator, path: str) -> None:
    them = SimulatorTarget(simulator)
    receiver, charge = them.receiver(), them.paid_charge(10_000_00, them.name())
    urls = {"refresh_url": "https://example.org/again", "return_url": "https://example.org/back"}
    right: Json = {
        "/v1/checkout/sessions": checkout(them),
        "/v1/transfers": {
            "amount": 1, "currency": "usd", "destination": receiver, "source_transaction": charge,
            "transfer_group": "group", "description": "Payout", "metadata": {"a": "b"},
        },
        "/v1/refunds": {"charge": charge, "amount": 1, "reason": "duplicate", "metadata": {"a": "b"}},
        "/v2/core/accounts": {**NEW_ACCOUNT, "include": ["requirements"]},
        "/v2/core/account_links": {
            "account": receiver, "use_case": {"type": "account_onboarding", "account_onboarding": urls},
        },
    }[path]  # fmt: skip
    web, headers = browser(simulator)

    def send(body: Json) -> int:
        coded: Json = {"json": body} if path.startswith("/v2/") else {"data": list(as_form(body))}
        return web.post(f"{simulator.url}{path}", headers=headers, timeout=20, **coded).status_code

    assert send(right) == 200
    # What was accepted though it is wrong, or was answered in another form than Stripe's, has been noted by now.
    assert {send(body) for body in spoilt(right)} <= {200, 400, 403, 404}
