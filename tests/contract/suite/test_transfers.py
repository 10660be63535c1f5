"""Transfers: when they succeed, why they fail, how they are taken back."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.contract.conftest import NEW_ACCOUNT, Stripe


def test_a_transfer_from_a_charge_succeeds_at_once_and_is_found_by_its_group(
    them: Stripe, transfers: Any
) -> None:
    """Create separate charges and transfers, "Transfer availability": with source_transaction the call succeeds whatever
    the available balance, and the money settles with the charge. List all transfers: transfer_group, destination."""
    group, receiver = them.name(), them.receiver()
    charge = them.paid_charge(200_00, group)
    body = {
        "amount": 120_00,
        "currency": "usd",
        "destination": receiver,
        "source_transaction": charge,
        "transfer_group": group,
        "description": "Payout",
        "metadata": {"payout": group},
    }
    made = transfers.create(body, {"idempotency_key": them.name()})
    assert made.id.startswith("tr_")
    assert (made.amount, made.amount_reversed, made.reversed) == (120_00, 0, False)
    assert (made.destination, made.source_transaction, made.transfer_group) == (receiver, charge, group)
    assert made.destination_payment.startswith("py_")
    assert made.balance_transaction.startswith("txn_")
    second = transfers.create({**body, "amount": 30_00})
    listed = transfers.list({"transfer_group": group, "limit": 100})
    assert [each.id for each in listed.data] == [second.id, made.id]
    assert listed.has_more is False
    assert [each.metadata["payout"] for each in listed.data] == [group, group]
    assert [each.id for each in transfers.list({"destination": receiver, "limit": 1}).data] == [second.id]
    assert transfers.list({"transfer_group": them.name()}).data == []
    (expanded,) = transfers.list(
        {"transfer_group": group, "limit": 1, "expand": ["data.source_transaction"]}
    ).data
    assert (expanded.source_transaction.id, expanded.source_transaction.paid) == (charge, True)
    entry = them.client.v1.balance_transactions.retrieve(made.balance_transaction)
    assert (entry.type, entry.amount, entry.fee, entry.net, entry.source) == (
        "transfer",
        -120_00,
        0,
        -120_00,
        made.id,
    )


def test_the_transfers_of_a_charge_may_not_exceed_it(them: Stripe, transfers: Any) -> None:
    """Create separate charges and transfers: the sum of the transfers of a charge may not exceed its amount."""
    body = {
        "currency": "usd",
        "destination": them.receiver(),
        "source_transaction": them.paid_charge(100_00, them.name()),
    }
    transfers.create({**body, "amount": 60_00})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create({**body, "amount": 40_01})
    assert refused.value.http_status == 400


def test_a_transfer_has_the_currency_of_its_charge(them: Stripe, transfers: Any) -> None:
    """Create separate charges and transfers: the currency of the transfer is that of the charge's balance
    transaction."""
    charge = them.paid_charge(100_00, them.name())
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create(
            {
                "amount": 10_00,
                "currency": "eur",
                "destination": them.receiver(),
                "source_transaction": charge,
            }
        )
    assert refused.value.http_status == 400


def test_a_transfer_above_the_available_balance_fails(them: Stripe, transfers: Any) -> None:
    """Create separate charges and transfers: without source_transaction a transfer above the available balance fails.
    Error codes, balance_insufficient."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create({"amount": 999_999_00, "currency": "usd", "destination": them.receiver()})
    assert (refused.value.http_status, refused.value.code) == (400, "balance_insufficient")


def test_a_transfer_to_an_account_that_is_not_ready_fails(them: Stripe, transfers: Any) -> None:
    """Account capabilities: an account receives transfers only while its capability to do so is active."""
    account: Any = them.client.v2.core.accounts.create(NEW_ACCOUNT)  # type: ignore[arg-type]
    body = {
        "amount": 10_00,
        "currency": "usd",
        "destination": account.id,
        "source_transaction": them.paid_charge(100_00, them.name()),
    }
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create(body)
    assert refused.value.http_status == 400
    assert refused.value.code in ("insufficient_capabilities_for_transfer", "transfers_not_allowed")


def test_a_transfer_to_nobody_fails(them: Stripe, transfers: Any) -> None:
    """Error codes, resource_missing."""
    with pytest.raises(stripe.InvalidRequestError) as refused:
        transfers.create({"amount": 10_00, "currency": "usd", "destination": "acct_nobody_made"})
    assert (refused.value.http_status, refused.value.code) == (400, "resource_missing")
    assert refused.value.param == "destination"


def test_a_transfer_can_be_taken_back_in_parts(them: Stripe, transfers: Any) -> None:
    """Transfer Reversals: in part or in whole, never more than is left; the transfer says how much went back."""
    made = transfers.create(
        {
            "amount": 50_00,
            "currency": "usd",
            "destination": them.receiver(),
            "source_transaction": them.paid_charge(100_00, them.name()),
        }
    )
    part = transfers.reversals.create(made.id, {"amount": 20_00, "metadata": {"why": "mistake"}})
    assert (part.object, part.amount, part.transfer) == ("transfer_reversal", 20_00, made.id)
    with pytest.raises(stripe.InvalidRequestError):
        transfers.reversals.create(made.id, {"amount": 30_01})
    transfers.reversals.create(made.id)
    read = transfers.retrieve(made.id)
    assert (read.amount_reversed, read.reversed) == (50_00, True)
    assert [each.amount for each in transfers.reversals.list(made.id).data] == [30_00, 20_00]
    with pytest.raises(stripe.InvalidRequestError):
        transfers.reversals.create(made.id)
