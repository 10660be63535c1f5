"""The chart of accounts and the journal: who is owed what, written once and never changed.

Debits are positive, credits negative, in minor units. The database itself refuses a journal that does not
balance, a change of anything written, and a liability below its minimum (migration 0002).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from sqlalchemy import (
    CHAR,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.database.base import Base, Identified

CHECK_BOOKS = "check_books"  # the job that counts all books again
Rail = Literal["manual", "stripe"]


class AccountKind(StrEnum):
    """The four sides of the books."""

    ASSET = "asset"
    LIABILITY = "liability"
    INCOME = "income"
    EXPENSE = "expense"

    @property
    def grows_by_debit(self) -> bool:
        """Assets and expenses grow on the debit side, liabilities and income on the credit side."""
        return self in (AccountKind.ASSET, AccountKind.EXPENSE)


class Account(Identified, Base):
    """One line of the chart, in one currency; never changed once opened.

    The references to internship, organisation and person carry no foreign key: the books stand below those
    slices and outlive their rows.
    """

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("code"),
        UniqueConstraint("id", "currency"),
        CheckConstraint("kind IN ('asset', 'liability', 'income', 'expense')", name="kind"),
        CheckConstraint("currency ~ '^[A-Z]{3}$'", name="currency"),
        CheckConstraint("min_balance IS NULL OR kind = 'liability'", name="minimum_of_liabilities"),
        Index(None, "internship_id", postgresql_where=text("internship_id IS NOT NULL")),
    )
    code: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(CHAR(3))
    min_balance: Mapped[int | None] = mapped_column(BigInteger)
    internship_id: Mapped[int | None] = mapped_column(BigInteger)
    organisation_id: Mapped[int | None] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(BigInteger)

    @property
    def line(self) -> Line:
        """This account as the chart names it."""
        return Line(**{name: getattr(self, name) for name in Line.__slots__})

    def natural(self, debit: int) -> int:
        """Turn a debit-positive sum into the account's own sense: what we have, or what we owe."""
        return debit if AccountKind(self.kind).grows_by_debit else -debit


class Journal(Identified, Base):
    """One event of the books. `uid` names the event, so that telling it twice books it once.

    `legs` seals the number of entries, `reverses` points at the journal that is undone, `resolves` at the
    claim that is confirmed or voided: each of them at most once.
    """

    __tablename__ = "journal"
    __table_args__ = (
        UniqueConstraint("uid"),
        UniqueConstraint("reverses"),
        UniqueConstraint("resolves"),
        CheckConstraint("legs >= 2", name="two_legs"),
        CheckConstraint("reverses <> id AND resolves <> id", name="not_itself"),
        Index(None, "occurred_at"),
    )
    uid: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    legs: Mapped[int] = mapped_column(SmallInteger)
    occurred_at: Mapped[datetime]
    booked_at: Mapped[datetime] = mapped_column(server_default=text("stint_now()"))
    actor_id: Mapped[int | None] = mapped_column(BigInteger)
    reverses: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("journal.id"))
    resolves: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("journal.id"))
    reference: Mapped[str | None] = mapped_column(Text)
    memo: Mapped[str | None] = mapped_column(Text)
    entries: Mapped[list[Entry]] = relationship(viewonly=True, order_by="Entry.id")


class Entry(Identified, Base):
    """One leg of a journal: this many minor units on this account, debit positive."""

    __tablename__ = "entry"
    __table_args__ = (
        ForeignKeyConstraint(["account_id", "currency"], ["account.id", "account.currency"]),
        CheckConstraint(
            "amount <> 0 AND amount BETWEEN -10000000000000000 AND 10000000000000000", name="amount"
        ),
        Index(None, "account_id", "id"),
        Index(None, "journal_id"),
    )
    journal_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("journal.id"))
    account_id: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(CHAR(3))
    amount: Mapped[int] = mapped_column(BigInteger)
    account: Mapped[Account] = relationship(viewonly=True)


class Balance(Base):
    """What a liability with a minimum stands at, credit positive; kept by the database alone.

    Its row lock makes spenders of one liability queue. Accounts that everybody books on have no such row.
    """

    __tablename__ = "balance"
    __table_args__ = (CheckConstraint("credit >= min_balance", name="covers_minimum"),)
    account_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("account.id"), primary_key=True, autoincrement=False
    )
    min_balance: Mapped[int] = mapped_column(BigInteger)
    credit: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True, slots=True)
class Line:
    """An account as the chart names it, before or after its row exists."""

    code: str
    kind: AccountKind
    currency: str
    min_balance: int | None = None
    internship_id: int | None = None
    organisation_id: int | None = None
    person_id: int | None = None


def asset_of(rail: Rail, currency: str) -> Line:
    """Where money of this rail lies: finance's bank account, or the balance at Stripe."""
    name = "bank" if rail == "manual" else "stripe"
    return Line(f"asset:{name}:{currency}", AccountKind.ASSET, currency)


def internship_funds(internship_id: int, currency: str) -> Line:
    """Funded and not yet awarded or given back."""
    return Line(
        f"liab:internship:{internship_id}", AccountKind.LIABILITY, currency, 0, internship_id=internship_id
    )


def intern_award(person_id: int, internship_id: int, currency: str) -> Line:
    """Awarded to this intern for this internship and not yet sent."""
    return Line(
        f"liab:intern:{person_id}:{internship_id}",
        AccountKind.LIABILITY,
        currency,
        0,
        internship_id=internship_id,
        person_id=person_id,
    )


def employer_credit(organisation_id: int, currency: str) -> Line:
    """Money of an employer that could not be given back yet."""
    return Line(
        f"liab:employer_credit:{organisation_id}:{currency}",
        AccountKind.LIABILITY,
        currency,
        0,
        organisation_id=organisation_id,
    )


def unapplied(currency: str) -> Line:
    """Money received that matches no funding."""
    return Line(f"liab:unapplied:{currency}", AccountKind.LIABILITY, currency, 0)


def transfer_in_flight(currency: str) -> Line:
    """Claimed for interns, outcome not known yet."""
    return Line(f"liab:transfer_in_flight:{currency}", AccountKind.LIABILITY, currency)


def refund_in_flight(currency: str) -> Line:
    """Claimed for payers, outcome not known yet."""
    return Line(f"liab:refund_in_flight:{currency}", AccountKind.LIABILITY, currency)


def platform_fee(currency: str) -> Line:
    """The installation's own earnings."""
    return Line(f"inc:platform_fee:{currency}", AccountKind.INCOME, currency)


def expense(name: Literal["stripe_fee", "dispute_fee", "dispute_loss", "bank_fee"], currency: str) -> Line:
    """What running the rails costs the installation."""
    return Line(f"exp:{name}:{currency}", AccountKind.EXPENSE, currency)


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in the books that must not be: which check, on what, and the values of its sentence (labels.py).

    Amounts are in minor units. `detail` is only in what was stored before findings had values: an English phrase.
    """

    check: str
    subject: str
    values: Mapping[str, int | str | None] = field(default_factory=dict)
    detail: str = ""


class BooksCheck(Identified, Base):
    """One check of all books: when it was (real time), and what it found; nothing when they are right."""

    __tablename__ = "books_check"
    checked_at: Mapped[datetime] = mapped_column(index=True)
    found: Mapped[list[Any]]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(Finding(**finding) for finding in self.found)


@dataclass(frozen=True, slots=True)
class Leg:
    """So many minor units on this account, debit positive."""

    line: Line
    amount: int


def debit(line: Line, amount: int) -> Leg:
    """Put an amount on the debit side: more of an asset, less of a liability."""
    return Leg(line, amount)


def credit(line: Line, amount: int) -> Leg:
    """Put an amount on the credit side: more of a liability or income, less of an asset."""
    return Leg(line, -amount)
