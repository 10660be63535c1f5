"""Organisations (employers and programmes), who belongs to them, and a programme's settings."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ARRAY, CHAR, CheckConstraint, Date, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.accounts.models import Person
from webapp.core.config import stripe_is_on
from webapp.core.database.base import Base, Identified
from webapp.core.database.words import words_index
from webapp.core.lifecycle.history import Chained

EMPLOYER_ROLES = ("owner", "reviewer")
PROGRAMME_ROLES = ("manager", "finance", "mentor")

DEFAULT_CLOCKS: dict[str, int] = {
    # days, unless the name says otherwise; LIFECYCLE.md gives the meaning of each
    "approval_days": 10,
    "open_days": 30,
    "unfilled_days": 10,
    "answer_days": 10,
    "answer_more_days": 10,
    "offer_days": 3,
    "sign_days": 3,
    "pay_days": 5,
    "secure_days": 14,
    "start_hours": 48,
    "review_days": 7,
    "review_more_days": 7,
    "revision_days": 5,
    "revision_rounds": 2,
    "grace_hours": 24,
    "no_submission_days": 14,
    "object_days": 5,
    "payout_days": 3,
}


class Organisation(Chained, Identified, Base):
    """An employer, or a programme. Its history tells who joined, left and changed role."""

    __tablename__ = "organisation"
    __table_args__ = (
        CheckConstraint("kind IN ('employer', 'programme')", name="org_kind"),
        Index("ix_organisation_kind", "kind", "name", "id"),
        words_index("ix_organisation_words", "name"),
    )
    org_kind: Mapped[str] = mapped_column("kind")
    name: Mapped[str]
    about: Mapped[str] = mapped_column(default="", server_default="")
    website: Mapped[str] = mapped_column(default="", server_default="")
    country: Mapped[str | None] = mapped_column(CHAR(2))
    zone: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())

    kind = "organisation"  # as the root of a history

    @property
    def is_programme(self) -> bool:
        return self.org_kind == "programme"


class Membership(Identified, Base):
    """One role of one person in one organisation; over when `ended_at` is set."""

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("role IN ('owner', 'reviewer', 'manager', 'finance', 'mentor')", name="role"),
        Index(
            "uq_membership_active",
            "organisation_id",
            "person_id",
            "role",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    role: Mapped[str]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()
    person: Mapped[Person] = relationship()

    kind = "membership"  # as the subject of its organisation's history


class Invitation(Identified, Base):
    """An invitation of one e-mail address to one role, single use, 48 hours. Only the token's hash is stored."""

    __tablename__ = "invitation"
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    invited_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    invited_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    organisation: Mapped[Organisation] = relationship()

    kind = "invitation"  # as the subject of its organisation's history


class ProgrammeSettings(Base):
    """What a programme decided; copied into each agreement, so that a change never moves the goalposts."""

    __tablename__ = "programme_settings"
    __table_args__ = (
        CheckConstraint("fee_bp BETWEEN 0 AND 10000", name="fee_bp"),
        CheckConstraint("cardinality(currencies) > 0", name="currencies"),
    )
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True)
    fee_bp: Mapped[int] = mapped_column(default=1000, server_default="1000")
    currencies: Mapped[list[str]] = mapped_column(ARRAY(CHAR(3)))
    pay_floor: Mapped[dict[str, Any]]  # currency -> minor units an hour
    approval_needed: Mapped[bool] = mapped_column(default=False, server_default="false")
    clocks: Mapped[dict[str, Any]]
    holidays: Mapped[list[date]] = mapped_column(ARRAY(Date), default=list, server_default="{}")
    bank_details: Mapped[dict[str, Any]]  # currency -> lines that tell the employer where to transfer to
    stripe_currencies: Mapped[list[str]] = mapped_column(ARRAY(CHAR(3)), default=list, server_default="{}")
    stripe_countries: Mapped[list[str]] = mapped_column(ARRAY(CHAR(2)), default=list, server_default="{}")
    unpaid_countries: Mapped[list[str]] = mapped_column(ARRAY(CHAR(2)), default=list, server_default="{}")
    organisation: Mapped[Organisation] = relationship()

    def rail_for(self, country: str | None, currency: str) -> str | None:
        """The rail on which an intern in this country is paid in this currency; None where the programme has none.

        Stripe can pay only what it holds in that currency, and only to the countries it transfers to.
        """
        if country in self.unpaid_countries:
            return None
        by_stripe = country in self.stripe_countries and currency in self.stripe_currencies
        return "stripe" if by_stripe and stripe_is_on() else "manual"

    def clock(self, name: str) -> int:
        """The value of one clock, with the paper's default."""
        return int(self.clocks.get(name, DEFAULT_CLOCKS[name]))
