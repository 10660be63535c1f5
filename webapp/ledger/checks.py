"""The books check themselves: what the database promises is counted again from the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy import text

from webapp.core.database.base import db
from webapp.ledger.models import Finding


def _rows(check: str, sql: str) -> Iterator[Finding]:
    for subject, detail in db.session.execute(text(sql)):
        yield Finding(check, str(subject), str(detail))


def _journals_sum_to_zero() -> Iterator[Finding]:
    return _rows(
        "journal_balances",
        """SELECT j.uid, e.currency || ' ' || sum(e.amount) FROM journal j JOIN entry e ON e.journal_id = j.id
           GROUP BY j.id, e.currency HAVING sum(e.amount) <> 0""",
    )


def _journals_have_their_legs() -> Iterator[Finding]:
    return _rows(
        "journal_legs",
        """SELECT j.uid, count(e.id) || ' of ' || j.legs
           FROM journal j LEFT JOIN entry e ON e.journal_id = j.id
           GROUP BY j.id HAVING count(e.id) <> j.legs""",
    )


def _reversals_mirror() -> Iterator[Finding]:
    return _rows(
        "reversal_mirrors",
        """SELECT min(j.uid), 'account ' || e.account_id || ' ' || sum(e.amount) FROM journal j
           JOIN entry e ON e.journal_id IN (j.id, j.reverses) WHERE j.reverses IS NOT NULL
           GROUP BY j.id, e.account_id HAVING sum(e.amount) <> 0""",
    )


def _stored_balances_are_the_sums() -> Iterator[Finding]:
    return _rows(
        "stored_balance",
        """SELECT a.code,
               coalesce(b.credit::text, 'none') || ' stored, ' || coalesce(-sum(e.amount), 0) || ' booked'
           FROM account a LEFT JOIN balance b ON b.account_id = a.id LEFT JOIN entry e ON e.account_id = a.id
           WHERE a.min_balance IS NOT NULL OR b.account_id IS NOT NULL
           GROUP BY a.id, b.account_id
           HAVING b.credit IS DISTINCT FROM coalesce(-sum(e.amount), 0)
               OR b.min_balance IS DISTINCT FROM a.min_balance""",
    )


def _liabilities_keep_their_minimum() -> Iterator[Finding]:
    return _rows(
        "below_minimum",
        """SELECT a.code, -sum(e.amount) || ' under ' || coalesce(a.min_balance, 0)
           FROM account a JOIN entry e ON e.account_id = a.id WHERE a.kind = 'liability'
           GROUP BY a.id HAVING -sum(e.amount) < coalesce(a.min_balance, 0)""",
    )


def _assets_cover_liabilities() -> Iterator[Finding]:
    return _rows(
        "coverage",
        """SELECT a.currency, sum(e.amount) FILTER (WHERE a.kind = 'asset') || ' for '
               || -sum(e.amount) FILTER (WHERE a.kind = 'liability')
           FROM account a JOIN entry e ON e.account_id = a.id GROUP BY a.currency
           HAVING coalesce(sum(e.amount) FILTER (WHERE a.kind = 'asset'), 0)
                < coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'liability'), 0)""",
    )


def _flights_are_open_claims() -> Iterator[Finding]:
    """What is in flight is the sum of the claims that nobody confirmed or voided."""
    return _rows(
        "in_flight",
        """WITH flight AS (
               SELECT a.id, a.code, e.amount, j.kind IN ('transfer_claim', 'refund_claim') AND NOT EXISTS (
                   SELECT FROM journal r WHERE r.resolves = j.id OR r.reverses = j.id) AS open
               FROM account a JOIN entry e ON e.account_id = a.id JOIN journal j ON j.id = e.journal_id
               WHERE starts_with(a.code, 'liab:transfer_in_flight:') OR starts_with(a.code, 'liab:refund_in_flight:'))
           SELECT code, -sum(amount) || ' booked, ' || coalesce(-sum(amount) FILTER (WHERE open), 0) || ' open'
           FROM flight GROUP BY id, code
           HAVING -sum(amount) <> coalesce(-sum(amount) FILTER (WHERE open), 0)""",
    )


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _journals_sum_to_zero,
    _journals_have_their_legs,
    _reversals_mirror,
    _stored_balances_are_the_sums,
    _liabilities_keep_their_minimum,
    _assets_cover_liabilities,
    _flights_are_open_claims,
)


def check_books() -> list[Finding]:
    """Count all books again and list what is wrong; an empty list means that they are right."""
    return [finding for check in CHECKS for finding in check()]
