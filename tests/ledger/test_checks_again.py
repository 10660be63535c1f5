"""A check of the books that failed does not keep later ones from being made."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.support import rail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.ledger import jobs as ledger_jobs
from webapp.ledger.models import BooksCheck


def checks(app: Flask) -> int:
    with app.app_context(), unit_of_work():
        return db.session.query(BooksCheck).count()


def test_after_a_check_that_failed_the_next_journal_is_checked(
    app: Flask, worker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    money = rail.matched(app)
    with monkeypatch.context() as away:
        away.setattr(ledger_jobs, "check_books", lambda: 1 / 0)
        money.receive()
        worker.run_due()
    assert checks(app) == 0
    with app.app_context():
        ledger_jobs.check_soon()
    worker.run_due()
    assert checks(app) == 1
