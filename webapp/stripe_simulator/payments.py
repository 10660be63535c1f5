"""What happens when somebody pays a session: the intent, the charge, the entry in the books, the events."""

from __future__ import annotations

from . import checkout, currencies, identifiers, ledger
from .events import emit
from .refusals import Body, Refused
from .state import StripeObject, World

SETTLING_SECONDS = 2 * 24 * 3600
BANK_DEBIT_SECONDS = 4 * 24 * 3600
HOWS = ("card", "bank", "declined")
DECLINED = {"code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}


def pay(world: World, id: str, how: str) -> StripeObject:
    """Pay a session: by card (at once), by bank debit (later), or with a card that is declined."""
    session = world.find(id, "checkout.session")
    if session is None:
        raise Refused(404, "This payment page does not exist.", code="resource_missing")
    if how not in HOWS:
        raise Refused(400, f"how is one of: {', '.join(HOWS)}", param="how")
    if session.body["status"] == "complete":
        raise Refused(400, "This session is already paid; it cannot be paid a second time.")
    if session.body["status"] == "expired" or session.body["expires_at"] <= world.now:
        raise Refused(400, "This session has expired; nothing was charged.")
    intent = _intent(world, session)
    charge = _charge(world, session, intent, how)
    intent.body["latest_charge"] = charge.id
    if how == "declined":
        _refuse(world, intent, charge, DECLINED)
    elif how == "card":
        _succeed(world, intent, charge)
        checkout.complete(world, session, intent.id, paid=True)
    else:
        intent.body |= {
            "status": "processing",
            "last_payment_error": None,
            "payment_method": identifiers.new("pm"),
        }
        world.save(intent)
        emit(world, "charge.pending", charge.body, session.account)
        emit(world, "payment_intent.processing", intent.body, session.account)
        checkout.complete(world, session, intent.id, paid=False)
        session.due = world.now + BANK_DEBIT_SECONDS
        world.save(session)
    return session


def settle(world: World, session: StripeObject, *, succeeds: bool) -> None:
    """A bank debit arrives, or does not."""
    intent = world.find(session.hidden.get("payment_intent"), "payment_intent")
    if intent is None or intent.body["status"] != "processing":
        raise Refused(400, "This session does not wait for a bank debit.")
    charge = world.find(intent.body["latest_charge"], "charge")
    assert charge is not None
    if succeeds:
        _succeed(world, intent, charge)
        session.body["payment_status"] = "paid"
    else:
        words = {"code": "payment_method_provider_decline", "message": "The bank refused the debit."}
        _refuse(world, intent, charge, words)
    session.due = None
    world.save(session)
    outcome = "succeeded" if succeeds else "failed"
    emit(world, f"checkout.session.async_payment_{outcome}", session.body, session.account)


def _intent(world: World, session: StripeObject) -> StripeObject:
    """The session's intent; made at the first try, as Stripe does it."""
    existing = world.find(session.hidden.get("payment_intent"), "payment_intent")
    if existing:
        return existing
    id, wishes, total = identifiers.new("pi"), session.hidden["intent"], session.body["amount_total"]
    body: Body = {
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": None,
        "amount": total,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{id}_secret_{identifiers.new('x')[2:]}",
        "confirmation_method": "automatic",
        "created": world.now,
        "currency": session.body["currency"],
        "customer": None,
        "customer_account": None,
        "description": wishes.get("description"),
        "excluded_payment_method_types": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "managed_payments": None,
        "metadata": wishes.get("metadata", {}),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": ["card", "us_bank_account"],
        "processing": None,
        "receipt_email": wishes.get("receipt_email"),
        "review": None,
        "setup_future_usage": None,
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": wishes.get("transfer_group"),
    }
    intent = world.insert(StripeObject(id, "payment_intent", session.account, body, {"session": session.id}))
    session.hidden["payment_intent"] = id
    world.save(session)
    emit(world, "payment_intent.created", body, session.account)
    return intent


def _charge(world: World, session: StripeObject, intent: StripeObject, how: str) -> StripeObject:
    email = session.body["customer_email"] or "payer@example.com"
    address = {
        "city": None,
        "country": None,
        "line1": None,
        "line2": None,
        "postal_code": None,
        "state": None,
    }
    card: Body = {"brand": "visa", "country": "US", "exp_month": 12, "exp_year": 2034, "funding": "credit",
                  "last4": "0002" if how == "declined" else "4242"}  # fmt: skip
    bank: Body = {"account_holder_type": "individual", "account_type": "checking", "bank_name": "SIMULATOR BANK",
                  "fingerprint": None, "last4": "6789", "routing_number": "110000000"}  # fmt: skip
    by_bank = how == "bank"
    id = identifiers.new("py" if by_bank else "ch")
    details = (
        {"type": "us_bank_account", "us_bank_account": bank} if by_bank else {"type": "card", "card": card}
    )
    body: Body = {
        "id": id,
        "object": "charge",
        "amount": intent.body["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": {
            "address": address,
            "email": email,
            "name": "Test Payer",
            "phone": None,
            "tax_id": None,
        },
        "calculated_statement_descriptor": None,
        "captured": False,
        "created": world.now,
        "currency": intent.body["currency"],
        "customer": None,
        "description": intent.body["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent.body["metadata"]),
        "on_behalf_of": None,
        "outcome": None,
        "paid": False,
        "payment_intent": intent.id,
        "payment_method": identifiers.new("pm"),
        "payment_method_details": details,
        "receipt_email": intent.body["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "pending",
        "transfer_data": None,
        "transfer_group": intent.body["transfer_group"],
    }
    return world.insert(StripeObject(id, "charge", session.account, body, {"by_bank": by_bank}))


def _succeed(world: World, intent: StripeObject, charge: StripeObject) -> None:
    amount, currency = charge.body["amount"], charge.body["currency"]
    entry = ledger.book(
        world, charge.account, "payment" if charge.hidden["by_bank"] else "charge", amount, currency, charge.id,
        fee=currencies.fee(amount, currency), available_on=world.now + SETTLING_SECONDS,
        description=charge.body["description"],
    )  # fmt: skip
    charge.body |= {
        "status": "succeeded", "paid": True, "captured": True, "amount_captured": amount, "balance_transaction": entry,
        "outcome": {"advice_code": None, "network_advice_code": None, "network_decline_code": None,
                    "network_status": "approved_by_network", "reason": None, "risk_level": "normal",
                    "seller_message": "Payment complete.", "type": "authorized"},
    }  # fmt: skip
    intent.body |= {
        "status": "succeeded", "amount_received": amount, "last_payment_error": None,
        "payment_method": charge.body["payment_method"],
    }  # fmt: skip
    world.save(charge)
    world.save(intent)
    emit(world, "charge.succeeded", charge.body, charge.account)
    emit(world, "payment_intent.succeeded", intent.body, charge.account)


def _refuse(world: World, intent: StripeObject, charge: StripeObject, words: dict[str, str]) -> None:
    charge.body |= {
        "status": "failed", "failure_code": words["code"], "failure_message": words["message"],
        "outcome": {"advice_code": "try_again_later", "network_advice_code": None, "network_decline_code": None,
                    "network_status": "declined_by_network", "reason": words.get("decline_code"),
                    "seller_message": words["message"], "type": "issuer_declined"},
    }  # fmt: skip
    intent.body |= {
        "status": "requires_payment_method",
        "last_payment_error": {"type": "card_error", "charge": charge.id, **words},
    }
    world.save(charge)
    world.save(intent)
    emit(world, "charge.failed", charge.body, charge.account)
    emit(world, "payment_intent.payment_failed", intent.body, charge.account)
