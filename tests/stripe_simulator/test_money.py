"""Money in the simulator: what is refused, what it costs, and that none appears or vanishes."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import stripe

from tests.stripe_simulator.conftest import checkout
from tests.support.simulator import ControlRefused, Simulator, recipient


def balance(client: Any, **options: Any) -> dict[str, tuple[int, int]]:
    found = client.v1.balance.retrieve({}, options)
    pending = {row.currency: row.amount for row in found.pending}
    return {row.currency: (row.amount, pending[row.currency]) for row in found.available}


def transfer(
    client: Any, account: str, amount: int, charge: Any = None, currency: str = "usd", **more: Any
) -> Any:
    params = {"amount": amount, "currency": currency, "destination": account, **more}
    return client.v1.transfers.create({**params, **({"source_transaction": charge.id} if charge else {})})


def code_of(call: Any) -> str | None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        call()
    return refused.value.code


@pytest.mark.parametrize(
    ("currency", "amount", "fee"), [("usd", 50_000, 1480), ("jpy", 50_000, 1450), ("eur", 51, 31)]
)
def test_a_card_payment_makes_a_charge_a_fee_and_a_pending_balance(
    client: Any, paid: Any, currency: str, amount: int, fee: int
) -> None:
    charge = paid(amount, currency)
    assert (charge.transfer_group, charge.description) == ("funding_7", "Funding 7")
    assert charge.metadata["funding"] == "7"
    entry = client.v1.balance_transactions.retrieve(charge.balance_transaction)
    assert (entry.amount, entry.fee, entry.net, entry.currency) == (amount, fee, amount - fee, currency)
    assert (entry.status, entry.available_on - entry.created, entry.source) == (
        "pending",
        2 * 24 * 3600,
        charge.id,
    )
    assert balance(client) == {currency: (0, amount - fee)}
    assert [c.id for c in client.v1.charges.list({"transfer_group": "funding_7"}).data] == [charge.id]


def test_pending_money_becomes_available_by_the_clock(simulator: Simulator, client: Any, paid: Any) -> None:
    paid()
    simulator.control("move_clock", seconds=2 * 24 * 3600)
    assert balance(client) == {"usd": (48_520, 0)}


def test_a_transfer_with_a_source_settles_with_the_charge_on_both_sides(
    simulator: Simulator, client: Any, paid: Any
) -> None:
    charge, account = paid(), simulator.active_account()
    made = transfer(client, account, 30_000, charge)
    assert made.transfer_group == "funding_7" and made.destination_payment.startswith("py_")
    assert balance(client) == {"usd": (0, 18_520)}
    assert balance(client, stripe_account=account) == {"usd": (0, 30_000)}
    arrived = client.v1.charges.retrieve(made.destination_payment, {}, {"stripe_account": account})
    assert arrived.source_transfer == made.id
    simulator.control("make_available")
    assert balance(client, stripe_account=account) == {"usd": (30_000, 0)}


def test_transfers_that_stripe_would_refuse(simulator: Simulator, client: Any, paid: Any) -> None:
    charge, account = paid(), simulator.active_account()
    restricted = client.v2.core.accounts.create(recipient()).id
    assert code_of(lambda: transfer(client, account, 100)) == "balance_insufficient"
    assert (
        code_of(lambda: transfer(client, restricted, 100, charge)) == "insufficient_capabilities_for_transfer"
    )
    assert code_of(lambda: transfer(client, "acct_1nobody", 100, charge)) == "resource_missing"
    code_of(lambda: transfer(client, account, 100, charge, currency="eur"))
    transfer(client, account, 30_000, charge)
    transfer(client, account, 20_000, charge)
    assert code_of(lambda: transfer(client, account, 1, charge)) == "balance_insufficient"
    simulator.control("restrict_account", account=account, code="transfers_not_allowed")
    assert code_of(lambda: transfer(client, account, 1, charge)) == "transfers_not_allowed"
    simulator.control("close_account", account=account)
    assert code_of(lambda: transfer(client, account, 1, charge)) == "resource_missing"
    session = client.v1.checkout.sessions.create(checkout())
    simulator.pay(session.id, "bank")
    unpaid = client.v1.charges.list().data[0]
    assert unpaid.status == "pending"
    assert code_of(lambda: transfer(client, simulator.active_account(), 1, unpaid)) == "invalid_source_usage"


def test_a_reversal_takes_back_part_and_then_the_rest(simulator: Simulator, client: Any, paid: Any) -> None:
    charge, account = paid(), simulator.active_account()
    made = transfer(client, account, 30_000, charge)
    client.v1.transfers.reversals.create(made.id, {"amount": 10_000, "metadata": {"why": "half"}})
    simulator.control("reverse_transfer", transfer=made.id)
    again = client.v1.transfers.retrieve(made.id)
    assert (again.amount_reversed, again.reversed, len(again.reversals.data)) == (30_000, True, 2)
    assert [r.amount for r in client.v1.transfers.reversals.list(made.id).data] == [20_000, 10_000]
    assert balance(client, stripe_account=account) == {"usd": (0, 0)}
    code_of(lambda: client.v1.transfers.reversals.create(made.id))
    types = [e.type for e in client.v1.events.list({"types": ["transfer.*"]}).data]
    assert types == ["transfer.reversed", "transfer.reversed", "transfer.created"]


def test_a_reversal_needs_what_the_account_still_has(simulator: Simulator, client: Any, paid: Any) -> None:
    charge, account = paid(), simulator.active_account()
    made = transfer(client, account, 30_000, charge)
    simulator.control("make_available")
    simulator.control("sweep", account=account)
    assert code_of(lambda: client.v1.transfers.reversals.create(made.id)) == "balance_insufficient"


def test_a_refund_waits_for_money_and_then_succeeds(simulator: Simulator, client: Any, paid: Any) -> None:
    charge = paid()
    refund = client.v1.refunds.create({"charge": charge.id, "amount": 20_000, "metadata": {"refund": "3"}})
    assert (refund.status, refund.pending_reason, refund.balance_transaction) == (
        "pending",
        "insufficient_funds",
        None,
    )
    simulator.control("move_clock", seconds=2 * 24 * 3600)
    refund = client.v1.refunds.retrieve(refund.id, {"expand": ["balance_transaction"]})
    assert refund.status == "succeeded" and refund.balance_transaction.net == -20_000
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.refunds.create({"payment_intent": charge.payment_intent, "amount": 30_001})
    client.v1.refunds.create({"payment_intent": charge.payment_intent, "amount": 28_520})
    assert balance(client) == {"usd": (0, 0)}
    assert client.v1.charges.retrieve(charge.id).refunded is False
    rest = client.v1.refunds.create({"charge": charge.id})
    assert rest.amount == 1480 and rest.status == "pending"
    assert code_of(lambda: client.v1.refunds.create({"charge": charge.id})) == "charge_already_refunded"
    assert len(client.v1.refunds.list({"charge": charge.id}).data) == 3


def test_a_refund_that_fails_later_comes_back(simulator: Simulator, client: Any, paid: Any) -> None:
    charge = paid()
    simulator.control("make_available")
    refund = client.v1.refunds.create({"charge": charge.id})
    # The fee is the platform's loss: the balance does not cover the whole charge.
    assert refund.status == "pending"
    simulator.control("top_up", amount=1480, currency="usd")
    assert client.v1.refunds.retrieve(refund.id).status == "succeeded"
    failed = simulator.control("fail_refund", refund=refund.id)
    assert failed["status"] == "failed" and failed["failure_balance_transaction"]
    assert balance(client) == {"usd": (50_000, 0)}
    assert client.v1.charges.retrieve(charge.id).amount_refunded == 0
    types = {e.type for e in client.v1.events.list({"types": ["refund.*", "charge.refunded"]}).data}
    assert types == {"refund.created", "refund.updated", "refund.failed", "charge.refunded"}


@pytest.mark.parametrize(
    ("control", "status", "charge"),
    [("settle_async", "paid", "succeeded"), ("fail_async", "unpaid", "failed")],
)
def test_a_bank_debit_completes_unpaid_and_ends_later(
    simulator: Simulator, client: Any, control: str, status: str, charge: str
) -> None:
    session = client.v1.checkout.sessions.create(checkout())
    simulator.pay(session.id, "bank")
    found = client.v1.checkout.sessions.retrieve(session.id)
    assert (found.status, found.payment_status) == ("complete", "unpaid")
    assert balance(client) == {"usd": (0, 0)}
    simulator.control(control, session=session.id)
    found = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent.latest_charge"]})
    assert (found.payment_status, found.payment_intent.latest_charge.status) == (status, charge)
    newest = client.v1.events.list().data[0].type
    assert newest == f"checkout.session.async_payment_{'succeeded' if status == 'paid' else 'failed'}"


def test_a_bank_debit_arrives_by_the_clock(simulator: Simulator, client: Any) -> None:
    session = client.v1.checkout.sessions.create(checkout())
    simulator.pay(session.id, "bank")
    simulator.control("move_clock", seconds=4 * 24 * 3600)
    assert client.v1.checkout.sessions.retrieve(session.id).payment_status == "paid"


def test_a_session_expires_by_the_clock_and_by_request(simulator: Simulator, client: Any) -> None:
    first, second = (client.v1.checkout.sessions.create(checkout()) for _ in range(2))
    assert client.v1.checkout.sessions.expire(first.id).status == "expired"
    code_of(lambda: client.v1.checkout.sessions.expire(first.id))
    simulator.control("move_clock", seconds=24 * 3600)
    assert client.v1.checkout.sessions.retrieve(second.id).status == "expired"
    assert len(client.v1.events.list({"type": "checkout.session.expired"}).data) == 2


def test_payouts_leave_and_say_what_they_were_made_of(simulator: Simulator, client: Any, paid: Any) -> None:
    charge, account = paid(), simulator.active_account()
    transfer(client, account, 30_000, charge)
    simulator.control("make_available")
    (payout,) = simulator.control("sweep")["payouts"]
    assert payout["amount"] == 18_520 and payout["automatic"] is True
    listed = client.v1.balance_transactions.list({"payout": payout["id"]}).data
    assert {entry.type for entry in listed} == {"charge", "transfer", "payout"}
    assert sum(entry.net for entry in listed) == 0
    own = client.v1.payouts.create({"amount": 10_000, "currency": "usd"}, {"stripe_account": account})
    assert own.status == "in_transit"
    simulator.control("move_clock", seconds=2 * 24 * 3600)
    assert client.v1.payouts.retrieve(own.id, {}, {"stripe_account": account}).status == "paid"
    assert (
        client.v1.events.list({"type": "payout.paid"}, {"stripe_account": account}).data[0].account == account
    )
    simulator.control("fail_payout", payout=own.id)
    assert balance(client, stripe_account=account) == {"usd": (30_000, 0)}


def test_lists_are_paged_by_cursor_in_both_directions(simulator: Simulator, client: Any) -> None:
    account = simulator.active_account()
    simulator.control("top_up", amount=10_000, currency="usd")
    made = [transfer(client, account, 100 + n, transfer_group=f"g{n % 2}").id for n in range(7)][::-1]
    assert [t.id for t in client.v1.transfers.list({"limit": 3}).auto_paging_iter()] == made
    second = client.v1.transfers.list({"limit": 3, "starting_after": made[2]})
    assert [t.id for t in second.data] == made[3:6] and second.has_more
    before = client.v1.transfers.list({"limit": 2, "ending_before": made[3]})
    assert [t.id for t in before.data] == made[1:3] and before.has_more
    assert len(client.v1.transfers.list({"transfer_group": "g1"}).data) == 3


@pytest.mark.parametrize("seed", range(4))
def test_no_sequence_of_calls_makes_or_loses_money(
    simulator: Simulator, client: Any, paid: Any, seed: int
) -> None:
    dice = random.Random(seed)
    accounts = [simulator.active_account() for _ in range(2)]
    charges, transfers, refunds = [paid(dice.randint(100, 90_000))], [], []

    def step(what: str, amount: int) -> None:
        if what == "pay":
            charges.append(paid(amount + 50))
        elif what == "send":
            charge = dice.choice([None, *charges])
            transfers.append(transfer(client, dice.choice(accounts), amount, charge).id)
        elif what == "reverse":
            client.v1.transfers.reversals.create(dice.choice(transfers or ["tr_none"]), {"amount": amount})
        elif what == "refund":
            refunds.append(client.v1.refunds.create({"charge": dice.choice(charges).id, "amount": amount}).id)
        elif what == "fail":
            simulator.control("fail_refund", refund=refunds.pop() if refunds else "re_none")
        elif what == "clock":
            simulator.control("move_clock", seconds=dice.choice([3600, 2 * 24 * 3600]))
        elif what == "sweep":
            owner = dice.choice([{}, *({"account": account} for account in accounts)])
            simulator.control("sweep", **owner)
        else:
            simulator.control("top_up", amount=amount, currency="usd")

    happenings = ["pay", "send", "send", "send", "reverse", "refund", "fail", "clock", "sweep", "fund"]
    for _ in range(40):
        try:
            step(dice.choice(happenings), dice.randint(1, 30_000))
        except (stripe.InvalidRequestError, ControlRefused):
            continue  # refusals are part of it; anything else is not
    state = simulator.state()
    assert state["wrong"] == []
    for account in accounts:
        both = state["balances"].get(account, {}).get("usd", {"available": 0, "pending": 0})
        assert both["available"] + both["pending"] >= 0
        assert both["available"] >= 0
    for owner in (None, *accounts):
        options = {"stripe_account": owner} if owner else {}
        entries = list(client.v1.balance_transactions.list({"limit": 100}, options).auto_paging_iter())
        available, pending = balance(client, **options).get("usd", (0, 0))
        assert sum(entry.net for entry in entries) == available + pending
    for charge in charges:
        sent = [t for t in client.v1.transfers.list({"limit": 100}).data if t.source_transaction == charge.id]
        assert sum(t.amount - t.amount_reversed for t in sent) <= charge.amount
        assert client.v1.charges.retrieve(charge.id).amount_refunded <= charge.amount


def test_many_at_once_cannot_spend_a_balance_or_a_charge_twice(simulator: Simulator, paid: Any) -> None:
    account, charge = simulator.active_account(), paid(3000)
    simulator.control("top_up", amount=3000, currency="usd")
    together = threading.Barrier(8)

    def send(source: Any) -> bool:
        client = simulator.client()
        together.wait()
        try:
            transfer(client, account, 1000, source)
        except stripe.InvalidRequestError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(send, [None] * 8)) == 3
        assert sum(threads.map(send, [charge] * 8)) == 3
