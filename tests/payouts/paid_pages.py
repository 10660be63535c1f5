"""What Stripe says of a page on which somebody paid."""

from __future__ import annotations

from tests.support import stripe_rail
from tests.support.stripe_rail import StripeRail
from webapp.core.database import clock
from webapp.core.database.transactions import unit_of_work
from webapp.stripe.gateway.facts import ChargeFacts, Session


def paid_in(money: StripeRail, session: str, booked: str, number: str = "1") -> Session:
    with money.app.app_context(), unit_of_work():
        told_of = dict(money.checkout().params["body"]["metadata"])
    charge = ChargeFacts(
        id=f"ch_{number}", payment_intent=f"pi_{number}", amount=stripe_rail.TOTAL, currency="USD", paid=True,
        refunded=0, disputed=False, created=clock.real_now(), balance_transaction=f"txn_{number}" if booked else "",
        booked_currency=booked, fee=100,
    )  # fmt: skip
    return Session(session, "complete", "paid", None, told_of, charge=charge)
