"""What the app and the worker need to know of ledger."""

from __future__ import annotations

from webapp.core.slice import JobHandler, Slice
from webapp.ledger.jobs import watch_books

SLICE = Slice(
    "ledger",
    jobs={"check_books": JobHandler(watch_books, cron="7 * * * *")},
)
