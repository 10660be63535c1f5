"""What webhooks are about: internships of which all has happened at Stripe, and nothing has reached us."""

from __future__ import annotations

from flask import Flask

from tests.ground.stand_in import StandIn
from tests.payments import stripe_rail
from tests.payments.stripe_rail import StripeRail
from webapp.core.db import db
from webapp.core.unit_of_work import unit_of_work
from webapp.stripe_events import jobs as stripe_event_jobs
from webapp.stripe_events.models import StripeEvent


def untold(app: Flask, stripe: StandIn) -> StripeRail:
    """All has happened at Stripe, and none of the answers has reached us: only webhooks can tell."""
    money = stripe_rail.released(app, stripe)
    stripe.fault("drop_after", path="/v1/(transfers|refunds)$", times=2)
    money.work()
    stripe.lever("make_available")
    money.return_remainder()
    money.work()
    assert (money.payout_state(), money.payout_state("refund")) == ("sending", "sending")
    return money


def handle_all(app: Flask) -> None:
    """What the worker does with the inbox."""
    with app.app_context():
        with unit_of_work():
            waiting = (
                db.select(StripeEvent.id).where(StripeEvent.handled_at.is_(None)).order_by(StripeEvent.id)
            )
            ids = list(db.session.scalars(waiting))
        for one in ids:
            stripe_event_jobs.handle(one)
