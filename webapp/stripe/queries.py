"""What the operator of an installation sees of the line to Stripe."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.core.database.base import db
from webapp.core.database.pages import Page, read_page
from webapp.stripe.models import RefusedDelivery, StripeCursor, StripeEvent


@dataclass(frozen=True)
class Connection:
    """How it stands: the newest events, what waits, what was refused; instants in real time."""

    polled_until: datetime | None
    waiting: int
    polled: int
    events: Page[StripeEvent]
    refused: Page[RefusedDelivery]


def connection(events_after: int | None = None, refused_after: int | None = None) -> Connection:
    """The line to Stripe as it is now, with a page of each list, the newest first."""
    waiting = select(func.count()).select_from(StripeEvent).where(StripeEvent.handled_at.is_(None))
    polled = select(func.count()).select_from(StripeEvent).where(StripeEvent.polled)
    return Connection(
        polled_until=db.session.scalar(select(StripeCursor.polled_until)),
        waiting=int(db.session.scalar(waiting) or 0),
        polled=int(db.session.scalar(polled) or 0),
        events=read_page(
            select(StripeEvent), StripeEvent, (StripeEvent.id,), events_after, newest_first=True
        ),
        refused=read_page(
            select(RefusedDelivery), RefusedDelivery, (RefusedDelivery.id,), refused_after, newest_first=True
        ),
    )
