"""The validator and the second interface: JSON, larger parts on request, pages without a cursor."""

from __future__ import annotations

from typing import Any

from tests.contract.exchanges import exchange, json_body
from tests.contract.openapi import contract

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
