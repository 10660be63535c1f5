"""From 2026-05-27.dahlia, which Stripe's description says, to 2026-10-28.endive, which our SDK speaks.

No description of endive can be had as data, but the SDK is generated from it: what its type modules say at the places
that we use is written down here by hand, and `test_patch.py` compares both. When the SDK's pin moves, that test says
which names to add here or to take away.

A place is an operation's parameters ("POST /v1/refunds") or a component ("refund"), and a dotted way down from there;
`[]` goes to the items of a list. A way that leads nowhere is an error.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]

BEFORE = "2026-05-27.dahlia"
AFTER = "2026-10-28.endive"

TEXT: Json = {"type": "string", "maxLength": 5000}
TEXTS: Json = {"type": "array", "items": TEXT}
TEXT_OR_NULL: Json = {**TEXT, "nullable": True}


def operation(spec: Json, place: str) -> Json:
    method, _, path = place.partition(" ")
    try:
        found: Json = spec["paths"][path][method.lower()]
    except KeyError:
        raise LookupError(f"Stripe's description has no operation {place}.") from None
    return found


def start(spec: Json, place: str) -> Json:
    """The schema of an operation's body, or a component."""
    if " " in place:
        (content,) = operation(spec, place)["requestBody"]["content"].values()
        schema: Json = content["schema"]
        return schema
    try:
        component: Json = spec["components"]["schemas"][place]
    except KeyError:
        raise LookupError(f"Stripe's description has no component {place}.") from None
    return component


def opened(spec: Json, schema: Json) -> Json:
    """Through references, and past the alternatives that are no object."""
    while "properties" not in schema:
        if "$ref" in schema:
            schema = spec["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        elif "anyOf" in schema:
            schema = next(one for one in schema["anyOf"] if {"properties", "$ref"} & set(one))
        else:
            break
    return schema


def at(spec: Json, place: str, way: str = "") -> Json:
    """The schema at a place; raises LookupError, in a sentence, where there is none."""
    schema = start(spec, place)
    for step in filter(None, way.replace("[]", ".[]").split(".")):
        try:
            schema = schema["items"] if step == "[]" else opened(spec, schema)["properties"][step]
        except (KeyError, StopIteration):
            raise LookupError(
                f"Stripe's description has no {step!r} on the way {way!r} at {place}."
            ) from None
    return schema


def names(spec: Json, place: str, way: str = "") -> dict[str, Json]:
    schema = opened(spec, at(spec, place, way))
    if "properties" not in schema:
        raise LookupError(f"{way!r} at {place} is no object in Stripe's description.")
    found: dict[str, Json] = schema["properties"]
    return found


def gone(place: str, way: str, name: str) -> Callable[[Json], None]:
    def step(spec: Json) -> None:
        known = names(spec, place, way)
        if name not in known:
            raise LookupError(f"{name!r} cannot go: it is not in {way!r} at {place}.")
        del known[name]
        schema = opened(spec, at(spec, place, way))
        if name in schema.get("required", []):
            schema["required"] = [other for other in schema["required"] if other != name]

    return step


def new(place: str, way: str, name: str, schema: Json) -> Callable[[Json], None]:
    def step(spec: Json) -> None:
        known = names(spec, place, way)
        if name in known:
            raise LookupError(f"{name!r} is not new: it is already in {way!r} at {place}.")
        known[name] = schema

    return step


def more(place: str, way: str, *values: str) -> Callable[[Json], None]:
    def step(spec: Json) -> None:
        known = at(spec, place, way).get("enum")
        if known is None or set(known) & set(values):
            raise LookupError(
                f"{way!r} at {place} does not list values, or lists {', '.join(values)} already."
            )
        known.extend(values)

    return step


SESSION = "POST /v1/checkout/sessions"
INTENTS = (
    "POST /v1/payment_intents",
    "POST /v1/payment_intents/{intent}",
    "POST /v1/payment_intents/{intent}/confirm",
)
ACCOUNT = "POST /v2/core/accounts"
LINK = "POST /v2/core/account_links"
CAPABILITIES = "configuration.recipient.capabilities"
TRANSFERS = f"{CAPABILITIES}.stripe_balance.stripe_transfers"
REQUESTED: Json = {"type": "object", "properties": {"requested": {"type": "boolean"}}}
ANY_OBJECT: Json = {"type": "object"}
NAME_OR_OBJECT: Json = {"nullable": True, "anyOf": [TEXT, ANY_OBJECT]}
REJECTIONS = (
    "rejected_fraud",
    "rejected_incomplete_verification",
    "rejected_listed",
    "rejected_other",
    "rejected_platform_fraud",
    "rejected_platform_other",
    "rejected_platform_terms_of_service",
    "rejected_terms_of_service",
)

STEPS: list[Callable[[Json], None]] = [
    # Which ways of paying are offered is no longer named, only narrowed.
    *(gone(place, "", "payment_method_types") for place in (SESSION, *INTENTS)),
    *(new(place, "", "allowed_payment_method_types", TEXTS) for place in (SESSION, *INTENTS)),
    *(
        new(component, "", "allowed_payment_method_types", {**TEXTS, "nullable": True})
        for component in ("checkout.session", "payment_intent")
    ),
    new("payment_intent", "", "payment_record", NAME_OR_OBJECT),
    # The public description leaves out what only some platforms still use; Stripe sends it to all.
    *(new(component, "", "source", NAME_OR_OBJECT) for component in ("charge", "payment_intent")),
    new("charge", "", "authorization_code", TEXT_OR_NULL),
    new("charge", "", "level3", {**ANY_OBJECT, "nullable": True}),
    *(
        new("charge", "payment_method_details.card", name, TEXT_OR_NULL)
        for name in (
            "description",
            "electronic_commerce_indicator",
            "iin",
            "issuer",
            "setup_credential_usage",
            "stored_credential_usage",
            "transaction_link_id",
        )
    ),
    # Checkout.
    gone(SESSION, "line_items[]", "dynamic_tax_rates"),
    new(
        SESSION,
        "line_items[].price_data.product_data",
        "tax_details",
        {"type": "object", "properties": {"performance_location": TEXT, "tax_code": TEXT}},
    ),
    more(SESSION, "ui_mode", "form"),
    more("checkout.session", "ui_mode", "form"),
    more(SESSION, "locale", "hi-IN"),
    more("checkout.session", "locale", "hi-IN"),
    # Accounts: a link asks for what the account lacks, whatever it is configured as.
    *(gone(LINK, f"use_case.{case}", "configurations") for case in ("account_onboarding", "account_update")),
    *(
        gone("v2.core.account_link", f"use_case.{case}", "configurations")
        for case in ("account_onboarding", "account_update")
    ),
    new(
        ACCOUNT,
        CAPABILITIES,
        "bank_accounts",
        {
            "type": "object",
            "properties": dict.fromkeys(
                ("ach", "fedwire", "fps", "local", "rtp", "sepa", "swift"), REQUESTED
            ),
        },
    ),
    new(ACCOUNT, CAPABILITIES, "cards", REQUESTED),
    *(
        new("v2.core.account", CAPABILITIES, way, {**ANY_OBJECT, "nullable": True})
        for way in ("bank_accounts", "cards")
    ),
    more("v2.core.account", f"{TRANSFERS}.status", "rejected"),
    more("v2.core.account", f"{TRANSFERS}.status_details[].code", *REJECTIONS),
    new("v2.core.account", "requirements", "alternatives", {"type": "array", "items": ANY_OBJECT}),
    new("v2.core.account", "defaults", "payout_methods", {"type": "object", "additionalProperties": TEXT}),
    # What came back, and what was taken back.
    new("refund", "", "customer", NAME_OR_OBJECT),
    new("refund", "", "customer_account", TEXT_OR_NULL),
    new("refund", "", "payment_method", NAME_OR_OBJECT),
    new("charge", "payment_method_details.card", "moto", {"type": "boolean", "nullable": True}),
    *(
        new("dispute", "", name, TEXT_OR_NULL)
        for name in ("intended_submission_method", "network_reason_code")
    ),
    more("dispute", "status", "appeal_needs_response", "appeal_under_review"),
    more(
        "balance_transaction",
        "type",
        "issuing_dispute_provisional_credit",
        "issuing_dispute_provisional_credit_reversal",
        "tax_fund",
    ),
    # A thin event can say which snapshot event tells the same.
    new("v2.core.event", "", "snapshot_event", TEXT),
]


def apply(spec: Json) -> None:
    """Change the description in place; a step that does not fit raises LookupError."""
    if spec["info"]["version"] != BEFORE:
        raise LookupError(f"The patch begins at {BEFORE}; the description is {spec['info']['version']}.")
    for step in STEPS:
        step(spec)
    spec["info"]["version"] = AFTER
