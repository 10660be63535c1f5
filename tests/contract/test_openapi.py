"""The validator sees what breaks Stripe's contract, says it in sentences, and lets pass what is right."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from tests.contract import patch
from tests.contract.exchanges import HEADERS, REFUSAL, RIGHT, SESSION, TRANSFER, exchange, form
from tests.contract.openapi import contract


def test_a_right_exchange_breaks_nothing() -> None:
    made = form("/v1/transfers", {**RIGHT, "metadata[a]": "b"}, status=200, answer=TRANSFER)
    assert contract().breaches(made) == []
    listed = {"data": [TRANSFER], "has_more": False, "object": "list", "url": "/v1/transfers"}
    query = "transfer_group=group&created[gte]=1790000000&limit=3"
    assert contract().breaches(exchange("GET", "/v1/transfers", query=query, status=200, answer=listed)) == []
    assert contract().breaches(form("/v1/checkout/sessions", SESSION)) == []


def test_a_refusal_has_stripes_envelope() -> None:
    assert contract().breaches(form("/v1/transfers", RIGHT, answer={"message": "No."})) == [
        "POST /v1/transfers: the answer 400 error is missing.",
        "POST /v1/transfers: the answer 400 message is a name that Stripe does not know.",
    ]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"amount": "12.5"}, "amount must be integer, not '12.5'"),
        ({"amount": ""}, "amount must be integer, not ''"),
        ({"invented": "1"}, "invented is a name that Stripe does not know"),
        ({"metadata[a][b]": "c"}, "metadata.a must be string, not {'b': 'c'}"),
        ({"currency": "USD"}, "currency breaks format currency: 'USD'"),
        ({"a[b": "c"}, "the name 'a[b' has no form that Stripe reads"),
        (
            {"metadata": "x", "metadata[a]": "b"},
            "'metadata[a]' is given twice, in ways that do not go together",
        ),
    ],
)
def test_a_wrong_parameter_of_a_transfer_is_named(changed: dict[str, str], sentence: str) -> None:
    wrong = contract().request_breaches(form("/v1/transfers", {**RIGHT, **changed}))
    assert wrong == [f"POST /v1/transfers: the request's body: {sentence}."]


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            {"payment_method_types[0]": "card"},
            "payment_method_types is a name that Stripe does not know",
        ),
        (
            {"ui_mode": "hosted"},
            "ui_mode must be one of elements, embedded_page, hosted_page, form, not 'hosted'",
        ),
        ({"adaptive_pricing[enabled]": "no"}, "adaptive_pricing.enabled must be boolean, not 'no'"),
        (
            {"line_items[0][price_data][price]": "1"},
            "line_items[0].price_data.price is a name that Stripe does not know",
        ),
        ({"expires_at": "1790000000000"}, "expires_at breaks format unix-time: 1790000000000"),
        ({"line_items[1][quantity]": "two"}, "line_items[1].quantity must be integer, not 'two'"),
    ],
)
def test_a_wrong_parameter_of_a_checkout_is_named_with_its_place(
    changed: dict[str, str], sentence: str
) -> None:
    wrong = contract().request_breaches(form("/v1/checkout/sessions", {**SESSION, **changed}))
    assert wrong == [f"POST /v1/checkout/sessions: the request's body: {sentence}."]


def test_a_required_parameter_that_is_missing_is_named() -> None:
    assert contract().request_breaches(form("/v1/transfers", {"amount": "1", "currency": "usd"})) == [
        "POST /v1/transfers: the request's body: destination is missing."
    ]


def test_an_empty_value_unsets_metadata() -> None:
    assert contract().request_breaches(form("/v1/transfers", {**RIGHT, "metadata": ""})) == []


def test_a_filter_that_does_not_exist_is_named() -> None:
    assert contract().request_breaches(exchange("GET", "/v1/transfers", query="source=x&limit=many")) == [
        "GET /v1/transfers: the request's query: limit must be integer, not 'many'.",
        "GET /v1/transfers: the request's query: source is a name that Stripe does not know.",
    ]


@pytest.mark.parametrize(
    ("headers", "sentence"),
    [
        ({"Authorization": ""}, "headers name no key (Authorization: Bearer ...)"),
        ({"Stripe-Version": "2020-08-27"}, f"header Stripe-Version says 2020-08-27, not {patch.AFTER}"),
        ({"Idempotency-Key": "k" * 256}, "header Idempotency-Key is longer than 255 characters"),
        (
            {"Content-Type": "application/json"},
            "body: it is application/json, not application/x-www-form-urlencoded",
        ),
    ],
)
def test_a_wrong_header_is_named(headers: dict[str, str], sentence: str) -> None:
    asked = form("/v1/transfers", RIGHT, headers={**HEADERS, **headers})
    assert contract().request_breaches(asked) == [f"POST /v1/transfers: the request's {sentence}."]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda answer: answer.pop("destination_payment"), None),
        (lambda answer: answer.pop("livemode"), "livemode is missing"),
        (lambda answer: answer.pop("transfer_group"), "transfer_group is missing"),
        (lambda answer: answer.update(amount="1200"), "amount must be integer, not '1200'"),
        (lambda answer: answer.update(amount=1200.0), "amount must be integer, not 1200.0"),
        (lambda answer: answer.update(id=None), "id must be string, not None"),
        (
            lambda answer: answer.update(created=1790000000000),
            "created breaks format unix-time: 1790000000000",
        ),
        (lambda answer: answer.update(status="paid"), "status is a name that Stripe does not know"),
        (lambda answer: answer["reversals"].pop("url"), "reversals.url is missing"),
        (lambda answer: answer["metadata"].update(a=1), "metadata.a must be string, not 1"),
        (
            lambda answer: answer.update(source_transaction={"object": "charge"}),
            "has source_transaction expanded, though nobody asked for it",
        ),
    ],
)
def test_what_is_wrong_with_an_answer_is_named(change: Any, sentence: str | None) -> None:
    answer = json.loads(json.dumps(TRANSFER))
    change(answer)
    found = contract().answer_breaches(form("/v1/transfers", RIGHT, status=200, answer=answer))
    if sentence is None:
        assert found == []
    else:
        assert f"POST /v1/transfers: the answer 200 {sentence}." in found


@pytest.mark.parametrize(
    ("status", "answer", "sentence"),
    [
        (200, b'{"id": "tr_', "is no JSON"),
        (201, TRANSFER, "is none that Stripe gives here"),
        (302, {}, "is none that Stripe gives here"),
        (500, REFUSAL, "is none that Stripe gives here"),
    ],
)
def test_an_answer_that_stripe_never_gives_is_named(status: int, answer: Any, sentence: str) -> None:
    found = contract().answer_breaches(form("/v1/transfers", RIGHT, status=status, answer=answer))
    assert found == [f"POST /v1/transfers: the answer {status} {sentence}."]


def test_a_failure_may_be_replayed() -> None:
    headers = {"request-id": "req_1", "content-type": "application/json", "idempotent-replayed": "true"}
    again = form("/v1/transfers", RIGHT, status=500, headers={**HEADERS, "Idempotency-Key": "k"})
    assert contract().answer_breaches(dataclasses.replace(again, answer_headers=headers)) == []


def test_the_headers_of_an_answer_are_looked_at_too() -> None:
    good = {"request-id": "req_1", "Content-Type": "application/json"}
    right = form("/v1/transfers", RIGHT, status=200, answer=TRANSFER, answer_headers=good)
    assert contract().answer_breaches(right) == []
    wrong = dataclasses.replace(
        right, answer_headers={"Content-Type": "text/html", "Idempotent-Replayed": "true"}
    )
    assert contract().answer_breaches(wrong) == [
        "POST /v1/transfers: the answer 200 has no Request-Id.",
        "POST /v1/transfers: the answer 200 has the type 'text/html', not application/json.",
        "POST /v1/transfers: the answer 200 says Idempotent-Replayed, though the request has no key.",
    ]


def test_what_was_to_be_expanded_is() -> None:
    listed = {"data": [TRANSFER], "has_more": False, "object": "list", "url": "/v1/transfers"}
    query = "expand[0]=data.source_transaction&expand[1]=data.never.there"
    assert contract().answer_breaches(
        exchange("GET", "/v1/transfers", query=query, status=200, answer=listed)
    ) == [
        "GET /v1/transfers: the answer 200 has an id at data.source_transaction, which was to be expanded.",
        "GET /v1/transfers: the answer 200 lacks data.never.there, which was to be expanded.",
    ]


def test_an_event_carries_a_whole_object() -> None:
    broken = {name: value for name, value in TRANSFER.items() if name != "currency"}
    event = {
        "id": "evt_1",
        "object": "event",
        "api_version": patch.AFTER,
        "created": 1790000000,
        "data": {"object": broken},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": "transfer.created",
    }
    assert contract().object_refusals({**event, "data": {"object": TRANSFER}}) == []
    listed = {"data": [event], "has_more": False, "object": "list", "url": "/v1/events"}
    assert contract().answer_breaches(exchange("GET", "/v1/events", status=200, answer=listed)) == [
        "GET /v1/events: the answer 200 transfer.created: data.object: currency is missing."
    ]


def test_a_path_that_stripe_does_not_have_is_named_and_a_literal_one_goes_first() -> None:
    assert contract().request_breaches(exchange("GET", "/v1/transferring")) == [
        "GET /v1/transferring: Stripe has no such operation."
    ]
    assert contract().request_breaches(exchange("DELETE", "/v1/transfers/tr_1"))
    described = contract().methods("/v1/payment_intents/search")["get"]["operationId"]
    assert (described, contract().methods("/v1/payment_intents/pi_1")["get"]["operationId"]) == (
        "GetPaymentIntentsSearch",
        "GetPaymentIntentsIntent",
    )
    assert "post" in contract().methods("/v1/transfers/tr_1/reversals")
    assert contract().methods("/v1/transfers//reversals") == {}
