"""What Stripe says is taken in once, whichever way it comes."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from webapp.core.database import clock, jobs
from webapp.core.database.base import db
from webapp.core.database.transactions import separate_transaction
from webapp.stripe.gateway.facts import Event
from webapp.stripe.models import HANDLE_EVENT, RefusedDelivery, StripeCursor, StripeEvent

KEPT = timedelta(days=60)
BEFORE_THE_FIRST = timedelta(days=1)
OVERLAP = timedelta(hours=1)  # an event may show up in Stripe's list later than its own time
KEPT_BY_STRIPE = timedelta(days=30)


def store_event(destination: str, event: Event, *, polled: bool = False) -> bool:
    """Keep an event and the job that handles it, in this transaction; False where it was told before."""
    new = db.session.scalar(
        insert(StripeEvent)
        .values(
            destination=destination,
            event=event.id,
            type=event.type,
            object=event.object_id,
            account=event.account,
            created_at=event.created,
            polled=polled,
        )
        .on_conflict_do_nothing(index_elements=["destination", "event"])
        .returning(StripeEvent.id)
    )
    if new is not None:
        jobs.defer(HANDLE_EVENT, event_id=new)
    return new is not None


def refuse(destination: str, body: bytes, reason: str, *, address: str) -> None:
    """Write down what was refused, without its body, in a transaction that the refusal does not undo."""
    with separate_transaction() as session:
        session.add(
            RefusedDelivery(
                destination=destination,
                reason=reason,
                sha256=hashlib.sha256(body).hexdigest(),
                size=len(body),
                address=address,
            )
        )


def asked_since() -> datetime:
    """From when on Stripe is to be asked what happened."""
    cursor, now = db.session.scalar(select(StripeCursor.polled_until)), clock.real_now()
    since = cursor - OVERLAP if cursor is not None else now - BEFORE_THE_FIRST
    return max(since, now - KEPT_BY_STRIPE)


def store_polled(events: list[Event], until: datetime) -> int:
    """Keep what no webhook has brought, and remember until when we have asked; returns how many were new."""
    new = sum(store_event("platform", event, polled=True) for event in events)
    kept = insert(StripeCursor).values(singleton=True, polled_until=until)
    db.session.execute(kept.on_conflict_do_update(index_elements=["singleton"], set_={"polled_until": until}))
    return new


def mark_handled(event: StripeEvent, outcome: str) -> None:
    """The object was read and applied, or is none of ours."""
    event.handled_at, event.outcome = clock.real_now(), outcome


def prune() -> None:
    """Handled events and refused deliveries are forgotten after sixty days."""
    before = clock.real_now() - KEPT
    db.session.execute(delete(StripeEvent).where(StripeEvent.handled_at < before))
    db.session.execute(delete(RefusedDelivery).where(RefusedDelivery.refused_at < before))
