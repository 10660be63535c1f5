"""What the app and the worker need to know of ledger."""

from __future__ import annotations

from webapp.core.slice import JobHandler, Slice
from webapp.ledger.jobs import prune, watch_books
from webapp.ledger.models import CHECK_BOOKS

SLICE = Slice(
    "ledger",
    jobs={CHECK_BOOKS: JobHandler(watch_books, cron="7 * * * *", retries=False)},
    prune=(prune,),
)
