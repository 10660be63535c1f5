"""Refunds: out of the available balance, at once, later, or in the end not at all."""

from __future__ import annotations

from typing import Any

from . import identifiers, ledger
from .events import emit
from .refusals import Body, Refused, invalid, missing
from .state import StripeObject, World
from .transfers import merge_metadata


def create(world: World, params: dict[str, Any]) -> Body:
    """POST /v1/refunds: of a charge, or of an intent's latest charge."""
    charge = _charge(world, params)
    paid, refunded = charge.body["amount"], charge.body["amount_refunded"]
    if refunded >= paid:
        raise Refused(400, f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    amount = params.get("amount", paid - refunded)
    if amount < 1:
        raise invalid("amount", "This value must be greater than or equal to 1.", "parameter_invalid_integer")
    if amount > paid - refunded:
        raise invalid(
            "amount",
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({paid - refunded}).",
        )
    id, by_bank = identifiers.new("re"), charge.hidden["by_bank"]
    body: Body = {
        "id": id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge.id,
        "created": world.now,
        "currency": charge.body["currency"],
        "customer": None,
        "customer_account": None,
        "destination_details": {"type": "us_bank_transfer", "us_bank_transfer": {"reference": None,
                                "reference_status": None}} if by_bank else
                               {"type": "card", "card": {"type": "refund"}},
        "metadata": params.get("metadata", {}),
        "payment_intent": charge.body["payment_intent"],
        "payment_method": charge.body["payment_method"],
        "reason": params.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
    }  # fmt: skip
    refund = world.insert(StripeObject(id, "refund", charge.account, body, {"by_bank": by_bank}))
    charge.body |= {"amount_refunded": refunded + amount, "refunded": refunded + amount == paid}
    world.save(charge)
    if not _take(world, refund):
        body["pending_reason"] = "insufficient_funds"
        # Tried again whenever the simulator is asked for anything: due at once.
        refund.due = world.now
        world.save(refund)
    emit(world, "refund.created", body, charge.account)
    emit(world, "charge.refunded", charge.body, charge.account)
    return body


def _charge(world: World, params: dict[str, Any]) -> StripeObject:
    if ("charge" in params) == ("payment_intent" in params):
        raise invalid(
            "charge", "One of charge and payment_intent is needed, and only one.", "parameter_missing"
        )
    if "charge" in params:
        charge = world.find(params["charge"], "charge", world.account)
        if charge is None:
            raise missing("charge", params["charge"], param="charge")
    else:
        intent = world.find(params["payment_intent"], "payment_intent", world.account)
        if intent is None:
            raise missing("payment_intent", params["payment_intent"], param="payment_intent")
        charge = world.find(intent.body["latest_charge"], "charge", world.account)
        if charge is None:
            raise Refused(400, "This PaymentIntent does not have a successful charge to refund.",
                          code="payment_intent_unexpected_state")  # fmt: skip
    if charge.body["status"] != "succeeded":
        raise Refused(400, "A charge that did not succeed cannot be refunded.", code="charge_not_refundable")
    if charge.body["source_transfer"]:
        raise Refused(
            400, "What a transfer brought is taken back by a reversal.", code="charge_not_refundable"
        )
    return charge


def _take(world: World, refund: StripeObject) -> bool:
    """Take the money from the available balance; False when there is not enough."""
    amount, currency = refund.body["amount"], refund.body["currency"]
    if ledger.available(world, refund.account, currency) < amount:
        return False
    kind = "payment_refund" if refund.hidden["by_bank"] else "refund"
    entry = ledger.book(world, refund.account, kind, -amount, currency, refund.id)
    refund.body |= {"balance_transaction": entry, "status": "succeeded"}
    refund.body.pop("pending_reason", None)
    refund.due = None
    world.save(refund)
    return True


def try_again(world: World, refund: StripeObject) -> bool:
    """A pending refund succeeds as soon as the money is there."""
    if refund.body["status"] != "pending" or not _take(world, refund):
        return False
    emit(world, "refund.updated", refund.body, refund.account)
    emit(world, "charge.refund.updated", refund.body, refund.account)
    return True


def fail(world: World, id: str) -> Body:
    """Control: the refund cannot be carried out after all; what was taken comes back to the balance."""
    refund = world.find(id, "refund")
    if refund is None or refund.body["status"] not in ("pending", "succeeded"):
        raise Refused(400, "There is no such refund that could still fail.")
    taken = refund.body["status"] == "succeeded"
    refund.body.pop("pending_reason", None)
    refund.body |= {"status": "failed", "failure_reason": "declined"}
    if taken:
        back = ledger.book(
            world, refund.account, "refund_failure", refund.body["amount"], refund.body["currency"], refund.id
        )
        refund.body["failure_balance_transaction"] = back
    refund.due = None
    world.save(refund)
    charge = world.find(refund.body["charge"], "charge")
    assert charge is not None
    charge.body |= {
        "amount_refunded": charge.body["amount_refunded"] - refund.body["amount"],
        "refunded": False,
    }
    world.save(charge)
    emit(world, "refund.failed", refund.body, refund.account)
    emit(world, "refund.updated", refund.body, refund.account)
    emit(world, "charge.refund.updated", refund.body, refund.account)
    return refund.body


def update(world: World, id: str, params: dict[str, Any]) -> Body:
    """POST /v1/refunds/{id}: metadata only."""
    refund = world.need(id, "refund")
    if "metadata" in params:
        merge_metadata(refund.body, params)
        world.save(refund)
        emit(world, "refund.updated", refund.body, refund.account)
    return refund.body
