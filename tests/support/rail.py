"""One internship with its money, and the people who move it: each step is a transaction, then the books are counted."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select, text

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings.actions import receipts as funding_receipts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.models import Funding
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.ledger.checks import check_books
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import returns as payout_returns
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.models import Attempt, Payout
from webapp.recipients import actions as recipient_actions

BASE, POT, FEE = 30_000, 5_000, 3_000
TOTAL = BASE + POT + FEE
ACCOUNT = {
    "country": "VN",
    "bank_name": "Example Bank",
    "account_holder": "NGUYEN LAN",
    "account_number": "0011223344",
}
# The shape that reviews store with the move that fixes a result.
CALCULATION: dict[str, Any] = {
    "formula_version": 1,
    "inputs": {
        "base": BASE,
        "guaranteed": 10_000,
        "bonus_pot": POT,
        "unit": 1,
        "weights": [5000, 3000, 2000],
        "levels": [4, 3, 2],
        "bonus": 0,
    },
    "parts": [15_000, 7_500, 4_000],
}


@dataclass
class Rail:
    """The ids of the cast; things are read anew in each step, because other transactions change them."""

    app: Flask
    internship_id: int
    funding_id: int
    intern_id: int
    owner_id: int
    first_id: int
    second_id: int
    manager_id: int
    operator_id: int

    @contextmanager
    def step(self) -> Iterator[None]:
        """One transaction; afterwards all four books are counted again."""
        with self.app.app_context(), unit_of_work():
            yield
        self.check()

    def check(self) -> None:
        with self.app.app_context(), unit_of_work():
            assert check_books() == []

    def person(self, role: str) -> Person:
        return db.session.get_one(Person, getattr(self, f"{role}_id"))

    @property
    def internship(self) -> Internship:
        return db.session.get_one(Internship, self.internship_id)

    @property
    def funding(self) -> Funding:
        return db.session.get_one(Funding, self.funding_id)

    def payout(self, type_: str = "base") -> Payout:
        rows = select(Payout).where(Payout.internship_id == self.internship_id, Payout.type == type_)
        return db.session.scalars(rows).one()

    def attempts(self) -> list[Attempt]:
        return list(db.session.scalars(select(Attempt).order_by(Attempt.id)))

    def browser(self, role: str) -> cast.Browser:
        return cast.signed_in(self.app, getattr(self, f"{role}_id"))

    def receive(self, amount: int = TOTAL, reference: str = "BANK-1") -> None:
        """Finance records money that arrived."""
        with self.step():
            funding = self.funding
            funding_receipts.record_receipt(
                funding,
                actor=self.person("first"),
                version=funding.version,
                amount=amount,
                received_on=datetime.now(UTC).date(),
                bank_reference=reference,
            )

    def name_account(self, number: str = "0011223344") -> None:
        with self.step():
            intern = self.person("intern")
            recipient_actions.add_method(intern, actor=intern, **{**ACCOUNT, "account_number": number})

    def fix(self, award: int, outcome: str = "accepted") -> None:
        """The result is fixed at `award`, and what it earned falls due."""
        with self.step():
            now = datetime.now(UTC)
            values = {"state": "submitted", "started_at": now, "submitted_at": now}
            change = db.update(Internship).where(Internship.id == self.internship_id).values(**values)
            db.session.execute(change)
            internship = self.internship
            db.session.refresh(internship)
            internship_actions.fix_result(
                internship,
                actor=SYSTEM,
                move="approve_by_silence",
                award=award,
                outcome=outcome,
                params=CALCULATION,
            )
            payout_returns.fall_due(internship, actor=SYSTEM)

    def approve(self, type_: str = "base", role: str = "first") -> None:
        with self.step():
            payout = self.payout(type_)
            payout_approval.approve(payout, actor=self.person(role), version=payout.version)

    def release(self, type_: str = "base", role: str = "second") -> None:
        with self.step():
            payout = self.payout(type_)
            payout_sending.release(payout, actor=self.person(role), version=payout.version)

    def confirm(self, type_: str = "base", reference: str = "OUT-1") -> None:
        with self.step():
            payout = self.payout(type_)
            payout_sending.confirm(
                payout,
                actor=self.person("first"),
                version=payout.version,
                bank_reference=reference,
                happened_on=datetime.now(UTC).date(),
            )

    def pay(self, type_: str) -> None:
        """Approve, release and confirm."""
        self.approve(type_)
        self.release(type_)
        self.confirm(type_, reference=f"OUT-{type_}")

    def return_remainder(self) -> None:
        with self.step():
            payout_returns.return_remainder(self.internship, actor=SYSTEM)

    def unmatch(self) -> None:
        """The match ends before the work began, as endings do it."""
        with self.step():
            internship = self.internship
            funding_receipts.refund_match(internship, actor=SYSTEM)
            internship_actions.unmatch(internship, actor=SYSTEM, reason="not_started")

    def state(self) -> tuple[str, str]:
        """The states of the internship and of its funding."""
        with self.app.app_context(), unit_of_work():
            return self.internship.state, self.funding.state

    def count(self, table: str) -> int:
        with self.app.app_context(), unit_of_work():
            return int(db.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0)


def matched(app: Flask, *, zone: str = "UTC") -> Rail:
    """A match that both have signed: the employer is asked for 300 + 50 and a fee of 30 USD."""
    with app.app_context(), unit_of_work():
        programme = cast.programme()
        programme.zone = zone
        employer = cast.organisation(name="Market Watch")
        owner = cast.member(employer, "owner")
        internship = cast.internship("matched", of=cast.posting(employer, programme, by=owner))
        funding = funding_transfers.request(internship, actor=SYSTEM)
        assert internship.intern_id is not None
        return Rail(
            app,
            internship.id,
            funding.id,
            internship.intern_id,
            owner.id,
            cast.member(programme, "finance").id,
            cast.member(programme, "finance").id,
            cast.member(programme, "manager").id,
            cast.person("Olga Operator", operator=True).id,
        )


def secured(app: Flask) -> Rail:
    """The money has arrived and the intern has named an account."""
    rail = matched(app)
    rail.receive()
    rail.name_account()
    return rail


def due(app: Flask, award: int = 26_500) -> Rail:
    """A result is fixed and waits for finance."""
    rail = secured(app)
    rail.fix(award)
    return rail
