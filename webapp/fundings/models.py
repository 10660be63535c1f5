"""Money in: what a payer owes for an agreement, and what arrived for it: by bank, or by Stripe's Checkout."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.database.base import Base, Identified
from webapp.core.lifecycle.transitions import Stateful, known_states
from webapp.internships.models import Agreement, Internship
from webapp.organisations.models import Organisation
from workflows import funding

END_CHECKOUT = "end_checkout"  # the job that closes a page nobody shall pay on any more
RAILS = "rail IN ('manual', 'stripe')"


class Funding(Stateful, Identified, Base):
    """What one payer owes for one agreement: base, bonus pot and the platform fee as its own line (minor units)."""

    __tablename__ = "funding"
    law = funding.LAW
    __table_args__ = (
        known_states(funding.LAW),
        UniqueConstraint("agreement_id", "payer_id"),
        CheckConstraint(RAILS, name="rail"),
        CheckConstraint("base > 0 AND bonus_pot >= 0 AND fee >= 0", name="amounts"),
    )
    state: Mapped[str] = mapped_column(default=funding.LAW.initial, index=True)
    internship_id: Mapped[int] = mapped_column(ForeignKey("internship.id"), index=True)
    agreement_id: Mapped[int] = mapped_column(ForeignKey("agreement.id"))
    payer_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    rail: Mapped[str] = mapped_column(default="manual", server_default="manual")
    currency: Mapped[str] = mapped_column(CHAR(3))
    base: Mapped[int]
    bonus_pot: Mapped[int]
    fee: Mapped[int]
    reference: Mapped[str] = mapped_column(unique=True)  # what the payer writes on the transfer
    asked_at: Mapped[datetime]
    begun_at: Mapped[datetime | None]
    secured_at: Mapped[datetime | None]

    internship: Mapped[Internship] = relationship()
    agreement: Mapped[Agreement] = relationship()
    payer: Mapped[Organisation] = relationship()
    receipts: Mapped[list[Receipt]] = relationship(order_by="Receipt.id", back_populates="funding")
    checkouts: Mapped[list[Checkout]] = relationship(order_by="Checkout.number", back_populates="funding")
    charges: Mapped[list[Charge]] = relationship(order_by="Charge.id", back_populates="funding")

    def root(self) -> Internship:
        return self.internship

    @property
    def cap(self) -> int:
        return self.base + self.bonus_pot

    @property
    def total(self) -> int:
        """What is to be transferred."""
        return self.cap + self.fee

    @property
    def lines(self) -> tuple[tuple[str, int], ...]:
        """The parts of the total that are not nothing, by their codes: base, bonus_pot, fee."""
        parts = (("base", self.base), ("bonus_pot", self.bonus_pot), ("fee", self.fee))
        return tuple((code, amount) for code, amount in parts if amount)

    @property
    def checkout(self) -> Checkout | None:
        """The newest try to pay on the provider's page."""
        return self.checkouts[-1] if self.checkouts else None


class Receipt(Identified, Base):
    """Bank money that finance saw arrive for a funding. Never changed; a mistake is reversed by another row."""

    __tablename__ = "receipt"
    __table_args__ = (
        UniqueConstraint("bank_reference", "currency"),
        CheckConstraint("amount > 0", name="amount"),
    )
    funding_id: Mapped[int] = mapped_column(ForeignKey("funding.id"), index=True)
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(CHAR(3))
    received_on: Mapped[date]
    bank_reference: Mapped[str]
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    recorded_at: Mapped[datetime]
    funding: Mapped[Funding] = relationship(back_populates="receipts")


LIVE_CHECKOUTS = ("creating", "open", "processing")


class Checkout(Identified, Base):
    """One try of the payer to pay on Stripe's hosted page. Its key and parameters are stored before the call.

    creating: asked for, the answer is not known yet; open: the page waits for the payer; processing: the payer is
    done, the bank is not; paid, failed and expired are final. A funding has at most one that could still be paid.
    """

    __tablename__ = "checkout"
    __table_args__ = (
        UniqueConstraint("funding_id", "number"),
        CheckConstraint(
            "status IN ('creating', 'open', 'processing', 'paid', 'failed', 'expired')", name="status"
        ),
        CheckConstraint("status IN ('creating', 'expired', 'failed') OR session IS NOT NULL", name="session"),
        Index(
            "uq_checkout_live",
            "funding_id",
            unique=True,
            postgresql_where=text("status IN ('creating', 'open', 'processing')"),
        ),
        Index("ix_checkout_next", "next_poll_at", postgresql_where=text("next_poll_at IS NOT NULL")),
    )
    funding_id: Mapped[int] = mapped_column(ForeignKey("funding.id"))
    number: Mapped[int]
    status: Mapped[str] = mapped_column(default="creating")
    key: Mapped[str] = mapped_column(unique=True)
    params: Mapped[dict[str, Any]]  # frozen: what Stripe is asked for
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]  # real time, as are all instants here: Stripe knows no other
    expires_at: Mapped[datetime]
    session: Mapped[str | None] = mapped_column(unique=True)
    url: Mapped[str | None]
    next_poll_at: Mapped[datetime | None]  # when we ask Stripe again, should it not tell us before
    poll_count: Mapped[int] = mapped_column(default=0, server_default="0")
    ended_at: Mapped[datetime | None]
    funding: Mapped[Funding] = relationship(back_populates="checkouts")


class Charge(Identified, Base):
    """Money that Stripe took from a payer for a funding, with Stripe's own fee (minor units). Never changed."""

    __tablename__ = "charge"
    __table_args__ = (CheckConstraint("amount > 0 AND stripe_fee >= 0", name="amounts"),)
    funding_id: Mapped[int] = mapped_column(ForeignKey("funding.id"), index=True)
    checkout_id: Mapped[int] = mapped_column(ForeignKey("checkout.id"), unique=True)
    charge: Mapped[str] = mapped_column(unique=True)  # Stripe's ids
    payment_intent: Mapped[str] = mapped_column(unique=True)
    balance_transaction: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[int]
    stripe_fee: Mapped[int]
    currency: Mapped[str] = mapped_column(CHAR(3))
    arrived_at: Mapped[datetime]
    funding: Mapped[Funding] = relationship(back_populates="charges")
