"""What Stripe told us, each event once; and what claimed to come from Stripe and did not."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, Index, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database.base import Base, Identified

HANDLE_EVENT = "handle_stripe_event"  # the job that reads the object of an event


class StripeEvent(Identified, Base):
    """The inbox: a hint that something happened to an object, which is then read at Stripe itself.

    `polled` is what no webhook had brought when we asked for it. No body is kept: it holds people's data.
    """

    __tablename__ = "stripe_event"
    __table_args__ = (
        UniqueConstraint("destination", "event"),
        Index("ix_stripe_event_open", "id", postgresql_where=text("handled_at IS NULL")),
    )
    destination: Mapped[str]
    event: Mapped[str]
    type: Mapped[str]
    object: Mapped[str]
    account: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(index=True)
    received_at: Mapped[datetime] = mapped_column(server_default=func.now())
    polled: Mapped[bool] = mapped_column(default=False, server_default="false")
    handled_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # applied, foreign, ignored, differs, reversed


class StripeCursor(Base):
    """One row: until when we have asked Stripe what happened. Webhooks do not move it: they may have gaps."""

    __tablename__ = "stripe_cursor"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)
    singleton: Mapped[bool] = mapped_column(primary_key=True, default=True)
    polled_until: Mapped[datetime]


class RefusedDelivery(Identified, Base):
    """A delivery that was not Stripe's word to us: forged, stale, from the future, of another mode or account."""

    __tablename__ = "refused_delivery"
    destination: Mapped[str]
    refused_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    reason: Mapped[str]
    sha256: Mapped[str] = mapped_column(CHAR(64))
    size: Mapped[int]
    address: Mapped[str] = mapped_column(default="", server_default="")
