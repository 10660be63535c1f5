"""What the app and the worker need to know of ledger."""

from __future__ import annotations

from webapp.core.slice import JobHandler, Slice
from webapp.ledger.jobs import CHECK_BOOKS, prune, watch_books

SLICE = Slice(
    "ledger",
    jobs={CHECK_BOOKS: JobHandler(watch_books, cron="7 * * * *")},
    prune=(prune,),
)
