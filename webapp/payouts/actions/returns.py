"""What falls due: the result to the intern, and to the payer what a match or a result did not use."""

from __future__ import annotations

from webapp.core.database import clock
from webapp.core.errors import NotNow
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.core.money.amounts import Money
from webapp.fundings import queries as funding_queries
from webapp.fundings.models import Charge, Funding
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.ledger.actions import events as ledger_events
from webapp.notifications.actions import tell_all
from webapp.organisations.queries import members
from webapp.payouts.actions.approval import block_if_unreachable
from webapp.payouts.actions.sending import release_refund, settle_if_empty
from webapp.payouts.models import Payout, PayoutPart
from webapp.payouts.queries import queue as payout_queue


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
    ledger_events.award(
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
    internship_actions.mark_remainder_returned(internship, actor=actor)
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
        number=1 if type_ == "base" else payout_queue.next_number(internship.id, type_),
        currency=funding.currency,
        amount=amount,
        rail=funding.rail,
        includes_fee=fee,
        due_at=now,
        payout_clock_at=payout_queue.escalates_at(internship),
    )
    if charge is None:
        charge = funding_queries.securing_charge(funding)
    payout.parts = [PayoutPart(funding_id=funding.id, charge_id=charge.id if charge else None, amount=amount)]
    params = {"amount": amount, "currency": payout.currency, "type": type_}
    lifecycle.begin(payout, actor=actor, params=params)
    if type_ == "refund":
        release_refund(payout)
    if payout.state == "due":
        finance, sum_ = members(internship.programme_id, "finance"), Money(amount, payout.currency)
        key, path = f"payout:{payout.id}:due", f"/finance/payouts/{payout.id}"
        tell_all(finance, "payout_due", key=key, path=path, amount=sum_)
    return payout


def fall_due_to_payer(
    funding: Funding, amount: int, *, actor: Actor, fee: int = 0, charge: Charge | None = None
) -> None:
    """Money in is not needed, or is beyond the sum (minor units): it waits to go back to its payer."""
    _fall_due(funding, "refund", amount, actor, fee=fee, charge=charge)
