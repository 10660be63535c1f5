"""Money that arrives, and what of it no match needs: that goes back to its payer."""

from __future__ import annotations

from datetime import date, datetime

from webapp.accounts import queries as account_queries
from webapp.core.database import jobs
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import Actor
from webapp.core.money.amounts import Money
from webapp.core.slice import tell
from webapp.fundings import queries
from webapp.fundings.actions import checkouts as funding_checkouts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.models import END_CHECKOUT, LIVE_CHECKOUTS, Charge, Checkout, Funding
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.notifications.actions import tell_all
from webapp.organisations.queries import members

REFUND_DUE = "funding.refund_due"
"""Told with the funding and the amount that goes back (minor units): whoever pays out hears it."""


def record_receipt(
    funding: Funding, *, actor: Actor, version: int, amount: int, received_on: date, bank_reference: str
) -> None:
    """Finance records bank money that arrived. Money for a match that is over is secured and at once returned.

    What is beyond the sum goes back too: nothing else could ever take it out of the books.
    """
    funding_transfers.accept_receipt(
        funding,
        actor=actor,
        version=version,
        amount=amount,
        received_on=received_on,
        bank_reference=bank_reference,
    )
    if funding.state == "secured":
        _return_part(funding, queries.beyond(funding), actor)
        if funding_transfers.is_void_match(funding):
            _refund(funding, actor)
    elif funding_transfers.is_void_match(funding):
        _return_part(funding, amount, actor)


def record_stripe_payment(
    checkout: Checkout,
    *,
    actor: Actor,
    session: str,
    charge: str,
    payment_intent: str,
    balance_transaction: str,
    amount: int,
    stripe_fee: int,
    occurred_at: datetime,
) -> None:
    """Stripe took a payer's money (minor units). What belongs to no standing match goes back at once."""
    funding = checkout.funding
    lifecycle.lock(funding)  # another payment may have secured it since it was read
    before = funding.state
    taken = funding_checkouts.record_charge(
        checkout,
        actor=actor,
        session=session,
        charge=charge,
        payment_intent=payment_intent,
        balance_transaction=balance_transaction,
        amount=amount,
        stripe_fee=stripe_fee,
        occurred_at=occurred_at,
    )
    if taken is None:
        return
    if funding.state != "secured" or before == "secured":
        _return_part(funding, amount, actor, taken)
    elif funding_transfers.is_void_match(funding):
        _refund(funding, actor)


def report_other_currency(checkout: Checkout, *, actor: Actor, session: str, charge: str) -> None:
    """Stripe booked the payment in another currency: it cannot be booked as what it is not, so people are told."""
    funding_checkouts.mark_processing(checkout, actor=actor, session=session)
    funding_checkouts.schedule_poll(checkout)
    funding = checkout.funding
    people = [*members(funding.internship.programme_id, "finance"), *account_queries.operators()]
    path = f"/fundings/{funding.id}"
    tell_all(people, "charge_differs", key=f"charge:{charge}:differs", path=path, reference=funding.reference)


def report_outside_refund(charge: Charge, *, refund: str, amount: int) -> None:
    """Somebody gave money of ours back at Stripe itself (minor units): the books do not know, so people are told."""
    funding = charge.funding
    people = [*members(funding.internship.programme_id, "finance"), *account_queries.operators()]
    key, path = f"refund:{refund}:elsewhere", f"/fundings/{funding.id}"
    tell_all(people, "returned_elsewhere", key=key, path=path, amount=Money(amount, charge.currency))


def refund_match(internship: Internship, *, actor: Actor) -> None:
    """The match ends before the work began: an unsecured funding is void, a secured one goes back, fee included."""
    funding = queries.live(internship)
    if funding is None:
        return
    lifecycle.lock(funding)
    if funding.state == "secured":
        internship_actions.mark_refunded(internship)
        _refund(funding, actor)
    elif funding.state in ("awaiting", "processing", "failed"):
        lifecycle.advance(funding, "cancel", actor=actor, implied=True)
        if funding.rail == "manual":  # what Stripe took and nobody secured has gone back as it came
            _return_part(funding, queries.received(funding), actor)
        for checkout in funding.checkouts:
            if checkout.status in LIVE_CHECKOUTS:  # nobody shall pay there any more
                jobs.defer(END_CHECKOUT, checkout_id=checkout.id)


def _return_part(funding: Funding, amount: int, actor: Actor, charge: Charge | None = None) -> None:
    """A part for a match that is over, or what is beyond the sum, was never secured; it goes back all the same."""
    if amount:
        funding_transfers.take_out_part(funding, amount, actor=actor)
        tell(REFUND_DUE, funding, amount, actor=actor, charge=charge)


def _refund(funding: Funding, actor: Actor) -> None:
    lifecycle.advance(funding, "refund", actor=actor, implied=True)
    tell(REFUND_DUE, funding, funding.total, actor=actor, fee=funding.fee)
