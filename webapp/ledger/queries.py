"""What stands in the books. Amounts are in each account's own sense: what we have, or what we owe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from webapp.core.database.base import db
from webapp.core.database.pages import PAGE, Page, cut
from webapp.ledger.models import Account, AccountKind, Balance, BooksCheck, Entry, Journal


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

    id: int
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
    known = account(code)
    if known is None:
        return 0
    if known.min_balance is not None:
        kept = db.session.scalar(select(Balance.credit).where(Balance.account_id == known.id))
        return kept or 0
    return known.natural(_sum_of(known.id))


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


def account(code: str) -> Account | None:
    """The account with this code."""
    return db.session.scalars(select(Account).where(Account.code == code)).one_or_none()


def statement(account: Account, before: int | None = None) -> Page[StatementLine]:
    """What was booked on an account, the last first, each with the balance after it: those before the entry `before`."""
    booked = (
        select(
            Entry.id,
            Entry.journal_id,
            Entry.amount,
            func.sum(Entry.amount).over(order_by=Entry.id).label("running"),
        )
        .where(Entry.account_id == account.id)
        .subquery()
    )
    page = select(Journal, booked.c.id, booked.c.amount, booked.c.running).join(
        booked, booked.c.journal_id == Journal.id
    )
    if before is not None:
        page = page.where(booked.c.id < before)
    rows = db.session.execute(page.order_by(booked.c.id.desc()).limit(PAGE + 1)).all()
    if not rows and before is not None:
        return statement(account)
    total = select(func.count()).where(Entry.account_id == account.id)
    lines = [
        StatementLine(
            entry_id,
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
        for journal, entry_id, amount, running in rows
    ]
    return cut(lines, int(db.session.scalar(total) or 0))


def last_check() -> BooksCheck | None:
    """When the books were last checked and what was found; None while they never were."""
    return db.session.scalars(select(BooksCheck).order_by(BooksCheck.id.desc()).limit(1)).one_or_none()


def journal(uid: str) -> Journal | None:
    """Find the journal of an event, with its entries and their accounts."""
    return db.session.scalars(
        select(Journal)
        .where(Journal.uid == uid)
        .options(selectinload(Journal.entries).joinedload(Entry.account))
    ).one_or_none()
