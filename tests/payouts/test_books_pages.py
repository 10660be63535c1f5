"""Pages show what the last check of the books found, and when; none of them counts the books."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support import rail
from tests.support.application import Worker
from tests.support.lists import counted
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import after_commit, unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.jobs import check_soon, prune, watch_books
from webapp.ledger.models import BooksCheck, Journal

PAGES = (("first", "/finance"), ("first", "/finance/ledger"), ("operator", "/home"))


def words(money: rail.Rail, role: str, path: str) -> str:
    return cast.visible_text(money.browser(role).get(path))


def store(app: Flask, **finding: Any) -> None:
    with app.app_context(), unit_of_work():
        db.session.add(BooksCheck(checked_at=clock.real_now(), found=[finding] if finding else []))


@pytest.mark.parametrize(("role", "path"), PAGES)
def test_a_page_shows_the_stored_check_with_its_time(app: Flask, role: str, path: str) -> None:
    money = rail.secured(app)
    assert "checked yet" in words(money, role, path)
    store(app)
    assert "hecked on" in words(money, role, path)
    assert "checked yet" not in words(money, role, path)
    store(app, check="stored_balance", subject="liab:x", detail="1 stored, 2 booked")
    assert "1 stored, 2 booked" in words(money, role, path)  # as it was stored before findings had values
    store(
        app, check="coverage", subject="USD", values={"currency": "USD", "assets": 150, "liabilities": 99_900}
    )
    assert "There is $1.50 to cover the $999.00 that is owed." in words(money, role, path)


def test_a_finding_is_told_in_the_language_of_its_reader(app: Flask) -> None:
    money = rail.secured(app)
    values = {"currency": "VND", "stored": 20_000, "booked": 10_000, "stored_minimum": 0, "minimum": 0}
    store(app, check="stored_balance", subject="liab:x", values=values)
    with app.app_context(), unit_of_work():
        money.person("first").locale = "vi"
    page = words(money, "first", "/finance/ledger")
    assert "Tài khoản liab:x: số dư đã lưu là 20.000" in page
    assert "10.000" in page


@pytest.mark.parametrize(("role", "path"), [("first", "/finance"), ("operator", "/home")])
def test_a_page_does_not_count_the_books(app: Flask, role: str, path: str) -> None:
    browser = rail.secured(app).browser(role)
    with counted(app) as statements:
        browser.get(path)
    assert not [one for one in statements if "FROM journal" in one or "JOIN entry" in one]


@pytest.mark.parametrize("htmx", [False, True])
def test_finance_asks_for_a_check_and_the_worker_stores_one(app: Flask, worker: Worker, htmx: bool) -> None:
    money = rail.secured(app)
    for _again in range(2):
        answer = money.browser("first").send("/finance/ledger/check", htmx=htmx, seen_at="/finance/ledger")
        assert "/finance/ledger" in str(answer.headers) or answer.status_code == 200
    assert checks_that_wait(app) == 1
    worker.run_due()
    assert "The books balance. Checked on" in words(money, "first", "/finance/ledger")


def test_after_money_moved_one_check_waits_however_many_ask(app: Flask) -> None:
    with app.app_context():
        check_soon()
        check_soon()
        with unit_of_work():
            waiting = db.text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_books'")
            assert db.session.scalar(waiting) == 1


def test_money_recorded_by_hand_is_checked_as_soon_as_it_is_committed(app: Flask) -> None:
    money = rail.matched(app)
    assert checks_that_wait(app) == 0
    with app.app_context(), pytest.raises(RuntimeError), unit_of_work():
        book_something()
        raise RuntimeError("after the booking")
    assert checks_that_wait(app) == 0
    money.receive()
    assert checks_that_wait(app) == 1


def test_what_fails_after_a_commit_undoes_nothing(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("no database")

    with app.app_context():
        with unit_of_work():
            book_something()
            after_commit(fail)
        assert "failed after a commit" in caplog.text
        assert db.session.scalar(db.select(db.func.count()).select_from(Journal)) == 1


def book_something() -> None:
    ledger_events.receive_unapplied("a", amount=100, currency="USD", actor=SYSTEM)


def checks_that_wait(app: Flask) -> int:
    with app.app_context(), unit_of_work():
        waiting = db.text(
            "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'check_books' AND status = 'todo'"
        )
        return int(db.session.scalar(waiting) or 0)


def test_checks_are_forgotten_after_a_month(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        watch_books()
        watch_books()
        db.session.execute(
            db.update(BooksCheck)
            .where(BooksCheck.id == db.select(db.func.min(BooksCheck.id)).scalar_subquery())
            .values(checked_at=db.text("now() - interval '31 days'"))
        )
        prune()
        assert db.session.scalar(db.select(db.func.count()).select_from(BooksCheck)) == 1
