"""The events of an internship's money, from the payer's transfer to the last return."""

from __future__ import annotations

import pytest

from tests.ledger import reading
from tests.ledger.booking import (
    AWARD,
    BANK,
    FEE,
    FINANCE,
    FLYING,
    FUNDS,
    RETURNING,
    award,
    claim,
    fund,
    standing,
)
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions import booking as ledger_booking
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.actions.booking import BooksError, NotEnoughMoney
from webapp.ledger.checks import check_books
from webapp.ledger.models import asset_of, credit, debit, platform_fee

pytestmark = pytest.mark.usefixtures("books")


def test_a_funding_belongs_to_the_internship_and_the_fee_to_the_platform() -> None:
    booked = fund()
    assert standing() == {BANK: 5_500, FUNDS: 5_000, FEE: 500}
    assert (booked.actor_id, booked.reference, booked.kind) == (7, "F-1", "funding")
    assert check_books() == []


def test_a_whole_internship_leaves_only_the_fee_in_the_bank() -> None:
    fund()
    award(3_000)
    with unit_of_work():
        claim(3_000)
    assert standing() == {BANK: 5_500, FUNDS: 2_000, FLYING: 3_000, FEE: 500}
    with unit_of_work():
        ledger_events.confirm_transfer("po-1-a1", actor=FINANCE, reference="BANK-77")
        ledger_events.claim_refund("po-2-a1", internship_id=1, amount=2_000, currency="USD", actor=FINANCE)
    assert standing() == {BANK: 2_500, RETURNING: 2_000, FEE: 500}
    with unit_of_work():
        ledger_events.confirm_refund("po-2-a1", actor=FINANCE, reference="BANK-78")
    assert standing() == {BANK: 500, FEE: 500}
    assert reading.balances_of_internship(1) == {FUNDS: 0, AWARD: 0}
    assert check_books() == []


def test_an_unmatched_funding_goes_back_with_its_fee() -> None:
    fund()
    with unit_of_work():
        ledger_events.claim_refund("r", internship_id=1, amount=5_000, fee=500, currency="USD", actor=FINANCE)
    assert standing() == {BANK: 5_500, RETURNING: 5_500}
    with unit_of_work():
        ledger_events.void_refund("r", actor=FINANCE)
    assert standing() == {BANK: 5_500, FUNDS: 5_000, FEE: 500}
    with unit_of_work():
        ledger_events.claim_refund(
            "r2", internship_id=1, amount=5_000, fee=500, currency="USD", actor=FINANCE
        )
        ledger_events.confirm_refund("r2", actor=FINANCE)
    assert standing() == {}
    assert check_books() == []


@pytest.mark.fault(27)
def test_more_than_was_funded_cannot_be_awarded() -> None:
    fund()
    with unit_of_work():
        with pytest.raises(NotEnoughMoney) as caught:
            ledger_events.award("b", internship_id=1, payee_id=5, amount=5_001, currency="USD", actor=SYSTEM)
        assert caught.value.status == 409
        ledger_events.award("c", internship_id=1, payee_id=5, amount=5_000, currency="USD", actor=SYSTEM)
    assert standing() == {BANK: 5_500, AWARD: 5_000, FEE: 500}


@pytest.mark.fault(28)
def test_transfers_and_returns_together_never_exceed_what_was_funded() -> None:
    fund()
    award(3_000)
    with pytest.raises(NotEnoughMoney), unit_of_work():
        ledger_events.claim_refund("r", internship_id=1, amount=2_001, currency="USD", actor=FINANCE)
    with unit_of_work():
        ledger_events.claim_refund("r", internship_id=1, amount=1_500, currency="USD", actor=FINANCE)
    with pytest.raises(NotEnoughMoney), unit_of_work():
        ledger_events.claim_refund("r2", internship_id=1, amount=501, currency="USD", actor=FINANCE)
    assert standing() == {BANK: 5_500, FUNDS: 500, AWARD: 3_000, RETURNING: 1_500, FEE: 500}


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_and_less_than_nothing_is_never_booked(amount: int) -> None:
    fund()
    with pytest.raises(BooksError):
        ledger_events.award("z", internship_id=1, payee_id=5, amount=amount, currency="USD", actor=SYSTEM)
    with pytest.raises(BooksError):
        claim(amount)


def test_legs_that_do_not_balance_are_refused_before_the_database_sees_them() -> None:
    with pytest.raises(BooksError, match="does not balance"):
        ledger_booking.book(
            "x", "test", [debit(asset_of("manual", "USD"), 5), credit(platform_fee("EUR"), 5)], actor=SYSTEM
        )
    with pytest.raises(BooksError, match="two legs"):
        ledger_booking.book("x", "test", [debit(asset_of("manual", "USD"), 0)], actor=SYSTEM)


def test_an_internship_has_one_currency() -> None:
    fund()
    with pytest.raises(BooksError, match="another one"), unit_of_work():
        ledger_events.receive_funding(2, internship_id=1, cap=5, fee=0, currency="EUR", actor=FINANCE)


def test_money_that_matches_nothing_is_owed_until_its_place_is_found() -> None:
    with unit_of_work():
        ledger_events.receive_unapplied("bank-line-9", amount=700, currency="USD", actor=FINANCE)
    assert ledger_queries.balance("liab:unapplied:USD") == 700
    assert check_books() == []


def test_the_two_rails_lie_on_two_accounts() -> None:
    with unit_of_work():
        ledger_events.receive_funding(
            2, internship_id=2, cap=1_000, fee=0, currency="USD", actor=SYSTEM, rail="stripe"
        )
    assert ledger_queries.balance("asset:stripe:USD") == 1_000
    assert ledger_queries.balance(BANK) == 0
