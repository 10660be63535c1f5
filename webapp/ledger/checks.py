"""The books check themselves: what the database promises is counted again from the entries."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from sqlalchemy import text

from webapp.core.database.base import db
from webapp.ledger.models import Finding


def _rows(check: str, sql: str) -> Iterator[Finding]:
    """The findings of a statement: its column `subject`, and all others as values; sums come as whole numbers."""
    for row in db.session.execute(text(sql)).mappings():
        values = {
            name: int(value) if isinstance(value, Decimal) else value
            for name, value in row.items()
            if name != "subject"
        }
        yield Finding(check, str(row["subject"]), values)


def _journals_sum_to_zero() -> Iterator[Finding]:
    return _rows(
        "journal_balances",
        """SELECT j.uid AS subject, e.currency, sum(e.amount) AS difference
           FROM journal j JOIN entry e ON e.journal_id = j.id
           GROUP BY j.id, e.currency HAVING sum(e.amount) <> 0""",
    )


def _journals_have_their_legs() -> Iterator[Finding]:
    return _rows(
        "journal_legs",
        """SELECT j.uid AS subject, count(e.id) AS entries, j.legs
           FROM journal j LEFT JOIN entry e ON e.journal_id = j.id
           GROUP BY j.id HAVING count(e.id) <> j.legs""",
    )


def _reversals_mirror() -> Iterator[Finding]:
    return _rows(
        "reversal_mirrors",
        """SELECT min(j.uid) AS subject, a.code AS account, a.currency, sum(e.amount) AS difference
           FROM journal j JOIN entry e ON e.journal_id IN (j.id, j.reverses)
           JOIN account a ON a.id = e.account_id WHERE j.reverses IS NOT NULL
           GROUP BY j.id, a.id HAVING sum(e.amount) <> 0""",
    )


def _stored_balances_are_the_sums() -> Iterator[Finding]:
    return _rows(
        "stored_balance",
        """SELECT a.code AS subject, a.currency, b.credit AS stored, coalesce(-sum(e.amount), 0) AS booked,
               b.min_balance AS stored_minimum, a.min_balance AS minimum
           FROM account a LEFT JOIN balance b ON b.account_id = a.id LEFT JOIN entry e ON e.account_id = a.id
           WHERE a.min_balance IS NOT NULL OR b.account_id IS NOT NULL
           GROUP BY a.id, b.account_id
           HAVING b.credit IS DISTINCT FROM coalesce(-sum(e.amount), 0)
               OR b.min_balance IS DISTINCT FROM a.min_balance""",
    )


def _liabilities_keep_their_minimum() -> Iterator[Finding]:
    return _rows(
        "below_minimum",
        """SELECT a.code AS subject, a.currency, -sum(e.amount) AS booked, coalesce(a.min_balance, 0) AS minimum
           FROM account a JOIN entry e ON e.account_id = a.id WHERE a.kind = 'liability'
           GROUP BY a.id HAVING -sum(e.amount) < coalesce(a.min_balance, 0)""",
    )


def _assets_cover_liabilities() -> Iterator[Finding]:
    return _rows(
        "coverage",
        """SELECT a.currency AS subject, a.currency,
               coalesce(sum(e.amount) FILTER (WHERE a.kind = 'asset'), 0) AS assets,
               coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'liability'), 0) AS liabilities
           FROM account a JOIN entry e ON e.account_id = a.id GROUP BY a.currency
           HAVING coalesce(sum(e.amount) FILTER (WHERE a.kind = 'asset'), 0)
                < coalesce(-sum(e.amount) FILTER (WHERE a.kind = 'liability'), 0)""",
    )


def _flights_are_open_claims() -> Iterator[Finding]:
    """What is in flight is the sum of the claims that nobody confirmed or voided."""
    return _rows(
        "in_flight",
        """WITH flight AS (
               SELECT a.id, a.code, a.currency, e.amount,
                   j.kind IN ('transfer_claim', 'refund_claim') AND NOT EXISTS (
                       SELECT FROM journal r WHERE r.resolves = j.id OR r.reverses = j.id) AS open
               FROM account a JOIN entry e ON e.account_id = a.id JOIN journal j ON j.id = e.journal_id
               WHERE starts_with(a.code, 'liab:transfer_in_flight:') OR starts_with(a.code, 'liab:refund_in_flight:'))
           SELECT code AS subject, currency, -sum(amount) AS booked,
               coalesce(-sum(amount) FILTER (WHERE open), 0) AS claimed
           FROM flight GROUP BY id, code, currency
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
