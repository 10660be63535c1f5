"""Payouts to a bank, of the platform and of accounts: by hand, or swept automatically."""

from __future__ import annotations

from typing import Any

from . import currencies, identifiers, ledger
from .events import emit
from .refusals import Body, Refused, invalid
from .state import PLATFORM, StripeObject, World

ARRIVES_AFTER = 2 * 24 * 3600


def create(world: World, params: dict[str, Any]) -> Body:
    """POST /v1/payouts: of the platform, or of the account named by Stripe-Account."""
    currency = currencies.known(params["currency"])
    currencies.check_amount(params["amount"], currency)
    if world.account != PLATFORM:
        account = world.known_account(world.account)
        if account is None or account.hidden["status"] != "active":
            raise Refused(400, "Payouts of this account are not enabled.", code="payouts_not_allowed")
    if params.get("method", "standard") != "standard":
        raise invalid("method", "The simulator knows only standard payouts.", "instant_payouts_unsupported")
    if ledger.available(world, world.account, currency) < params["amount"]:
        raise Refused(400, "You have insufficient funds in your Stripe account.", code="balance_insufficient")
    return _pay_out(world, world.account, params["amount"], currency, params, automatic=False)


def sweep(world: World, account: str, currency: str | None = None) -> list[Body]:
    """Control: the automatic payout takes all that is available, and says what it was made of."""
    done = []
    for code, (amount, _) in ledger.balances(world, account).items():
        if amount > 0 and currency in (None, code):
            body = _pay_out(world, account, amount, code, {}, automatic=True)
            world.connection.execute(
                "UPDATE entry SET payout = %s WHERE account = %s AND currency = %s AND payout IS NULL"
                " AND available_on <= %s AND (type <> 'payout' OR source = %s)",
                [body["id"], account, code, world.now, body["id"]],
            )
            done.append(body)
    return done


def _pay_out(
    world: World, account: str, amount: int, currency: str, params: dict[str, Any], *, automatic: bool
) -> Body:
    id = identifiers.new("po")
    entry = ledger.book(
        world,
        account,
        "payout",
        -amount,
        currency,
        id,
        description=params.get("description") or "STRIPE PAYOUT",
    )
    arrives = world.now + ARRIVES_AFTER
    body: Body = {
        "id": id,
        "object": "payout",
        "amount": amount,
        "application_fee": None,
        "application_fee_amount": None,
        "arrival_date": arrives,
        "automatic": automatic,
        "balance_transaction": entry,
        "created": world.now,
        "currency": currency,
        "description": params.get("description") or "STRIPE PAYOUT",
        "destination": identifiers.new("ba"),
        "failure_balance_transaction": None,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": params.get("metadata", {}),
        "method": "standard",
        "original_payout": None,
        "payout_method": None,
        "reconciliation_status": "completed" if automatic else "not_applicable",
        "reversed_by": None,
        "source_type": "card",
        "statement_descriptor": params.get("statement_descriptor"),
        "status": "in_transit",
        "trace_id": None,
        "type": "bank_account",
    }
    world.insert(StripeObject(id, "payout", account, body, due=arrives))
    emit(world, "payout.created", body, account)
    return body


def arrive(world: World, payout: StripeObject) -> None:
    """The bank has it."""
    payout.body["status"] = "paid"
    payout.due = None
    world.save(payout)
    emit(world, "payout.paid", payout.body, payout.account)


def fail(world: World, id: str) -> Body:
    """Control: the bank sends it back."""
    payout = world.find(id, "payout")
    if payout is None or payout.body["status"] == "failed":
        raise Refused(400, "There is no such payout that could still fail.")
    back = ledger.book(
        world, payout.account, "payout_failure", payout.body["amount"], payout.body["currency"], payout.id
    )
    payout.body |= {
        "status": "failed",
        "failure_code": "account_closed",
        "failure_message": "The bank account has been closed.",
        "failure_balance_transaction": back,
    }
    payout.due = None
    world.save(payout)
    emit(world, "payout.failed", payout.body, payout.account)
    return payout.body
