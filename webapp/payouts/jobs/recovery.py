"""The sweep that takes up whatever was left in the middle: nothing depends on a webhook or on a job that survived."""

from __future__ import annotations

import logging
from collections.abc import Callable

from webapp.core.config import stripe_is_on
from webapp.core.database import clock
from webapp.core.database.transactions import unit_of_work
from webapp.fundings import queries as funding_queries
from webapp.fundings.jobs import read_checkout
from webapp.payouts.jobs.transfers import send_attempt
from webapp.payouts.queries import attempts as payout_attempts
from webapp.recipients import queries as recipient_queries
from webapp.recipients.jobs import read_account

log = logging.getLogger(__name__)
AT_MOST = 100


def recover() -> int:
    """Look at every attempt, page and recipient that is due to be looked at; returns how many there were."""
    if not stripe_is_on():
        return 0
    with unit_of_work():
        now = clock.real_now()
        work: list[tuple[Callable[[int], None], list[int]]] = [
            (send_attempt, payout_attempts.attempts_to_try(now, AT_MOST)),
            (read_checkout, funding_queries.checkouts_to_poll(now, AT_MOST)),
            (read_account, recipient_queries.accounts_to_poll(now, AT_MOST)),
        ]
    for handle, ids in work:
        for row_id in ids:
            try:
                handle(row_id)
            except Exception:  # one that cannot be handled must not keep the others waiting
                log.exception("%s(%s) failed and will be tried again", handle.__name__, row_id)
    return sum(len(ids) for _, ids in work)
