"""Background work on the books."""

from __future__ import annotations

import logging
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import delete

from webapp.core.database import clock, jobs
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.ledger.checks import check_books
from webapp.ledger.models import CHECK_BOOKS, BooksCheck

log = logging.getLogger(__name__)
KEPT = timedelta(days=30)


def watch_books() -> int:
    """Check the books, store what was found, and raise the alarm in the log for each finding; return how many."""
    now, findings = clock.real_now(), check_books()
    db.session.add(BooksCheck(checked_at=now, found=[asdict(finding) for finding in findings]))
    for finding in findings:
        log.critical(
            "the books are wrong: %s on %s: %s", finding.check, finding.subject, dict(finding.values)
        )
    return len(findings)


def check_soon() -> None:
    """Let the worker check the books, once however many ask before it does: after each journal.

    In a transaction of its own: whoever holds locks must not wait for another that asks too.
    """
    with unit_of_work():
        jobs.defer(CHECK_BOOKS, once=CHECK_BOOKS)


def prune() -> None:
    """Forget checks that are older than a month."""
    db.session.execute(delete(BooksCheck).where(BooksCheck.checked_at < clock.real_now() - KEPT))
