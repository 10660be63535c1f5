"""What the operator of an installation sees of the line to Stripe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.core.database.base import db
from webapp.stripe.models import RefusedDelivery, StripeCursor, StripeEvent


@dataclass(frozen=True)
class Connection:
    """How it stands: the newest events, what waits, what was refused; instants in real time."""

    polled_until: datetime | None
    waiting: int
    polled: int
    events: Sequence[StripeEvent]
    refused: Sequence[RefusedDelivery]


def connection(at_most: int = 30) -> Connection:
    """The line to Stripe as it stands now."""
    waiting = select(func.count()).select_from(StripeEvent).where(StripeEvent.handled_at.is_(None))
    polled = select(func.count()).select_from(StripeEvent).where(StripeEvent.polled)
    return Connection(
        polled_until=db.session.scalar(select(StripeCursor.polled_until)),
        waiting=int(db.session.scalar(waiting) or 0),
        polled=int(db.session.scalar(polled) or 0),
        events=db.session.scalars(select(StripeEvent).order_by(StripeEvent.id.desc()).limit(at_most)).all(),
        refused=db.session.scalars(
            select(RefusedDelivery).order_by(RefusedDelivery.id.desc()).limit(at_most)
        ).all(),
    )
