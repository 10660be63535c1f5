"""What the database itself refuses, asked past all Python: as the app's role and as the owner."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import errors as pg

from tests.support.postgres import TestDatabase

Sql = psycopg.Connection[tuple[object, ...]]
JOURNAL = "INSERT INTO journal (uid, kind, legs, occurred_at) VALUES (%s, 'test', %s, now()) RETURNING id"
ENTRY = "INSERT INTO entry (journal_id, account_id, currency, amount) VALUES (%s, %s, %s, %s)"


@pytest.fixture(params=["app", "owner"])
def sql(request: pytest.FixtureRequest, database: TestDatabase) -> Iterator[Sql]:
    """A raw connection on books with one journal in them, as each of the two roles."""
    url = database.app_url if request.param == "app" else database.owner_url
    with psycopg.connect(url) as connection:
        bank, fee, spent = (account(connection, *row) for row in ACCOUNTS)
        booked = journal(connection, "first", 3)
        for line, amount in ((bank, 5_500), (fee, -500), (spent, -5_000)):
            connection.execute(ENTRY, [booked, line, "USD", amount])
        connection.commit()
        yield connection
        connection.rollback()


ACCOUNTS = (
    ("asset:bank:USD", "asset", None),
    ("inc:platform_fee:USD", "income", None),
    ("liab:internship:1", "liability", 0),
)


def account(connection: Sql, code: str, kind: str, minimum: int | None) -> int:
    row = connection.execute(
        "INSERT INTO account (code, kind, currency, min_balance) VALUES (%s, %s, 'USD', %s) RETURNING id",
        [code, kind, minimum],
    ).fetchone()
    assert row
    return int(str(row[0]))


def journal(connection: Sql, uid: str, legs: int) -> int:
    row = connection.execute(JOURNAL, [uid, legs]).fetchone()
    assert row
    return int(str(row[0]))


def named(connection: Sql, code: str) -> int:
    row = connection.execute("SELECT id FROM account WHERE code = %s", [code]).fetchone()
    assert row
    return int(str(row[0]))


def stored(connection: Sql) -> int:
    row = connection.execute("SELECT credit FROM balance").fetchone()
    assert row
    return int(str(row[0]))


def test_a_journal_that_does_not_sum_to_zero_is_refused_at_commit(sql: Sql) -> None:
    booked = journal(sql, "off", 2)
    sql.execute(ENTRY, [booked, named(sql, "asset:bank:USD"), "USD", 100])
    sql.execute(ENTRY, [booked, named(sql, "liab:internship:1"), "USD", -99])
    with pytest.raises(pg.CheckViolation, match="does not balance: USD 1"):
        sql.commit()
    sql.rollback()
    assert stored(sql) == 5_000


def test_a_journal_without_its_legs_is_refused_at_commit(sql: Sql) -> None:
    journal(sql, "empty", 2)
    with pytest.raises(pg.CheckViolation, match="has 0 legs and says 2"):
        sql.commit()


def test_a_journal_of_one_leg_is_refused(sql: Sql) -> None:
    with pytest.raises(pg.CheckViolation):
        journal(sql, "single", 1)


def test_a_leg_cannot_be_added_to_a_journal_that_stands(sql: Sql) -> None:
    sql.execute(ENTRY, [1, named(sql, "liab:internship:1"), "USD", -1])
    with pytest.raises(pg.CheckViolation, match="has 4 legs and says 3"):
        sql.commit()


def test_even_a_balanced_pair_cannot_be_added_to_a_journal_that_stands(sql: Sql) -> None:
    sql.execute(ENTRY, [1, named(sql, "asset:bank:USD"), "USD", 7])
    sql.execute(ENTRY, [1, named(sql, "liab:internship:1"), "USD", -7])
    with pytest.raises(pg.CheckViolation, match="has 5 legs and says 3"):
        sql.commit()


def test_checking_at_once_instead_of_at_commit_lets_nothing_through(sql: Sql) -> None:
    sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(pg.CheckViolation):
        sql.execute(ENTRY, [1, named(sql, "liab:internship:1"), "USD", -1])


def test_two_currencies_must_each_sum_to_zero(sql: Sql) -> None:
    euro = sql.execute(
        "INSERT INTO account (code, kind, currency) VALUES ('asset:bank:EUR', 'asset', 'EUR') RETURNING id"
    ).fetchone()
    assert euro
    booked = journal(sql, "mixed", 2)
    sql.execute(ENTRY, [booked, euro[0], "EUR", 100])
    sql.execute(ENTRY, [booked, named(sql, "liab:internship:1"), "USD", -100])
    with pytest.raises(pg.CheckViolation, match="does not balance"):
        sql.commit()


def test_a_leg_in_another_currency_than_its_account_is_refused(sql: Sql) -> None:
    with pytest.raises(pg.ForeignKeyViolation):
        sql.execute(ENTRY, [1, named(sql, "asset:bank:USD"), "EUR", 5])


@pytest.mark.parametrize("amount", [0, 10**17, -(10**17)])
@pytest.mark.abuse(13)
def test_a_leg_of_nothing_or_of_more_than_the_limit_is_refused(sql: Sql, amount: int) -> None:
    with pytest.raises(pg.CheckViolation):
        sql.execute(ENTRY, [1, named(sql, "asset:bank:USD"), "USD", amount])


def test_the_same_event_is_booked_once(sql: Sql) -> None:
    with pytest.raises(pg.UniqueViolation):
        journal(sql, "first", 2)


@pytest.mark.parametrize("column", ["reverses", "resolves"])
def test_a_journal_is_undone_or_resolved_once(sql: Sql, column: str) -> None:
    insert = f"INSERT INTO journal (uid, kind, legs, occurred_at, {column}) VALUES (%s, 'test', 2, now(), 1)"
    sql.execute(insert, ["one"])
    with pytest.raises(pg.UniqueViolation):
        sql.execute(insert, ["two"])


def test_a_liability_cannot_be_spent_below_its_minimum(sql: Sql) -> None:
    booked = journal(sql, "too much", 2)
    with pytest.raises(pg.CheckViolation, match="covers_minimum"):
        sql.execute(ENTRY, [booked, named(sql, "liab:internship:1"), "USD", 5_001])


def test_only_a_liability_may_have_a_minimum(sql: Sql) -> None:
    with pytest.raises(pg.CheckViolation):
        account(sql, "asset:other:USD", "asset", 0)


@pytest.mark.abuse(35)
@pytest.mark.parametrize("table", ["account", "journal", "entry", "balance"])
@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM {0}",
        "DELETE FROM {0} WHERE false",
        "TRUNCATE {0} CASCADE",
        "UPDATE {0} SET {1}",
    ],
)
def test_what_was_written_can_be_changed_by_neither_role(sql: Sql, table: str, statement: str) -> None:
    change = {
        "account": "min_balance = NULL",
        "journal": "memo = 'other'",
        "entry": "amount = amount + 1",
        "balance": "credit = credit + 1",
    }[table]
    with pytest.raises((pg.InsufficientPrivilege, pg.RestrictViolation)):
        sql.execute(statement.format(table, change))
    sql.rollback()
    assert stored(sql) == 5_000


@pytest.mark.abuse(35)
def test_a_balance_cannot_be_written_by_hand(sql: Sql) -> None:
    with pytest.raises((pg.InsufficientPrivilege, pg.RestrictViolation)):
        sql.execute("INSERT INTO balance (account_id, min_balance, credit) VALUES (1, 0, 1)")


@pytest.fixture
def app_sql(database: TestDatabase) -> Iterator[Sql]:
    with psycopg.connect(database.app_url) as connection:
        yield connection


@pytest.mark.abuse(35)
def test_the_app_holds_no_right_to_change_the_books(app_sql: Sql) -> None:
    rights: Callable[[str], set[str]] = lambda table: {  # noqa: E731
        right
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "TRIGGER", "REFERENCES")
        for row in [app_sql.execute("SELECT has_table_privilege(%s, %s)", [table, right]).fetchone()]
        if row and row[0]
    }
    for table in ("account", "journal", "entry"):
        assert rights(table) == {"SELECT", "INSERT"}
    assert rights("balance") == {"SELECT"}


@pytest.mark.abuse(35)
def test_the_app_cannot_borrow_the_functions_that_keep_balances(app_sql: Sql) -> None:
    for function in ("ledger_keep_balance()", "ledger_open_balance()"):
        row = app_sql.execute("SELECT has_function_privilege(%s, 'EXECUTE')", [function]).fetchone()
        assert row == (False,)
