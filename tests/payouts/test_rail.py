"""The manual rail: money comes in, is kept, goes out by two people, and the books hold after every step."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from tests.support import rail
from tests.support.rail import BASE, FEE, POT, TOTAL
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings.actions import transfers as funding_transfers
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions.booking import NotEnoughMoney
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import returns as payout_returns
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.models import Payout, PayoutPart


def _balance(money: rail.Rail, code: str) -> int:
    with money.app.app_context(), unit_of_work():
        return ledger_queries.balance(code)


def _moves(money: rail.Rail, kind: str, thing_id: int) -> list[str]:
    with money.app.app_context(), unit_of_work():
        return [entry.move for entry in history.of_subject(kind, thing_id)]


@pytest.mark.move("funding.begin")
@pytest.mark.move("funding.secure")
@pytest.mark.move("funding.settle")
@pytest.mark.move("payout.fall_due")
@pytest.mark.move("payout.approve")
@pytest.mark.move("payout.release")
@pytest.mark.move("payout.confirm")
def test_money_goes_in_and_out_until_nothing_of_it_is_left(app: Flask) -> None:
    money = rail.matched(app)
    with money.step():
        funding_transfers.mark_paid_by_payer(money.funding, actor=money.person("owner"), version=1)
    money.receive()
    assert money.state() == ("matched", "secured")
    assert _balance(money, "asset:bank:USD") == TOTAL
    assert _balance(money, f"liab:internship:{money.internship_id}") == BASE + POT
    assert _balance(money, "inc:platform_fee:USD") == FEE

    money.name_account()
    money.fix(26_500)
    assert money.state() == ("reviewed", "secured")
    money.approve()
    money.release()
    assert _balance(money, "liab:transfer_in_flight:USD") == 26_500
    money.confirm()
    assert money.state() == ("paid", "secured")
    assert _balance(money, "asset:bank:USD") == TOTAL - 26_500

    money.return_remainder()
    money.pay("refund")
    assert money.state() == ("paid", "settled")
    with app.app_context(), unit_of_work():
        (trial,) = ledger_queries.trial_balances()
        assert trial.debits == trial.credits
        left = {row.code: row.balance for row in trial.rows if row.balance}
    assert left == {"asset:bank:USD": FEE, "inc:platform_fee:USD": FEE}
    assert _moves(money, "funding", money.funding_id) == ["create", "begin", "receipt", "secure", "settle"]


def test_the_funding_stays_open_while_a_return_is_still_on_its_way(app: Flask) -> None:
    money = rail.due(app)
    money.return_remainder()
    money.approve("refund")
    money.release("refund")
    money.pay("base")
    assert money.state() == ("paid", "secured")
    money.confirm("refund", reference="OUT-2")
    assert money.state() == ("paid", "settled")


def test_a_remainder_is_returned_once(app: Flask) -> None:
    money = rail.due(app)
    money.return_remainder()
    money.return_remainder()
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == BASE + POT - 26_500
    assert money.count("payout") == 2


@pytest.mark.fault(25)
def test_a_result_of_nothing_settles_without_a_transfer(app: Flask) -> None:
    money = rail.secured(app)
    money.fix(0)
    assert money.state() == ("paid", "secured")
    assert money.count("payout") == 0
    money.return_remainder()
    money.pay("refund")
    assert money.state() == ("paid", "settled")
    assert money.count("attempt") == 1  # the return's; none for the intern
    assert _balance(money, f"liab:internship:{money.internship_id}") == 0


def test_the_whole_cap_leaves_no_remainder_and_settles_with_the_payment(app: Flask) -> None:
    money = rail.due(app, award=BASE + POT)
    money.return_remainder()
    assert money.count("payout") == 1
    money.pay("base")
    assert money.state() == ("paid", "settled")


@pytest.mark.move("funding.refund")
@pytest.mark.move("internship.unmatch")
def test_a_secured_funding_goes_back_fee_included_when_the_match_ends(app: Flask) -> None:
    money = rail.secured(app)
    money.unmatch()
    assert money.state() == ("posted", "refunded")
    with app.app_context(), unit_of_work():
        refund = money.payout("refund")
        assert (refund.amount, refund.includes_fee) == (TOTAL, FEE)
    money.pay("refund")
    for code in ("asset:bank:USD", "inc:platform_fee:USD", f"liab:internship:{money.internship_id}"):
        assert _balance(money, code) == 0


@pytest.mark.move("funding.cancel")
def test_money_that_arrives_for_a_match_that_is_over_is_secured_and_at_once_returned(app: Flask) -> None:
    money = rail.matched(app)
    money.unmatch()
    assert money.state() == ("posted", "void")
    money.receive()
    assert money.state() == ("posted", "refunded")
    assert _moves(money, "funding", money.funding_id)[-3:] == ["receipt", "secure", "refund"]
    money.pay("refund")
    assert _balance(money, "asset:bank:USD") == 0
    assert _balance(money, "inc:platform_fee:USD") == 0


def test_a_part_that_had_arrived_goes_back_when_the_match_ends(app: Flask) -> None:
    money = rail.matched(app)
    money.receive(10_000)
    money.unmatch()
    assert money.state() == ("posted", "void")
    with app.app_context(), unit_of_work():
        refund = money.payout("refund")
        assert (refund.amount, refund.includes_fee) == (10_000, 0)
    money.pay("refund")
    assert _balance(money, "liab:unapplied:USD") == 0
    assert _balance(money, "asset:bank:USD") == 0


def test_parts_that_arrive_after_the_match_ended_go_back_one_by_one(app: Flask) -> None:
    money = rail.matched(app)
    money.unmatch()
    money.receive(10_000, reference="A")
    money.receive(TOTAL, reference="B")
    assert money.state() == ("posted", "void")
    assert money.count("payout") == 2
    assert _balance(money, "liab:unapplied:USD") == 0
    assert _balance(money, f"liab:internship:{money.internship_id}") == 10_000 + TOTAL


@pytest.mark.move("payout.fail")
def test_a_refused_transfer_is_due_again_and_the_next_attempt_has_a_fresh_key(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    money.release()
    with money.step():
        payout = money.payout()
        payout_sending.fail(
            payout, actor=money.person("first"), version=payout.version, reason="Account closed."
        )
        assert (payout.state, payout.approved_by_id, payout.released_by_id) == ("due", None, None)
        assert payout.destination is None
    assert _balance(money, f"liab:intern:{money.intern_id}:{money.internship_id}") == 26_500
    money.pay("base")
    with app.app_context(), unit_of_work():
        first, second = money.attempts()
        assert (first.number, first.state, second.number, second.state) == (1, "rejected", 2, "succeeded")
        assert first.key != second.key
        assert first.reason == "Account closed."
    assert money.state() == ("paid", "secured")


def test_a_result_falls_due_once_even_where_the_money_would_last_for_two(app: Flask) -> None:
    money = rail.due(app, award=10_000)
    with app.app_context(), pytest.raises(IntegrityError, match="uq_payout_intern"), unit_of_work():
        payout_returns.fall_due(money.internship, actor=SYSTEM)
    assert money.count("payout") == 1
    money.check()


@pytest.mark.fault(28)
def test_returns_and_payments_together_never_exceed_what_came_in(app: Flask) -> None:
    money = rail.due(app)
    money.return_remainder()
    money.approve("refund")
    money.release("refund")
    assert _balance(money, "liab:refund_in_flight:USD") == BASE + POT - 26_500
    with money.step():  # a second return that no step of ours would make
        first = money.payout("refund")
        again = Payout(
            internship_id=first.internship_id,
            payer_id=first.payer_id,
            type="refund",
            number=2,
            currency="USD",
            amount=1,
            due_at=first.due_at,
        )
        again.parts = [PayoutPart(funding_id=money.funding_id, amount=1)]
        lifecycle.begin(again, actor=SYSTEM)
        payout_approval.approve(again, actor=money.person("first"), version=1)
        again_id = again.id
    with app.app_context(), pytest.raises(NotEnoughMoney), unit_of_work():
        again = db.session.get_one(Payout, again_id)
        payout_sending.release(again, actor=money.person("second"), version=2)
    assert money.count("attempt") == 1
    money.check()


def test_a_return_that_the_bank_refused_is_owed_to_the_payer_until_it_succeeds(app: Flask) -> None:
    money = rail.secured(app)
    money.unmatch()
    money.approve("refund")
    money.release("refund")
    with money.step():
        payout = money.payout("refund")
        payout_sending.fail(payout, actor=money.person("first"), version=payout.version, reason="Wrong name.")
    assert _balance(money, f"liab:internship:{money.internship_id}") == BASE + POT
    assert _balance(money, "inc:platform_fee:USD") == FEE
    money.pay("refund")
    assert _balance(money, "asset:bank:USD") == 0


def test_the_smallest_result_is_paid_like_any_other(app: Flask) -> None:
    money = rail.due(app, award=1)
    money.pay("base")
    money.return_remainder()
    money.pay("refund")
    assert money.state() == ("paid", "settled")
    assert _balance(money, "asset:bank:USD") == FEE
