"""What stands in the books. Amounts are in each account's own sense: what we have, or what we owe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from webapp.core.database.base import db
from webapp.ledger.models import Account, AccountKind, Balance, Entry, Journal


@dataclass(frozen=True, slots=True)
class TrialRow:
    """One account of the trial balance: all it was debited and credited, in minor units."""

    code: str
    kind: str
    currency: str
    debits: int
    credits: int

    @property
    def balance(self) -> int:
        """The difference in the account's own sense."""
        difference = self.debits - self.credits
        return difference if AccountKind(self.kind).grows_by_debit else -difference


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """All accounts of one currency; the books are right when both sums are equal."""

    currency: str
    rows: tuple[TrialRow, ...]

    @property
    def debits(self) -> int:
        return sum(row.debits for row in self.rows)

    @property
    def credits(self) -> int:
        return sum(row.credits for row in self.rows)


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One entry of an account with the balance after it, both in the account's own sense."""

    journal_id: int
    uid: str
    kind: str
    occurred_at: datetime
    booked_at: datetime
    actor_id: int | None
    reference: str | None
    memo: str | None
    amount: int
    running: int


def balance(code: str) -> int:
    """Tell what an account stands at; 0 for one that nothing was booked on."""
    account = db.session.scalars(select(Account).where(Account.code == code)).one_or_none()
    if account is None:
        return 0
    if account.min_balance is not None:
        kept = db.session.scalar(select(Balance.credit).where(Balance.account_id == account.id))
        return kept or 0
    return account.natural(_sum_of(account.id))


def _sum_of(account_id: int) -> int:
    return int(db.session.scalar(select(func.sum(Entry.amount)).where(Entry.account_id == account_id)) or 0)


def trial_balances(*, before: datetime | None = None) -> tuple[TrialBalance, ...]:
    """Draw up the trial balance of each currency, up to an instant if one is given."""
    query = (
        select(
            Account.code,
            Account.kind,
            Account.currency,
            func.coalesce(func.sum(Entry.amount).filter(Entry.amount > 0), 0),
            func.coalesce(-func.sum(Entry.amount).filter(Entry.amount < 0), 0),
        )
        .join(Entry, Entry.account_id == Account.id)
        .group_by(Account.id)
        .order_by(Account.currency, Account.code)
    )
    if before is not None:
        query = query.join(Journal, Journal.id == Entry.journal_id).where(Journal.occurred_at < before)
    by_currency: dict[str, list[TrialRow]] = {}
    for code, kind, currency, debits, credits_ in db.session.execute(query):
        by_currency.setdefault(currency, []).append(
            TrialRow(code, kind, currency, int(debits), int(credits_))
        )
    return tuple(TrialBalance(currency, tuple(rows)) for currency, rows in by_currency.items())


def statement(code: str) -> tuple[StatementLine, ...]:
    """List everything booked on an account in the order of booking, with the running balance."""
    account = db.session.scalars(select(Account).where(Account.code == code)).one_or_none()
    if account is None:
        return ()
    rows = db.session.execute(
        select(Journal, Entry.amount, func.sum(Entry.amount).over(order_by=Entry.id))
        .join(Entry, Entry.journal_id == Journal.id)
        .where(Entry.account_id == account.id)
        .order_by(Entry.id)
    )
    return tuple(
        StatementLine(
            journal.id,
            journal.uid,
            journal.kind,
            journal.occurred_at,
            journal.booked_at,
            journal.actor_id,
            journal.reference,
            journal.memo,
            account.natural(amount),
            account.natural(int(running)),
        )
        for journal, amount, running in rows
    )


def journal(uid: str) -> Journal | None:
    """Find the journal of an event, with its entries and their accounts."""
    return db.session.scalars(
        select(Journal)
        .where(Journal.uid == uid)
        .options(selectinload(Journal.entries).joinedload(Entry.account))
    ).one_or_none()
