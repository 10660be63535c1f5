"""Money out: payouts, their legs and attempts, and where people want it, on any rail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.db import Base, Identified
from webapp.core.deadlines import Due
from webapp.core.lifecycle import Stateful, known_states
from webapp.fundings.models import RAILS, Funding
from webapp.internships.models import Internship
from webapp.organisations.models import Organisation
from workflows import payout


class PayoutMethod(Identified, Base):
    """Where an intern wants their money on the manual rail. A change is a new row; the old one gets `replaced_at`."""

    __tablename__ = "payout_method"
    __table_args__ = (
        Index(
            "uq_payout_method_current", "person_id", unique=True, postgresql_where=text("replaced_at IS NULL")
        ),
        CheckConstraint(RAILS, name="rail"),
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    rail: Mapped[str] = mapped_column(default="manual", server_default="manual")
    country: Mapped[str] = mapped_column(CHAR(2))
    bank_name: Mapped[str]
    account_holder: Mapped[str]
    account_number: Mapped[str]
    added_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]

    @property
    def masked(self) -> str:
        return "•••• " + self.account_number[-4:]


class Payout(Stateful, Identified, Base):
    """One sum to one payee: `base` number 1 to the intern, `refund` to the payer, `adjustment` later."""

    __tablename__ = "payout"
    law = payout.LAW
    __table_args__ = (
        known_states(payout.LAW),
        Index("uq_payout_intern", "internship_id", "payee_id", "type", "number", unique=True),
        Index("uq_payout_payer", "internship_id", "payer_id", "type", "number", unique=True),
        Index("uq_payout_base", "internship_id", unique=True, postgresql_where=text("type = 'base'")),
        CheckConstraint("type IN ('base', 'adjustment', 'refund')", name="type"),
        CheckConstraint("(payee_id IS NULL) <> (payer_id IS NULL)", name="one_payee"),
        CheckConstraint("(type = 'refund') = (payer_id IS NOT NULL)", name="refund_to_payer"),
        CheckConstraint("amount >= 0", name="amount"),
        CheckConstraint("type <> 'base' OR number = 1", name="one_base"),
        CheckConstraint("includes_fee BETWEEN 0 AND amount", name="fee_within"),
        CheckConstraint(RAILS, name="rail"),
        CheckConstraint("approved_by_id <> released_by_id", name="two_persons"),
        CheckConstraint("payee_id <> approved_by_id AND payee_id <> released_by_id", name="not_the_payee"),
        CheckConstraint(
            "state NOT IN ('sending', 'paid') OR amount = 0 OR released_by_id IS NOT NULL", name="released"
        ),
    )
    state: Mapped[str] = mapped_column(default=payout.LAW.initial, index=True)
    internship_id: Mapped[int] = mapped_column(ForeignKey("internship.id"), index=True)
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    type: Mapped[str]
    number: Mapped[int] = mapped_column(default=1, server_default="1")
    currency: Mapped[str] = mapped_column(CHAR(3))
    amount: Mapped[int]
    rail: Mapped[str] = mapped_column(default="manual", server_default="manual")
    includes_fee: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # platform fee going back (unmatch, cancel)
    due_at: Mapped[datetime]
    approved_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime | None]
    approval_hash: Mapped[str | None] = mapped_column(
        CHAR(64)
    )  # over payee, amount, currency, destination, formula
    destination: Mapped[dict[str, Any] | None]  # frozen in the approval
    released_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    held_until: Mapped[datetime | None]
    reason_text: Mapped[str] = mapped_column(default="", server_default="")
    escalation: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # 1: the manager was told, 2: the operator
    payout_clock_at: Mapped[datetime | None]
    paid_at: Mapped[datetime | None]

    internship: Mapped[Internship] = relationship()
    payee: Mapped[Person | None] = relationship(foreign_keys=[payee_id])
    payer: Mapped[Organisation | None] = relationship(foreign_keys=[payer_id])
    approved_by: Mapped[Person | None] = relationship(foreign_keys=[approved_by_id])
    released_by: Mapped[Person | None] = relationship(foreign_keys=[released_by_id])
    legs: Mapped[list[Leg]] = relationship(order_by="Leg.id", back_populates="payout")

    def root(self) -> Internship:
        return self.internship

    def due(self, kind: str) -> Due | None:
        """`unhold` at its until; the queue's own clocks at `payout_clock_at`."""
        if kind == "unhold":
            return Due(self.held_until) if self.held_until else None
        return Due(self.payout_clock_at) if self.payout_clock_at else None


class Leg(Identified, Base):
    """The part of a payout that comes out of one funding."""

    __tablename__ = "leg"
    __table_args__ = (
        UniqueConstraint("payout_id", "funding_id"),
        CheckConstraint("amount > 0", name="amount"),
    )
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"))
    funding_id: Mapped[int] = mapped_column(ForeignKey("funding.id"), index=True)
    amount: Mapped[int]
    payout: Mapped[Payout] = relationship(back_populates="legs")
    funding: Mapped[Funding] = relationship()
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.number", back_populates="leg")


class Attempt(Identified, Base):
    """One try to move a leg's money. Its key and parameters are stored before anything leaves; it never goes back."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("leg_id", "number"),
        Index(
            "uq_attempt_live",
            "leg_id",
            unique=True,
            postgresql_where=text("state IN ('sending', 'unknown', 'succeeded')"),
        ),
        CheckConstraint("state IN ('sending', 'unknown', 'succeeded', 'rejected')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
    )
    leg_id: Mapped[int] = mapped_column(ForeignKey("leg.id"))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(default="sending")
    key: Mapped[str] = mapped_column(unique=True)
    rail: Mapped[str]
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(CHAR(3))
    params: Mapped[dict[str, Any]]  # frozen: what is asked of the bank or provider
    external_reference: Mapped[str | None]
    happened_on: Mapped[date | None]  # the bank's date
    claimed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    leg: Mapped[Leg] = relationship(back_populates="attempts")
