"""An event is a hint: the object it speaks of is read at Stripe, and what is read is applied, only ever forwards."""

from __future__ import annotations

import logging
from datetime import datetime

from webapp.core.config import stripe_is_on
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work, with_retries
from webapp.core.slice import slices
from webapp.stripe import actions
from webapp.stripe.gateway import gateway
from webapp.stripe.gateway.errors import GatewayError
from webapp.stripe.models import StripeEvent

log = logging.getLogger(__name__)


def handle(event_id: int) -> None:
    """Read the object of an event and apply what it says. Raises where it has to be tried again later."""

    def take() -> tuple[str, bool]:
        with unit_of_work():
            event = db.session.get_one(StripeEvent, event_id)
            return event.object, event.handled_at is not None

    number, done = with_retries(take)
    if done:
        return
    # By how the object's id begins; whatever else happens at Stripe is none of this product's business.
    handler = slices().events.get(number.split("_")[0])
    outcome = handler(number) if handler is not None else "ignored"

    def note() -> None:
        with unit_of_work():
            actions.mark_handled(db.session.get_one(StripeEvent, event_id), outcome)

    with_retries(note)


def poll() -> int:
    """Ask Stripe what happened since the last time, for the webhooks that never came; returns how many were new."""
    if not stripe_is_on():
        return 0

    def since() -> datetime:
        with unit_of_work():
            return actions.asked_since()

    begun = clock.real_now()
    asked = with_retries(since)
    try:
        events = gateway().events_since(asked)
    except GatewayError as error:
        log.warning("Stripe could not be asked what happened, and will be in a minute: %s", error)
        return 0

    def keep() -> int:
        with unit_of_work():
            return actions.store_polled(events, begun)

    return with_retries(keep)


class MissingParent(Exception):
    """What Stripe speaks of is ours, but we do not know it yet: the event is tried again later."""
