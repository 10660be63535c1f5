"""Many who book at once: no money is spent twice, and nobody waits in a circle."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from tests.ledger.booking import AWARD, BANK, FEE, FINANCE, FLYING, FUNDS, award, claim, fund, standing
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions import booking as ledger_booking
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.actions.booking import NotEnoughMoney
from webapp.ledger.checks import check_books
from webapp.ledger.models import Entry, credit, debit, intern_award, internship_funds

pytestmark = pytest.mark.usefixtures("books")


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
