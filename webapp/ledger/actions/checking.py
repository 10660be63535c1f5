"""People may ask for the books to be checked now."""

from __future__ import annotations

import logging

from webapp.core.database import jobs
from webapp.core.lifecycle.history import Actor
from webapp.ledger.models import CHECK_BOOKS

log = logging.getLogger(__name__)


def request_check(*, actor: Actor) -> None:
    """Let the worker check the books as soon as it can; once, however many ask before it does."""
    log.info("person %s asked for a check of the books", actor.id)
    jobs.defer(CHECK_BOOKS, once=CHECK_BOOKS)
