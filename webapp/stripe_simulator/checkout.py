"""Checkout sessions: made by the app, shown to the payer, paid once or never."""

from __future__ import annotations

from typing import Any

from . import currencies, identifiers
from .events import emit
from .listing import envelope
from .refusals import Body, Refused, invalid, missing
from .state import StripeObject, World

SHORTEST, LONGEST = 30 * 60, 24 * 3600


def check(params: dict[str, Any]) -> tuple[str, int]:
    """What Stripe refuses from the request alone; answers currency and total."""
    if params.get("mode", "payment") != "payment":
        raise invalid("mode", "The simulator knows only mode=payment.")
    if not params.get("line_items"):
        raise invalid("line_items", "Missing required param: line_items.", "parameter_missing")
    if "success_url" not in params:
        raise invalid("success_url", "Missing required param: success_url.", "parameter_missing")
    currencies_used: set[str] = set()
    total = 0
    for number, item in enumerate(params["line_items"]):
        price = item["price_data"]
        currency = currencies.known(price["currency"], f"line_items[{number}][price_data][currency]")
        currencies_used.add(currency)
        if price["unit_amount"]:
            name = f"line_items[{number}][price_data][unit_amount]"
            currencies.check_amount(price["unit_amount"], currency, name)
        total += price["unit_amount"] * item.get("quantity", 1)
    if len(currencies_used) != 1:
        raise invalid("line_items", "All prices of a session must have the same currency.")
    currency = currencies_used.pop()
    if "currency" in params and params["currency"].lower() != currency:
        raise invalid("currency", "The currency is not that of the prices.")
    least = currencies.MINIMUM_CHARGE.get(currency, 1)
    if total < least:
        raise invalid(
            "line_items",
            f"The Checkout Session's total amount must convert to at least {currencies.shown(least, currency)}.",
            "amount_too_small",
        )
    currencies.check_amount(total, currency, "line_items")
    return currency, total


def create(world: World, params: dict[str, Any]) -> Body:
    """POST /v1/checkout/sessions."""
    currency, total = check(params)
    expires = params.get("expires_at", world.now + LONGEST)
    # A little room on both sides: the clocks of two machines are never quite the same.
    if not SHORTEST - 60 <= expires - world.now <= LONGEST + 60:
        raise invalid("expires_at", "expires_at must be between 30 minutes and 24 hours from now.")
    id = identifiers.new("cs_test", 58)
    intent = params.get("payment_intent_data", {})
    body: Body = {
        "id": id,
        "object": "checkout.session",
        "adaptive_pricing": params.get("adaptive_pricing"),
        "after_expiration": None,
        "allow_promotion_codes": None,
        "allowed_payment_method_types": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": None,
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": world.now,
        "currency": currency,
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {"after_submit": None, "shipping_address": None, "submit": None,
                        "terms_of_service_acceptance": None},
        "customer": None,
        "customer_account": None,
        "customer_creation": "if_required",
        "customer_details": None,
        "customer_email": params.get("customer_email"),
        "discounts": [],
        "expires_at": expires,
        "integration_identifier": None,
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": params.get("locale"),
        "managed_payments": None,
        "metadata": params.get("metadata", {}),
        "mode": "payment",
        "optional_items": None,
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card", "us_bank_account"],
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": f"{world.config.public_url}/pay/{id}",
        "wallet_options": None,
    }  # fmt: skip
    items = [_line_item(world, item, currency) for item in params["line_items"]]
    world.insert(
        StripeObject(
            id, "checkout.session", world.account, body, {"items": items, "intent": intent}, due=expires
        )
    )
    return body


def _line_item(world: World, item: dict[str, Any], currency: str) -> Body:
    price, quantity = item["price_data"], item.get("quantity", 1)
    unit, total = price["unit_amount"], price["unit_amount"] * quantity
    product = identifiers.new("prod", 14)
    return {
        "id": identifiers.new("li"),
        "object": "item",
        "adjustable_quantity": None,
        "amount_discount": 0,
        "amount_subtotal": total,
        "amount_tax": 0,
        "amount_total": total,
        "currency": currency,
        "description": price["product_data"]["name"],
        "metadata": item.get("metadata", {}),
        "price": {
            "id": identifiers.new("price"),
            "object": "price",
            "active": False,
            "billing_scheme": "per_unit",
            "created": world.now,
            "currency": currency,
            "custom_unit_amount": None,
            "livemode": False,
            "lookup_key": None,
            "metadata": {},
            "nickname": None,
            "product": product,
            "recurring": None,
            "tax_behavior": price.get("tax_behavior", "unspecified"),
            "tiers_mode": None,
            "transform_quantity": None,
            "type": "one_time",
            "unit_amount": unit,
            "unit_amount_decimal": str(unit),
        },
        "quantity": quantity,
    }


def line_items(world: World, id: str, params: dict[str, Any] | None = None) -> Body:
    """GET /v1/checkout/sessions/{id}/line_items: in the order given, with cursors."""
    items = world.need(id, "checkout.session").hidden["items"]
    params = params or {}
    ids = [item["id"] for item in items]
    for name in ("starting_after", "ending_before"):
        if name in params and params[name] not in ids:
            raise missing("item", params[name], param=name)
    limit = params.get("limit", 10)
    if "ending_before" in params:
        before = items[: ids.index(params["ending_before"])]
        page, has_more = before[-limit:], len(before) > limit
    else:
        rest = items[ids.index(params["starting_after"]) + 1 :] if "starting_after" in params else items
        page, has_more = rest[:limit], len(rest) > limit
    return envelope(page, has_more, f"/v1/checkout/sessions/{id}/line_items")


def expire(world: World, id: str) -> Body:
    """POST /v1/checkout/sessions/{id}/expire: only while it is open."""
    session = world.need(id, "checkout.session")
    if session.body["status"] != "open":
        raise Refused(
            400,
            f'Only Checkout Sessions with a status in ["open"] can be expired. This one is {session.body["status"]}.',
        )
    run_out(world, session)
    return session.body


def run_out(world: World, session: StripeObject) -> None:
    """The session ends unpaid."""
    session.body |= {"status": "expired", "url": None}
    session.due = None
    world.save(session)
    emit(world, "checkout.session.expired", session.body, session.account)


def complete(world: World, session: StripeObject, intent: str, *, paid: bool) -> None:
    """The payer is through; the money is there, or (bank debit) on its way."""
    session.body |= {
        "status": "complete",
        "payment_status": "paid" if paid else "unpaid",
        "payment_intent": intent,
        "url": None,
        "customer_details": {
            "address": None, "business_name": None, "email": session.body["customer_email"] or "payer@example.com",
            "individual_name": None, "name": "Test Payer", "phone": None, "tax_exempt": "none", "tax_ids": [],
        },
    }  # fmt: skip
    session.due = None
    world.save(session)
    emit(world, "checkout.session.completed", session.body, session.account)


def success_url(session: StripeObject) -> str:
    return str(session.body["success_url"]).replace("{CHECKOUT_SESSION_ID}", session.id)
