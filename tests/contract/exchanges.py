"""Exchanges with Stripe as they are right, to be changed in one place."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

from tests.contract import patch
from tests.contract.openapi import Exchange

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
