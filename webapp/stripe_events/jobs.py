"""An event is a hint: the object it speaks of is read at Stripe, and what is read is applied, only ever forwards."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime

from webapp.core import clock
from webapp.core.audit import SYSTEM
from webapp.core.config import stripe_is_on
from webapp.core.db import db
from webapp.core.unit_of_work import unit_of_work, with_retries
from webapp.payments.gateway import GatewayError, gateway
from webapp.payments.jobs import account_said, checkout_said, read_refund, read_transfer
from webapp.stripe_events import actions
from webapp.stripe_events.models import StripeEvent

log = logging.getLogger(__name__)

# By how the object's id begins; whatever else happens at Stripe is none of this product's business.
HANDLERS: dict[str, Callable[[str], str]] = {
    "cs": checkout_said,
    "tr": read_transfer,
    "re": read_refund,
    "pyr": read_refund,
    "acct": account_said,
}


def handle(event_id: int) -> None:
    """Read the object of an event and apply what it says. Raises where it has to be tried again later."""

    def take() -> tuple[str, bool]:
        with unit_of_work():
            event = db.session.get_one(StripeEvent, event_id)
            return event.object, event.handled_at is not None

    number, done = with_retries(take)
    if done:
        return
    handler = HANDLERS.get(number.split("_")[0])
    outcome = handler(number) if handler is not None else "ignored"

    def note() -> None:
        with unit_of_work():
            actions.note_handled(db.session.get_one(StripeEvent, event_id), outcome, actor=SYSTEM)

    with_retries(note)


def poll() -> int:
    """Ask Stripe what happened since the last time, for the webhooks that never came; returns how many were new."""
    if not stripe_is_on():
        return 0

    def since() -> datetime:
        with unit_of_work():
            return actions.asked_since(actor=SYSTEM)

    begun = clock.real_now()
    asked = with_retries(since)
    try:
        events = gateway().events_since(asked)
    except GatewayError as error:
        log.warning("Stripe could not be asked what happened, and will be in a minute: %s", error)
        return 0

    def keep() -> int:
        with unit_of_work():
            return actions.take_in_polled(events, begun, actor=SYSTEM)

    return with_retries(keep)
