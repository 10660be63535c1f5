"""The events of an internship's money, from the payer's transfer to the last return."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest
from flask import Flask

from tests.ledger import reading
from webapp.core.database.base import db
from webapp.core.database.pages import Page
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions import booking as ledger_booking
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.actions.booking import BooksError, NotEnoughMoney
from webapp.ledger.checks import check_books
from webapp.ledger.models import (
    Entry,
    Journal,
    asset_of,
    credit,
    debit,
    intern_award,
    internship_funds,
    platform_fee,
)

pytestmark = pytest.mark.usefixtures("books")


class Finance:
    """The person who books."""

    id = 7


FINANCE = Finance()
BANK = "asset:bank:USD"
FEE = "inc:platform_fee:USD"
FUNDS = "liab:internship:1"
AWARD = "liab:intern:5:1"
FLYING = "liab:transfer_in_flight:USD"
RETURNING = "liab:refund_in_flight:USD"


def fund(cap: int = 5_000, fee: int = 500) -> Journal:
    with unit_of_work():
        return ledger_events.receive_funding(
            1, internship_id=1, cap=cap, fee=fee, currency="USD", actor=FINANCE, reference="F-1"
        )


def award(amount: int, key: str = "a") -> None:
    with unit_of_work():
        ledger_events.award(key, internship_id=1, payee_id=5, amount=amount, currency="USD", actor=SYSTEM)


def claim(amount: int, key: str = "po-1-a1") -> Journal:
    return ledger_events.claim_transfer(
        key, internship_id=1, payee_id=5, amount=amount, currency="USD", actor=FINANCE
    )


def standing() -> dict[str, int]:
    codes = (BANK, FEE, FUNDS, AWARD, FLYING, RETURNING)
    return {code: ledger_queries.balance(code) for code in codes if ledger_queries.balance(code)}


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


def test_a_journal_is_undone_by_its_mirror_once() -> None:
    booked = fund()
    with unit_of_work():
        undone = ledger_booking.reverse(booked, actor=FINANCE, memo="typing_error")
        assert ledger_booking.reverse(booked, actor=FINANCE).id == undone.id
    assert standing() == {}
    with pytest.raises(BooksError, match="ended"):
        fund()
    assert check_books() == []


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


def test_a_statement_runs_to_the_balance_with_both_dates() -> None:
    happened = datetime(2026, 3, 1, 9, tzinfo=UTC)
    fund()
    award(3_000)
    with unit_of_work():
        claim(3_000)
        ledger_events.confirm_transfer("po-1-a1", actor=FINANCE, occurred_at=happened, reference="BANK-77")
    lines = statement(BANK).rows
    assert [(line.amount, line.running) for line in lines] == [(-3_000, 2_500), (5_500, 5_500)]
    assert lines[0].occurred_at == happened
    assert lines[0].booked_at > happened
    assert lines[0].reference == "BANK-77"
    assert [(line.amount, line.running) for line in statement(FUNDS).rows] == [
        (-3_000, 2_000),
        (5_000, 5_000),
    ]
    assert ledger_queries.account("asset:bank:EUR") is None


def statement(code: str, before: int | None = None) -> Page[ledger_queries.StatementLine]:
    """A page of what was booked on an account."""
    account = ledger_queries.account(code)
    assert account is not None
    return ledger_queries.statement(account, before)


def test_a_long_statement_goes_on_where_its_page_ends_with_the_same_balances() -> None:
    for number in range(120):
        fund_again(number)
    first = statement(BANK)
    second = statement(BANK, first.after)
    third = statement(BANK, second.after)
    assert [(len(one.rows), one.total) for one in (first, second, third)] == [(50, 120), (50, 120), (20, 120)]
    lines = [*first.rows, *second.rows, *third.rows]
    assert [line.running for line in lines] == [5_500 * number for number in range(120, 0, -1)]
    assert third.after is None


def fund_again(number: int) -> None:
    with unit_of_work():
        ledger_events.receive_funding(
            100 + number, internship_id=7, cap=5_000, fee=500, currency="USD", actor=FINANCE
        )


def test_the_trial_balance_has_two_equal_sides_in_each_currency() -> None:
    fund()
    award(3_000)
    with unit_of_work():
        ledger_events.receive_funding(9, internship_id=9, cap=900, fee=0, currency="EUR", actor=FINANCE)
    trial = {one.currency: one for one in ledger_queries.trial_balances()}
    assert set(trial) == {"USD", "EUR"}
    assert trial["USD"].debits == trial["USD"].credits == 8_500
    assert {row.code: row.balance for row in trial["USD"].rows} == {
        BANK: 5_500,
        FEE: 500,
        FUNDS: 2_000,
        AWARD: 3_000,
    }
    assert ledger_queries.trial_balances(before=datetime(2000, 1, 1, tzinfo=UTC)) == ()


def test_the_journals_of_an_internship_are_all_that_touched_its_money() -> None:
    fund()
    award(3_000)
    with unit_of_work():
        claim(3_000)
        ledger_events.confirm_transfer("po-1-a1", actor=FINANCE)
        ledger_events.receive_funding(9, internship_id=9, cap=900, fee=0, currency="USD", actor=FINANCE)
    told = [journal.uid for journal in reading.journals_of_internship(1)]
    assert told == ["funding:1", "award:a", "out:po-1-a1", "ok:po-1-a1"]
    found = ledger_queries.journal("award:a")
    assert found is not None
    assert {entry.account.code: entry.amount for entry in found.entries} == {FUNDS: 3_000, AWARD: -3_000}


@pytest.mark.fault(13)
def test_twenty_who_spend_3000_of_5000_at_once_are_one_who_did(books: Flask) -> None:
    fund()
    award(5_000)
    start = threading.Barrier(20)
    outcomes: list[str] = []

    def spend(number: int) -> None:
        with books.app_context():
            start.wait()
            try:
                with unit_of_work():
                    claim(3_000, f"po-{number}-a1")
                outcomes.append("paid")
            except NotEnoughMoney:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=spend, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.session.rollback()
    assert sorted(outcomes) == ["paid"] + ["refused"] * 19
    assert standing() == {BANK: 5_500, AWARD: 2_000, FLYING: 3_000, FEE: 500}
    assert check_books() == []


@pytest.mark.fault(13)
def test_twenty_who_tell_one_event_at_once_book_it_once(books: Flask) -> None:
    start = threading.Barrier(20)
    ids: set[int] = set()

    def tell() -> None:
        with books.app_context():
            start.wait()
            ids.add(fund().id)
            db.session.remove()

    threads = [threading.Thread(target=tell) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(ids) == 1
    assert standing() == {BANK: 5_500, FUNDS: 5_000, FEE: 500}


def test_entries_stand_in_the_order_of_accounts_so_that_nobody_waits_in_a_circle() -> None:
    fund()
    with unit_of_work():
        booked = ledger_booking.book(
            "order",
            "test",
            [debit(internship_funds(1, "USD"), 5), credit(intern_award(5, 1, "USD"), 5)],
            actor=SYSTEM,
        )
        accounts = [entry.account_id for entry in booked.entries]
    assert accounts == sorted(accounts)
    assert db.session.query(Entry).filter_by(journal_id=booked.id).count() == 2


@pytest.mark.fault(13)
def test_money_that_crosses_between_two_internships_never_waits_in_a_circle(books: Flask) -> None:
    fund()
    with unit_of_work():
        ledger_events.receive_funding(2, internship_id=2, cap=5_000, fee=0, currency="USD", actor=FINANCE)
    start = threading.Barrier(16)
    booked: list[int] = []

    def cross(number: int) -> None:
        there, back = (1, 2) if number % 2 else (2, 1)
        with books.app_context():
            start.wait()
            for turn in range(5):
                with unit_of_work():
                    legs = [
                        debit(internship_funds(there, "USD"), 10),
                        credit(internship_funds(back, "USD"), 10),
                    ]
                    booked.append(
                        ledger_booking.book(f"cross:{number}:{turn}", "test", legs, actor=SYSTEM).id
                    )
            db.session.remove()

    threads = [threading.Thread(target=cross, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(booked)) == 80
    assert ledger_queries.balance("liab:internship:1") == ledger_queries.balance("liab:internship:2") == 5_000
    assert check_books() == []
