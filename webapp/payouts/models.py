"""Money out: payouts, their parts and attempts, on any rail."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.database.base import Base, Identified
from webapp.core.lifecycle.deadlines import Due
from webapp.core.lifecycle.transitions import Stateful, known_states
from webapp.fundings.models import RAILS, Charge, Funding
from webapp.internships.models import Internship
from webapp.organisations.models import Organisation
from workflows import payout

SEND_ATTEMPT = "send_attempt"  # the job that carries out an attempt
BLOCKED_QUIETLY = timedelta(days=5)  # then the programme manager is told
BLOCKED_AT_MOST = timedelta(days=30)  # then it is due again, on the manual rail


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
            "state NOT IN ('sending', 'paid') OR amount = 0 OR released_by_id IS NOT NULL"
            " OR (rail = 'stripe' AND type = 'refund')",
            name="released",
        ),
        CheckConstraint("state <> 'blocked' OR blocked_at IS NOT NULL", name="blocked"),
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
    blocked_at: Mapped[datetime | None]
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
    parts: Mapped[list[PayoutPart]] = relationship(order_by="PayoutPart.id", back_populates="payout")

    def root(self) -> Internship:
        return self.internship

    @property
    def unclear(self) -> Attempt | None:
        """An attempt of which nobody knows whether Stripe has it, so that a person decides."""
        attempts = (attempt for part in self.parts for attempt in part.attempts)
        return next((attempt for attempt in attempts if attempt.is_live and attempt.problem), None)

    def due(self, kind: str) -> Due | None:
        """`unhold` at its until, `unblock` after 30 days; the queue's own clocks at `payout_clock_at`."""
        if kind == "unhold":
            return Due(self.held_until) if self.held_until else None
        if kind == "unblock":
            if self.blocked_at is None:
                return None
            return Due(self.blocked_at + BLOCKED_AT_MOST, (self.blocked_at + BLOCKED_QUIETLY,))
        return Due(self.payout_clock_at) if self.payout_clock_at else None


class PayoutPart(Identified, Base):
    """The part of a payout that comes out of one funding, and on Stripe out of one charge."""

    __tablename__ = "payout_part"
    __table_args__ = (
        UniqueConstraint("payout_id", "funding_id"),
        CheckConstraint("amount > 0", name="amount"),
    )
    payout_id: Mapped[int] = mapped_column(ForeignKey("payout.id"))
    funding_id: Mapped[int] = mapped_column(ForeignKey("funding.id"), index=True)
    charge_id: Mapped[int | None] = mapped_column(ForeignKey("charge.id"), index=True)
    amount: Mapped[int]
    payout: Mapped[Payout] = relationship(back_populates="parts")
    funding: Mapped[Funding] = relationship()
    charge: Mapped[Charge | None] = relationship()
    attempts: Mapped[list[Attempt]] = relationship(order_by="Attempt.number", back_populates="part")

    @property
    def is_sent(self) -> bool:
        return any(attempt.state == "succeeded" for attempt in self.attempts)


class Attempt(Identified, Base):
    """One try to move a part's money. Its key and parameters are stored before anything leaves; it never goes back."""

    __tablename__ = "attempt"
    __table_args__ = (
        UniqueConstraint("part_id", "number"),
        Index(
            "uq_attempt_live",
            "part_id",
            unique=True,
            postgresql_where=text("state IN ('sending', 'unknown', 'succeeded')"),
        ),
        CheckConstraint("state IN ('sending', 'unknown', 'succeeded', 'rejected')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
        Index("ix_attempt_problem", "id", postgresql_where=text("problem IS NOT NULL")),
        Index("ix_attempt_next", "next_try_at", postgresql_where=text("next_try_at IS NOT NULL")),
    )
    part_id: Mapped[int] = mapped_column(ForeignKey("payout_part.id"))
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
    # Only on Stripe, in real time: how long the key can be replayed, when to look or try again, why a person decides.
    called_at: Mapped[datetime | None]
    next_try_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    problem: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    part: Mapped[PayoutPart] = relationship(back_populates="attempts")
    calls: Mapped[list[Call]] = relationship(order_by="Call.id", back_populates="attempt")

    @property
    def is_live(self) -> bool:
        """Its outcome is not known yet."""
        return self.state in ("sending", "unknown")


class Call(Identified, Base):
    """One question to Stripe about an attempt and what came of it: the evidence. Never changed."""

    __tablename__ = "call"
    attempt_id: Mapped[int] = mapped_column(ForeignKey("attempt.id"), index=True)
    called_at: Mapped[datetime]
    what: Mapped[str]  # lookup, charge, create, read
    outcome: Mapped[str]  # ok, found, absent, rejected, later, unknown
    code: Mapped[str] = mapped_column(default="", server_default="")
    http_status: Mapped[int | None]
    request: Mapped[str] = mapped_column(default="", server_default="")
    detail: Mapped[str] = mapped_column(default="", server_default="")
    attempt: Mapped[Attempt] = relationship(back_populates="calls")
