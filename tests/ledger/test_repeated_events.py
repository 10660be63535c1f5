"""An event that is told twice, or after another outcome: it is booked once."""

from __future__ import annotations

import pytest

from tests.ledger.booking import AWARD, BANK, FEE, FINANCE, FLYING, FUNDS, award, claim, fund, standing
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.ledger.actions import booking as ledger_booking
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.actions.booking import BooksError
from webapp.ledger.checks import check_books
from webapp.ledger.models import Journal, asset_of, credit, debit, internship_funds, platform_fee

pytestmark = pytest.mark.usefixtures("books")


def test_a_transfer_that_surely_failed_can_be_claimed_again_under_another_key() -> None:
    fund()
    award(3_000)
    with unit_of_work():
        claim(3_000)
        ledger_events.void_transfer("po-1-a1", actor=FINANCE, memo="account_closed")
    assert standing() == {BANK: 5_500, FUNDS: 2_000, AWARD: 3_000, FEE: 500}
    with unit_of_work():
        claim(3_000, "po-1-a2")
    assert standing()[FLYING] == 3_000
    assert check_books() == []


def test_a_voided_key_never_takes_money_in_hand_again() -> None:
    fund()
    award(3_000)
    with unit_of_work():
        claim(3_000)
        ledger_events.void_transfer("po-1-a1", actor=FINANCE)
    with pytest.raises(BooksError), unit_of_work():
        claim(3_000)
    assert standing()[AWARD] == 3_000


@pytest.mark.parametrize("first", [ledger_events.confirm_transfer, ledger_events.void_transfer])
def test_a_claim_has_one_outcome(first: object) -> None:
    fund()
    award(3_000)
    with unit_of_work():
        claim(3_000)
        first("po-1-a1", actor=FINANCE)  # type: ignore[operator]
    second = (
        ledger_events.void_transfer
        if first is ledger_events.confirm_transfer
        else ledger_events.confirm_transfer
    )
    before = standing()
    with pytest.raises(BooksError, match="resolved before"), unit_of_work():
        second("po-1-a1", actor=FINANCE)
    assert standing() == before


def test_what_was_never_claimed_cannot_be_confirmed() -> None:
    with pytest.raises(BooksError, match="no claim"):
        ledger_events.confirm_transfer("nobody", actor=FINANCE)


def test_telling_an_event_twice_books_it_once() -> None:
    assert fund().id == fund().id
    award(3_000)
    award(3_000)
    with unit_of_work():
        assert claim(3_000).id == claim(3_000).id
        first = ledger_events.confirm_transfer("po-1-a1", actor=FINANCE)
        assert ledger_events.confirm_transfer("po-1-a1", actor=FINANCE).id == first.id
    assert db.session.query(Journal).count() == 4
    assert standing() == {BANK: 2_500, FUNDS: 2_000, FEE: 500}


@pytest.mark.fault(12)
def test_telling_an_event_differently_raises_the_alarm() -> None:
    fund()
    with pytest.raises(BooksError, match="other legs"):
        fund(cap=5_001)
    with pytest.raises(BooksError, match="other legs"), unit_of_work():
        ledger_booking.book(
            "funding:1",
            "something else",
            [
                debit(asset_of("manual", "USD"), 5_500),
                credit(internship_funds(1, "USD"), 5_000),
                credit(platform_fee("USD"), 500),
            ],
            actor=FINANCE,
        )
    assert standing() == {BANK: 5_500, FUNDS: 5_000, FEE: 500}


def test_a_journal_is_undone_by_its_mirror_once() -> None:
    booked = fund()
    with unit_of_work():
        undone = ledger_booking.reverse(booked, actor=FINANCE, memo="typing_error")
        assert ledger_booking.reverse(booked, actor=FINANCE).id == undone.id
    assert standing() == {}
    with pytest.raises(BooksError, match="ended"):
        fund()
    assert check_books() == []
