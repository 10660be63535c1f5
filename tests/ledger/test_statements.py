"""What the books tell: statements of an account, the trial balance, the journals of an internship."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.ledger import reading
from tests.ledger.booking import AWARD, BANK, FEE, FINANCE, FUNDS, award, claim, fund
from webapp.core.database.pages import Page
from webapp.core.database.transactions import unit_of_work
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions import events as ledger_events

pytestmark = pytest.mark.usefixtures("books")


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
    for number in range(60):
        fund_again(number)
    first = statement(BANK)
    second = statement(BANK, first.after)
    third = statement(BANK, second.after)
    assert [(len(one.rows), one.total) for one in (first, second, third)] == [(25, 60), (25, 60), (10, 60)]
    lines = [*first.rows, *second.rows, *third.rows]
    assert [line.running for line in lines] == [5_500 * number for number in range(60, 0, -1)]
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
