"""What falls due: the result to the intern, and to the payer what a match or a result did not use."""

from __future__ import annotations

from datetime import date, datetime

from webapp.core import clock, jobs, lifecycle
from webapp.core.audit import SYSTEM, Actor
from webapp.core.errors import NotNow
from webapp.core.money import Money
from webapp.fundings import actions as funding_actions
from webapp.fundings import queries as funding_queries
from webapp.fundings.models import LIVE_CHECKOUTS, Charge, Checkout, Funding
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.ledger import actions as ledger_actions
from webapp.notifications.actions import tell_all
from webapp.organisations.queries import members
from webapp.payments import queries
from webapp.payments.actions.payouts import block_if_unreachable
from webapp.payments.actions.sending import send_back, settle_if_empty
from webapp.payments.models import Leg, Payout


def record_receipt(
    funding: Funding, *, actor: Actor, version: int, amount: int, received_on: date, bank_reference: str
) -> None:
    """Finance records bank money that arrived. Money for a match that is over is secured and at once returned.

    What is beyond the sum goes back too: nothing else could ever take it out of the books.
    """
    funding_actions.record_receipt(
        funding,
        actor=actor,
        version=version,
        amount=amount,
        received_on=received_on,
        bank_reference=bank_reference,
    )
    if funding.state == "secured":
        _return_part(funding, funding_queries.beyond(funding), actor)
        if funding_actions.is_dead(funding):
            _refund(funding, actor)
    elif funding_actions.is_dead(funding):
        _return_part(funding, amount, actor)


def take_in(
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
    taken = funding_actions.arrive(
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
    elif funding_actions.is_dead(funding):
        _refund(funding, actor)


def note_differs(checkout: Checkout, *, actor: Actor, session: str, charge: str) -> None:
    """Stripe booked the payment in another currency: it cannot be booked as what it is not, so people are told."""
    funding_actions.note_processing(checkout, actor=actor, session=session)
    funding_actions.look_later(checkout, actor=actor)
    funding = checkout.funding
    people = [*members(funding.internship.posting.programme_id, "finance"), *queries.operators()]
    path = f"/fundings/{funding.id}"
    tell_all(people, "charge_differs", key=f"charge:{charge}:differs", path=path, reference=funding.reference)


def note_returned_elsewhere(charge: Charge, *, actor: Actor, refund: str, amount: int) -> None:
    """Somebody gave money of ours back at Stripe itself (minor units): the books do not know, so people are told."""
    funding = charge.funding
    people = [*members(funding.internship.posting.programme_id, "finance"), *queries.operators()]
    key, path = f"refund:{refund}:elsewhere", f"/fundings/{funding.id}"
    tell_all(people, "returned_elsewhere", key=key, path=path, amount=Money(amount, charge.currency))


def give_back(internship: Internship, *, actor: Actor) -> None:
    """The match ends before the work began: an unsecured funding is void, a secured one goes back, fee included."""
    funding = funding_queries.live(internship)
    if funding is None:
        return
    lifecycle.lock(funding)
    if funding.state == "secured":
        internship_actions.note_refunded(internship, actor=actor)
        _refund(funding, actor)
    elif funding.state in ("awaiting", "processing", "failed"):
        lifecycle.advance(funding, "cancel", actor=actor, version=None, may=lifecycle.entailed)
        if funding.rail == "manual":  # what Stripe took and nobody secured has gone back as it came
            _return_part(funding, funding_queries.received(funding), actor)
        for checkout in funding.checkouts:
            if checkout.status in LIVE_CHECKOUTS:  # nobody shall pay there any more
                jobs.defer(jobs.Job.END_CHECKOUT, checkout_id=checkout.id)


def _return_part(funding: Funding, amount: int, actor: Actor, charge: Charge | None = None) -> None:
    """A part for a match that is over, or what is beyond the sum, was never secured; it goes back all the same."""
    if amount:
        funding_actions.take_out_part(funding, amount, actor=actor)
        _fall_due(funding, "refund", amount, actor, charge=charge)


def _refund(funding: Funding, actor: Actor) -> None:
    lifecycle.advance(funding, "refund", actor=actor, version=None, may=lifecycle.entailed)
    _fall_due(funding, "refund", funding.total, actor, fee=funding.fee)


def fall_due(internship: Internship, *, actor: Actor) -> None:
    """The result is fixed: what it earned belongs to the intern at once and waits for finance.

    A result of nothing settles without a transfer.
    """
    lifecycle.lock(internship)
    funding = funding_queries.live(internship)
    if funding is None or internship.award is None or internship.intern_id is None:
        raise NotNow
    if internship.award == 0:
        internship_actions.settle(internship, actor=SYSTEM)
        return
    payout = _fall_due(funding, "base", internship.award, actor)
    ledger_actions.award(
        f"payout:{payout.id}",
        internship_id=internship.id,
        payee_id=internship.intern_id,
        amount=payout.amount,
        currency=payout.currency,
        actor=actor,
    )
    block_if_unreachable(payout, actor=SYSTEM)


def return_remainder(internship: Internship, *, actor: Actor) -> None:
    """What the result did not use goes back to the payer."""
    lifecycle.lock(internship)
    funding = funding_queries.live(internship)
    if internship.remainder_done or funding is None or internship.cap is None or internship.award is None:
        return
    internship_actions.note_remainder_returned(internship, actor=actor)
    if internship.cap > internship.award:
        _fall_due(funding, "refund", internship.cap - internship.award, actor)
    else:
        settle_if_empty(funding, actor=actor)


def return_remainder_by_time(internship: Internship) -> None:
    """The window for a dispute has passed."""
    return_remainder(internship, actor=SYSTEM)


def _fall_due(
    funding: Funding, type_: str, amount: int, actor: Actor, *, fee: int = 0, charge: Charge | None = None
) -> Payout:
    internship, now = funding.internship, clock.now()
    payout = Payout(
        internship_id=internship.id,
        payee_id=internship.intern_id if type_ == "base" else None,
        payer_id=funding.payer_id if type_ == "refund" else None,
        type=type_,
        # A base payout is always number 1, so that the table refuses a second one.
        number=1 if type_ == "base" else queries.next_number(internship.id, type_),
        currency=funding.currency,
        amount=amount,
        rail=funding.rail,
        includes_fee=fee,
        due_at=now,
        payout_clock_at=queries.escalates_at(internship),
    )
    if charge is None and funding.charges:
        charge = funding.charges[0]
    payout.legs = [Leg(funding_id=funding.id, charge_id=charge.id if charge else None, amount=amount)]
    params = {"amount": amount, "currency": payout.currency, "type": type_}
    lifecycle.begin(payout, actor=actor, params=params)
    if type_ == "refund":
        send_back(payout, actor=SYSTEM)
    if payout.state == "due":
        finance, sum_ = members(internship.posting.programme_id, "finance"), Money(amount, payout.currency)
        key, path = f"payout:{payout.id}:due", f"/finance/payouts/{payout.id}"
        tell_all(finance, "payout_due", key=key, path=path, amount=sum_)
    return payout
