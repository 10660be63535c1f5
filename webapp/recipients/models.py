"""Where interns want their money: a bank account, or a recipient's account at Stripe."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.database.base import Base, Identified
from webapp.fundings.models import RAILS

READ_ACCOUNT = "read_account"  # the job that reads a recipient at Stripe


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


class StripeAccount(Identified, Base):
    """An intern's recipient account at Stripe, which alone holds who they are and where their bank is.

    Its key and parameters are stored before it is asked for; `transfers` is Stripe's word on whether it can
    receive. Another account is a new row; the old one gets `replaced_at`. Instants are real time.
    """

    __tablename__ = "stripe_account"
    __table_args__ = (
        Index(
            "uq_stripe_account_current",
            "person_id",
            unique=True,
            postgresql_where=text("replaced_at IS NULL"),
        ),
        Index("ix_stripe_account_next", "next_poll_at", postgresql_where=text("next_poll_at IS NOT NULL")),
    )
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    key: Mapped[str] = mapped_column(unique=True)
    params: Mapped[dict[str, Any]]
    country: Mapped[str] = mapped_column(CHAR(2))
    account: Mapped[str | None] = mapped_column(unique=True)
    transfers: Mapped[str] = mapped_column(default="restricted", server_default="restricted")
    requirements: Mapped[list[str]] = mapped_column(default=list, server_default="[]")
    waits_for_user: Mapped[bool] = mapped_column(default=True, server_default="true")
    asked_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    next_poll_at: Mapped[datetime | None]
    poll_count: Mapped[int] = mapped_column(default=0, server_default="0")
    replaced_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()

    @property
    def can_receive(self) -> bool:
        return self.account is not None and self.transfers == "active"
