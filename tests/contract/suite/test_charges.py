"""Charges, their refunds, and what they do to the balance."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from tests.contract.conftest import Stripe


def test_a_charge_is_given_back_in_parts_and_never_more_than_it_took(them: Stripe) -> None:
    """Create a refund: several times, until the whole charge is given back; then an error. Error codes,
    charge_already_refunded."""
    refunds: Any = them.client.v1.refunds
    charge = them.paid_charge(80_00, them.name())
    first = refunds.create(
        {
            "charge": charge,
            "amount": 30_00,
            "reason": "requested_by_customer",
            "metadata": {"refund": "1"},
        },
        {"idempotency_key": them.name()},
    )
    assert first.id.startswith("re_")
    assert (first.amount, first.currency, first.charge) == (30_00, "usd", charge)
    assert first.status in ("succeeded", "pending")
    assert first.metadata.to_dict() == {"refund": "1"}
    with pytest.raises(stripe.InvalidRequestError):
        refunds.create({"charge": charge, "amount": 50_01})
    intent = str(them.client.v1.charges.retrieve(charge).payment_intent)
    second = refunds.create({"payment_intent": intent})
    assert second.amount == 50_00
    for of in ({"charge": charge}, {"payment_intent": intent}):
        assert [each.id for each in refunds.list(of).data] == [second.id, first.id]
    read = them.client.v1.charges.retrieve(charge)
    assert (read.amount_refunded, read.refunded) == (80_00, True)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"charge": charge})
    assert refused.value.code == "charge_already_refunded"


def test_a_charge_says_whose_money_it_is_and_is_found_by_its_group(them: Stripe) -> None:
    """The Charge object; List all charges: transfer_group, payment_intent."""
    charges = them.client.v1.charges
    id = them.paid_charge(60_00, group := them.name())
    read = charges.retrieve(id)
    assert (read.amount, read.currency, read.paid, read.status) == (60_00, "usd", True, "succeeded")
    assert (read.transfer_group, read.disputed, read.refunded) == (group, False, False)
    assert read.metadata["group"] == group
    assert [each.id for each in charges.list({"transfer_group": group}).data] == [id]
    assert [each.id for each in charges.list({"payment_intent": str(read.payment_intent)}).data] == [id]


def test_every_movement_is_an_entry_with_its_fee(them: Stripe) -> None:
    """Balance transactions: net is amount less fee; a charge's entry becomes available later; source and type filter."""
    entries = them.client.v1.balance_transactions
    charge = them.paid_charge(100_00, them.name())
    (entry,) = them.eventually(lambda: entries.list({"source": charge}).data)
    assert (entry.type, entry.amount, entry.currency, entry.source) == ("charge", 100_00, "usd", charge)
    assert entry.net == entry.amount - entry.fee
    assert entry.fee > 0
    assert sum(each.amount for each in entry.fee_details) == entry.fee
    assert entry.available_on >= entry.created
    assert entries.retrieve(entry.id).net == entry.net
    assert entries.list({"source": charge, "type": "transfer"}).data == []


def test_the_balance_is_kept_by_currency_available_and_pending(them: Stripe) -> None:
    """The Balance object: what a card payment brought is pending first."""
    them.paid_charge(100_00, them.name())
    balance: Any = them.client.v1.balance.retrieve()
    assert (balance.object, balance.livemode) == ("balance", False)
    currencies = {each.currency for each in (*balance.available, *balance.pending)}
    assert "usd" in currencies
    assert all(isinstance(each.amount, int) for each in (*balance.available, *balance.pending))
