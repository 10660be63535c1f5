"""Transfers from the platform to an account, and their reversals."""

from __future__ import annotations

from typing import Any

from psycopg import sql

from . import currencies, identifiers, ledger
from .events import emit
from .refusals import Body, Refused, invalid, missing
from .state import PLATFORM, StripeObject, World

NOT_ENOUGH = "You have insufficient available funds in your Stripe account."


def create(world: World, params: dict[str, Any]) -> Body:
    """POST /v1/transfers: at once, or not at all."""
    if world.account != PLATFORM:
        raise Refused(
            400, "A connected account cannot make transfers here.", code="platform_account_required"
        )
    currency = currencies.known(params["currency"])
    if "amount" not in params:
        raise invalid("amount", "Missing required param: amount.", "parameter_missing")
    amount = params["amount"]
    currencies.check_amount(amount, currency)
    account = _able_to_receive(world, params["destination"])
    charge = None
    available_on = world.now
    if "source_transaction" in params:
        charge = _source(world, params["source_transaction"], amount, currency)
        entry = ledger.find_entry(world, charge.body["balance_transaction"])
        assert entry is not None
        available_on = max(world.now, entry["available_on"])
    elif ledger.available(world, PLATFORM, currency) < amount:
        raise Refused(400, NOT_ENOUGH, code="balance_insufficient")
    group = params.get("transfer_group") or (
        charge and (charge.body["transfer_group"] or f"group_{charge.id}")
    )
    id, payment = identifiers.new("tr"), identifiers.new("py")
    out = ledger.book(
        world, PLATFORM, "transfer", -amount, currency, id, available_on=available_on,
        description=params.get("description"),
    )  # fmt: skip
    into = ledger.book(world, account.id, "payment", amount, currency, payment, available_on=available_on)
    body: Body = {
        "id": id,
        "object": "transfer",
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": out,
        "created": world.now,
        "currency": currency,
        "description": params.get("description"),
        "destination": account.id,
        "destination_payment": payment,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "reversals": {
            "object": "list",
            "data": [],
            "has_more": False,
            "url": f"/v1/transfers/{id}/reversals",
        },
        "reversed": False,
        "source_transaction": charge.id if charge else None,
        "source_type": params.get("source_type", "card"),
        "transfer_group": group,
    }
    world.insert(StripeObject(id, "transfer", PLATFORM, body))
    _arrived(world, account.id, payment, into, body)
    emit(world, "transfer.created", body)
    return body


def _able_to_receive(world: World, id: str) -> StripeObject:
    account = world.known_account(id)
    if account is None or account.body["closed"]:
        raise missing("destination", id, param="destination")
    if account.hidden["status"] != "active" or not account.hidden["requested"]:
        raise invalid(
            "destination",
            "The destination account cannot receive transfers: its capability to receive them is not active.",
            account.hidden.get("refusal") or "insufficient_capabilities_for_transfer",
        )
    return account


def _source(world: World, id: str, amount: int, currency: str) -> StripeObject:
    """The charge whose money is passed on: paid, of the same currency, and with enough left of it."""
    charge = world.find(id, "charge", PLATFORM)
    if charge is None:
        raise missing("charge", id, param="source_transaction")
    if not charge.body["paid"]:
        raise invalid("source_transaction", "The charge is not paid.", "invalid_source_usage")
    if charge.body["currency"] != currency:
        raise invalid(
            "currency", f"The currency must be that of the source transaction ({charge.body['currency']})."
        )
    taken = sum(
        other.body["amount"] - other.body["amount_reversed"]
        for other in world.all_of("transfer", sql.SQL("body ->> 'source_transaction' = %s"), [id])
    )
    if taken + amount > charge.body["amount"]:
        raise invalid(
            "amount",
            "The transfers of a charge may together not exceed its amount; "
            f"{charge.body['amount'] - taken} of {charge.body['amount']} are left.",
            "balance_insufficient",
        )
    return charge


def _arrived(world: World, account: str, id: str, entry: str, transfer: Body) -> None:
    """The other side: a payment on the connected account."""
    nobody: Body = {"address": None, "email": None, "name": None, "phone": None, "tax_id": None}
    body: Body = {
        "id": id,
        "object": "charge",
        "amount": transfer["amount"],
        "amount_captured": transfer["amount"],
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": entry,
        "billing_details": nobody,
        "calculated_statement_descriptor": None,
        "captured": True,
        "created": world.now,
        "currency": transfer["currency"],
        "customer": None,
        "description": None,
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": {},
        "on_behalf_of": None,
        "outcome": None,
        "paid": True,
        "payment_intent": None,
        "payment_method": None,
        "payment_method_details": {"type": "stripe_account", "stripe_account": {}},
        "receipt_email": None,
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source": None,
        "source_transfer": transfer["id"],
        "statement_descriptor": None,
        "statement_descriptor_suffix": None,
        "status": "succeeded",
        "transfer_data": None,
        "transfer_group": None,
    }
    world.insert(StripeObject(id, "charge", account, body, {"by_bank": False}))
    emit(world, "charge.succeeded", body, account)


def update(world: World, id: str, params: dict[str, Any]) -> Body:
    """POST /v1/transfers/{id}: description and metadata only."""
    transfer = world.need(id, "transfer")
    if "description" in params:
        transfer.body["description"] = params["description"] or None
    merge_metadata(transfer.body, params)
    world.save(transfer)
    emit(world, "transfer.updated", transfer.body)
    return transfer.body


def merge_metadata(body: Body, params: dict[str, Any]) -> None:
    """A key with "" goes; the others are added or replaced."""
    if "metadata" in params:
        both = {**body["metadata"], **params["metadata"]} if params["metadata"] else {}
        body["metadata"] = {key: value for key, value in both.items() if value}


def reverse(world: World, id: str, params: dict[str, Any]) -> Body:
    """POST /v1/transfers/{id}/reversals: out of what the account still has."""
    transfer = world.need(id, "transfer")
    left = transfer.body["amount"] - transfer.body["amount_reversed"]
    amount = params.get("amount", left)
    if left == 0:
        raise Refused(400, "This transfer is already fully reversed.")
    if not 0 < amount <= left:
        raise invalid("amount", f"Transfer amount ({amount}) is greater than what is left of it ({left}).")
    account, currency = transfer.body["destination"], transfer.body["currency"]
    payment = world.find(transfer.body["destination_payment"], "charge", account)
    original = ledger.find_entry(world, transfer.body["balance_transaction"])
    assert payment is not None
    assert original is not None
    available_on = max(world.now, original["available_on"])
    # Money that is still pending is taken back out of what is pending; else the available balance must do.
    covers = ledger.all_of_it if available_on > world.now else ledger.available
    if covers(world, account, currency) < amount:
        raise Refused(
            400, "The connected account's balance does not cover the reversal.", code="balance_insufficient"
        )
    reversal, refund = identifiers.new("trr"), identifiers.new("pyr")
    back = ledger.book(
        world, PLATFORM, "transfer_refund", amount, currency, reversal, available_on=available_on
    )
    ledger.book(world, account, "payment_refund", -amount, currency, refund, available_on=available_on)
    body: Body = {
        "id": reversal,
        "object": "transfer_reversal",
        "amount": amount,
        "balance_transaction": back,
        "created": world.now,
        "currency": currency,
        "destination_payment_refund": refund,
        "metadata": params.get("metadata", {}),
        "source_refund": None,
        "transfer": transfer.id,
    }
    world.insert(StripeObject(reversal, "transfer_reversal", PLATFORM, body))
    refunded = payment.body["amount_refunded"] + amount
    payment.body |= {"amount_refunded": refunded, "refunded": refunded == payment.body["amount"]}
    world.save(payment)
    done = transfer.body["amount_reversed"] + amount
    listed = transfer.body["reversals"]
    transfer.body |= {
        "amount_reversed": done,
        "reversed": done == transfer.body["amount"],
        # Newest first, the ten latest; the rest by the list of its own.
        "reversals": {**listed, "data": [body, *listed["data"]][:10],
                      "has_more": len(listed["data"]) == 10 or listed["has_more"]},
    }  # fmt: skip
    world.save(transfer)
    emit(world, "transfer.reversed", transfer.body)
    return body
