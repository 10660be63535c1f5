"""The books' own checks can see each fault they look for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict

import psycopg
import pytest
from flask import Flask
from flask_babel import Babel

from tests.support.postgres import TestDatabase
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.checks import check_books
from webapp.ledger.jobs import watch_books
from webapp.ledger.labels import finding_sentence
from webapp.ledger.models import Finding

Sql = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def tamper(books: Flask, database: TestDatabase) -> Iterator[Sql]:
    """A superuser who switches the triggers off, over books with a claim in flight."""
    with unit_of_work():
        ledger_events.receive_funding(1, internship_id=1, cap=5_000, fee=500, currency="USD", actor=SYSTEM)
        ledger_events.award("a", internship_id=1, payee_id=5, amount=3_000, currency="USD", actor=SYSTEM)
        ledger_events.claim_transfer(
            "k", internship_id=1, payee_id=5, amount=3_000, currency="USD", actor=SYSTEM
        )
    assert check_books() == []
    db.session.rollback()
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


@pytest.mark.parametrize(
    ("damage", "seen"),
    [
        (
            "UPDATE entry SET amount = amount + 1 WHERE account_id = (SELECT id FROM account WHERE code = 'asset:bank:USD')",
            {"journal_balances"},
        ),
        (
            "UPDATE entry SET amount = amount - 600 WHERE id = 1",
            {"journal_balances", "coverage"},
        ),
        ("DELETE FROM entry WHERE journal_id = 3", {"journal_legs", "stored_balance"}),
        ("UPDATE balance SET credit = credit + 1", {"stored_balance"}),
        ("DELETE FROM balance WHERE credit = 0", {"stored_balance"}),
        ("UPDATE balance SET min_balance = -100", {"stored_balance"}),
        (
            "UPDATE entry SET amount = amount * 10 WHERE journal_id = 2",
            {"stored_balance", "below_minimum"},
        ),
        ("UPDATE journal SET kind = 'other' WHERE id = 3", {"in_flight"}),
        (
            "INSERT INTO journal (uid, kind, legs, occurred_at, resolves) VALUES ('forged', 'transfer', 2, now(), 3)",
            {"journal_legs", "in_flight"},
        ),
        (
            "INSERT INTO journal (uid, kind, legs, occurred_at, reverses) VALUES ('forged', 'reversal', 2, now(), 2)",
            {"journal_legs", "reversal_mirrors"},
        ),
    ],
)
def test_damage_done_past_the_triggers_is_found_and_told_in_words(
    books: Flask, tamper: Sql, damage: str, seen: set[str]
) -> None:
    tamper.execute(damage)
    findings = check_books()
    assert {finding.check for finding in findings} == seen
    Babel(books)
    for finding in findings:
        stored = Finding(**json.loads(json.dumps(asdict(finding))))  # as a page reads it
        assert stored.subject in finding_sentence(stored) or stored.check == "coverage"


def test_the_watch_says_in_the_log_what_is_wrong(tamper: Sql, caplog: pytest.LogCaptureFixture) -> None:
    assert watch_books() == 0
    assert caplog.records == []
    tamper.execute("UPDATE balance SET credit = credit + 1 WHERE credit > 0")
    db.session.rollback()
    assert watch_books() == 1
    assert (
        "stored_balance on liab:internship:1: {'currency': 'USD', 'stored': 2001, 'booked': 2000"
        in caplog.text
    )
