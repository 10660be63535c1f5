"""The validator sees what breaks Stripe's contract, says it in sentences, and lets pass what is right."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.contract import patch
from tests.contract.openapi import Exchange, contract

HEADERS = {
    "Authorization": "Bearer sk_test_1",
    "Content-Type": "application/x-www-form-urlencoded",
    "Stripe-Version": patch.AFTER,
}
V2_HEADERS = {**HEADERS, "Content-Type": "application/json"}
REFUSAL = {"error": {"type": "invalid_request_error", "message": "No."}}
TRANSFER: dict[str, Any] = {
    "amount": 1200,
    "amount_reversed": 0,
    "balance_transaction": "txn_1",
    "created": 1790000000,
    "currency": "usd",
    "description": None,
    "destination": "acct_1",
    "destination_payment": "py_1",
    "id": "tr_1",
    "livemode": False,
    "metadata": {},
    "object": "transfer",
    "reversals": {"data": [], "has_more": False, "object": "list", "url": "/v1/transfers/tr_1/reversals"},
    "reversed": False,
    "source_transaction": "ch_1",
    "source_type": "card",
    "transfer_group": "group",
}
RIGHT = {"amount": "1200", "currency": "usd", "destination": "acct_1"}
SESSION = {
    "mode": "payment",
    "line_items[0][quantity]": "1",
    "line_items[0][price_data][currency]": "usd",
    "line_items[0][price_data][unit_amount]": "1200",
    "line_items[0][price_data][product_data][name]": "Work",
    "payment_intent_data[transfer_group]": "group",
    "payment_intent_data[metadata][funding]": "7",
    "adaptive_pricing[enabled]": "false",
    "success_url": "https://example.org/",
    "expires_at": "1790000000",
}


def exchange(method: str, path: str, **given: Any) -> Exchange:
    parts = {"query": "", "headers": HEADERS, "body": b"", "status": 400, "answer": REFUSAL, **given}
    if not isinstance(parts["answer"], bytes):
        parts["answer"] = json.dumps(parts["answer"]).encode()
    return Exchange(method, path, **parts)


def form(path: str, values: dict[str, str], **given: Any) -> Exchange:
    return exchange("POST", path, body=urlencode(values).encode(), **given)


def json_body(path: str, value: Any, **given: Any) -> Exchange:
    return exchange("POST", path, body=json.dumps(value).encode(), headers=V2_HEADERS, **given)


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


ACCOUNT = {"dashboard": "express", "identity": {"country": "us"}, "include": ["requirements"]}


def test_a_v2_request_is_json_and_closed_at_every_depth() -> None:
    assert contract().request_breaches(json_body("/v2/core/accounts", ACCOUNT)) == []
    wrong = {**ACCOUNT, "type": "x", "configuration": {"recipient": {"features": {}}}, "dashboard": "custom"}
    assert contract().request_breaches(json_body("/v2/core/accounts", wrong)) == [
        f"POST /v2/core/accounts: the request's body: {sentence}."
        for sentence in (
            "configuration.recipient.features is a name that Stripe does not know",
            "dashboard must be one of express, full, none, not 'custom'",
            "type is a name that Stripe does not know",
        )
    ]


def test_a_v2_account_shows_its_larger_parts_only_when_asked() -> None:
    account = {
        "id": "acct_1",
        "object": "v2.core.account",
        "applied_configurations": ["recipient"],
        "created": "2026-11-25T12:00:00.000Z",
        "livemode": False,
        "identity": {"country": "us"},
        "requirements": None,
    }
    asked = json_body("/v2/core/accounts", ACCOUNT, status=200, answer=account)
    assert contract().answer_breaches(asked) == [
        "POST /v2/core/accounts: the answer 200 shows identity, which include does not name."
    ]


def test_a_v2_refusal_is_one_of_those_listed_or_has_the_general_form() -> None:
    listed = {
        "error": {"code": "identity_country_required", "message": "No.", "type": "invalid_request_error"}
    }
    other = {"error": {"code": "something_else", "message": "No."}}
    assert contract().answer_breaches(json_body("/v2/core/accounts", ACCOUNT, answer=listed)) == []
    assert contract().answer_breaches(json_body("/v2/core/accounts", ACCOUNT, answer=other)) == [
        "POST /v2/core/accounts: the answer 400 error.type is missing."
    ]


def test_a_v2_list_has_pages_and_no_cursor() -> None:
    right: dict[str, Any] = {"data": [], "next_page_url": None, "previous_page_url": None}
    wrong = {"data": [], "has_more": False}
    assert contract().breaches(exchange("GET", "/v2/core/accounts", status=200, answer=right)) == []
    assert contract().breaches(exchange("GET", "/v2/core/accounts", status=200, answer=wrong)) == [
        f"GET /v2/core/accounts: the answer 200 {sentence}."
        for sentence in (
            "next_page_url is missing",
            "previous_page_url is missing",
            "has_more is a name that Stripe does not know",
        )
    ]
