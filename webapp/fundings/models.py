"""Money in: what a payer owes for an agreement, and the bank money that arrived for it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.core.db import Base, Identified
from webapp.core.lifecycle import Stateful, known_states
from webapp.internships.models import Agreement, Internship
from webapp.organisations.models import Organisation
from workflows import funding

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

    def root(self) -> Internship:
        return self.internship

    @property
    def cap(self) -> int:
        return self.base + self.bonus_pot

    @property
    def total(self) -> int:
        """What is to be transferred."""
        return self.cap + self.fee


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
