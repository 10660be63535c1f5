"""The sweep that takes up whatever was left in the middle: nothing depends on a webhook or on a job that survived."""

from __future__ import annotations

import logging
from collections.abc import Callable

from webapp.core import clock
from webapp.core.config import stripe_is_on
from webapp.core.unit_of_work import unit_of_work
from webapp.fundings import queries as funding_queries
from webapp.payments import queries
from webapp.payments.jobs.reading import read_account, read_checkout
from webapp.payments.jobs.sending import send_attempt

log = logging.getLogger(__name__)
AT_MOST = 100


def recover() -> int:
    """Look at every attempt, page and recipient that is due to be looked at; returns how many there were."""
    if not stripe_is_on():
        return 0
    with unit_of_work():
        now = clock.real_now()
        work: list[tuple[Callable[[int], None], list[int]]] = [
            (send_attempt, queries.attempts_to_try(now, AT_MOST)),
            (read_checkout, funding_queries.checkouts_to_look_at(now, AT_MOST)),
            (read_account, queries.accounts_to_look_at(now, AT_MOST)),
        ]
    for handle, ids in work:
        for one in ids:
            try:
                handle(one)
            except Exception:  # one that cannot be handled must not keep the others waiting
                log.exception("%s(%s) failed and will be tried again", handle.__name__, one)
    return sum(len(ids) for _, ids in work)
