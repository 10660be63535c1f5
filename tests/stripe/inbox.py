"""What webhooks are about: internships of which all has happened at Stripe, and nothing has reached us."""

from __future__ import annotations

from flask import Flask

from tests.support import stripe_rail
from tests.support.simulator import Simulator
from tests.support.stripe_rail import StripeRail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.stripe import jobs as stripe_jobs
from webapp.stripe.models import StripeEvent


def untold(app: Flask, stripe: Simulator) -> StripeRail:
    """All has happened at Stripe, and none of the answers has reached us: only webhooks can tell."""
    money = stripe_rail.released(app, stripe)
    stripe.fault("drop_after", path="/v1/(transfers|refunds)$", times=2)
    money.work()
    stripe.control("make_available")
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
            stripe_jobs.handle(one)
