"""Money in by Stripe's Checkout. Only Stripe's word moves it: these verbs are told what was read there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.database import clock, installation
from webapp.core.database.base import db
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import Actor
from webapp.core.money.amounts import Money, minimum_charge
from webapp.fundings import policy, queries
from webapp.fundings.actions.transfers import PAYABLE, is_void_match, secure
from webapp.fundings.models import LIVE_CHECKOUTS, Charge, Checkout, Funding
from webapp.internships import actions as internship_actions
from webapp.ledger.actions import events as ledger_events
from webapp.notifications.actions import tell_all
from webapp.organisations.queries import members

OPEN_FOR = timedelta(hours=23)  # Stripe keeps a page open for 24 hours at most
FIRST_LOOK = timedelta(seconds=30)
LONGEST_PAUSE = timedelta(hours=1)
OTHER_AMOUNT = "other_amount"


def open_checkout(
    funding: Funding, *, actor: Person, version: int, back: str, locale: str, names: dict[str, str]
) -> Checkout:
    """The owner goes to pay on Stripe's page: a page that could still be paid is opened again, else a new one.

    `back` is the address that Stripe leads back to; `names` are what the parts of the sum are called there. Raises
    NotAllowed, Stale, and NotNow with what is missing. Nothing is asked of Stripe here: the caller does it once
    this is committed, with the checkout's key and parameters.
    """
    lifecycle.lock(funding)
    if not policy.may_pay(actor, funding):
        raise NotAllowed
    if version != funding.version:
        raise Stale
    if funding.rail != "stripe":
        raise NotNow(_l("The money of this agreement is paid by a bank transfer."))
    if is_void_match(funding) or funding.state not in ("awaiting", "failed"):
        raise NotNow(_l("There is nothing left to pay here. Check the page again."))
    if funding.internship.signed_at is None:
        raise NotNow(_l("Both sides accept the agreement first; then the money is paid."))
    if funding.total < minimum_charge(funding.currency):
        raise NotNow(_l("This amount is smaller than Stripe can charge to a card."))
    before = funding.checkout
    if before is not None and before.status in LIVE_CHECKOUTS:
        return before
    if funding.state == "failed":
        lifecycle.advance(funding, "retry", actor=actor)
    now, number = clock.real_now(), before.number + 1 if before else 1
    uid, key = installation.uid(), f"co-{funding.id}-{number}"
    checkout = Checkout(
        funding_id=funding.id,
        number=number,
        key=key,
        asked_by_id=actor.id,
        asked_at=now,
        expires_at=now + OPEN_FOR,
        params={},
        next_poll_at=now + FIRST_LOOK,
    )
    checkout.params = _asked_of_stripe(funding, uid, checkout, back=back, locale=locale, names=names)
    db.session.add(checkout)
    db.session.flush()
    db.session.expire(funding, ["checkouts"])
    return checkout


def _asked_of_stripe(
    funding: Funding, uid: str, checkout: Checkout, *, back: str, locale: str, names: dict[str, str]
) -> dict[str, Any]:
    metadata = {"stint": uid, "checkout": checkout.key, "funding": str(funding.id)}
    return {
        "idempotency_key": f"{uid}-{checkout.key}",
        "body": {
            "mode": "payment",
            "line_items": [
                {
                    "quantity": 1,
                    "price_data": {
                        "currency": funding.currency.lower(),
                        "unit_amount": amount,
                        "product_data": {"name": names[code]},
                    },
                }
                for code, amount in funding.lines
            ],
            "payment_intent_data": {
                "transfer_group": queries.transfer_group(uid, funding.id),
                "description": funding.reference,
                "metadata": metadata,
            },
            "client_reference_id": funding.reference,
            "metadata": metadata,
            # Else the payer might pay in another currency than the one that is owed.
            "adaptive_pricing": {"enabled": False},
            "success_url": f"{back}?paid=1",
            "cancel_url": back,
            "expires_at": int(checkout.expires_at.timestamp()),
            "locale": locale,
        },
    }


def mark_checkout_open(checkout: Checkout, *, session: str, url: str | None) -> None:
    """Stripe has made the page, or says that it still waits for the payer."""
    _lock(checkout)
    if checkout.status in ("creating", "open"):
        checkout.status, checkout.session = "open", session
        checkout.url = url or checkout.url


def mark_processing(checkout: Checkout, *, actor: Actor, session: str) -> None:
    """The payer is done and the bank is not: the money is on its way, and not secured before it is here."""
    _lock(checkout)
    if checkout.status not in LIVE_CHECKOUTS:
        return
    checkout.status, checkout.session = "processing", session
    funding = checkout.funding
    if funding.state == "awaiting" and not is_void_match(funding):
        lifecycle.advance(funding, "begin", actor=actor, fields={"begun_at": clock.now()})
        internship_actions.mark_funding_begun(funding.internship)


def fail_checkout(checkout: Checkout, *, actor: Actor, reason: str) -> None:
    """The payment failed for good, and the payer may begin anew; they are told."""
    _lock(checkout)
    if checkout.status not in LIVE_CHECKOUTS:
        return
    _end(checkout, "failed")
    funding = checkout.funding
    if funding.state in ("awaiting", "processing"):
        lifecycle.advance(funding, "fail", actor=actor, params={"reason": reason[:200]})
        owners, key = members(funding.payer_id, "owner"), f"checkout:{checkout.id}:failed"
        path, total = f"/internships/{funding.internship_id}/funding", Money(funding.total, funding.currency)
        tell_all(owners, "payment_failed", key=key, path=path, total=total)


def let_checkout_expire(checkout: Checkout) -> None:
    """Nobody paid on this page, and nobody can any more."""
    _lock(checkout)
    if checkout.status in ("creating", "open"):
        _end(checkout, "expired")
        checkout.funding.version += 1  # the page shows the button to begin anew


def schedule_poll(checkout: Checkout) -> None:
    """Stripe could not say, or says that it waits: ask again, with growing pauses."""
    _lock(checkout)
    if checkout.status in LIVE_CHECKOUTS:
        pause = min(FIRST_LOOK * 2 ** min(checkout.poll_count, 10), LONGEST_PAUSE)
        checkout.poll_count += 1
        checkout.next_poll_at = clock.real_now() + pause


def record_charge(
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
) -> Charge | None:
    """Stripe took the money: it is booked with Stripe's fee, and secured where it is the whole sum.

    Amounts in minor units of the funding's currency. Returns the new charge, or None where it was told before.
    Money that is not the whole sum of an open funding waits as unapplied until it goes back; then the payer may pay
    again. Only one charge ever secures a funding: afterwards its state is none in which it could be paid.
    """
    _lock(checkout)
    funding = checkout.funding
    if queries.charge_of(charge) is not None:
        return None
    whole = amount == funding.total and funding.state in PAYABLE
    taken = Charge(
        funding_id=funding.id,
        checkout_id=checkout.id,
        charge=charge,
        payment_intent=payment_intent,
        balance_transaction=balance_transaction,
        amount=amount,
        stripe_fee=stripe_fee,
        currency=funding.currency,
        arrived_at=clock.now(),
    )
    db.session.add(taken)
    checkout.session = session
    _end(checkout, "paid")
    booking: dict[str, Any] = {
        "actor": actor,
        "occurred_at": occurred_at,
        "reference": charge,
        "rail": "stripe",
    }
    if whole:
        ledger_events.receive_funding(
            funding.id,
            internship_id=funding.internship_id,
            cap=funding.cap,
            fee=funding.fee,
            currency=funding.currency,
            **booking,
        )
        secure(funding, actor=actor)
    else:
        ledger_events.receive_unapplied(
            f"charge:{charge}", amount=amount, currency=funding.currency, **booking
        )
        funding.version += 1
        _ask_again(checkout, amount, actor=actor)
    if stripe_fee:
        ledger_events.pay_stripe_fee(
            balance_transaction,
            amount=stripe_fee,
            currency=funding.currency,
            actor=actor,
            occurred_at=occurred_at,
        )
    db.session.expire(funding, ["charges"])
    return taken


def _ask_again(checkout: Checkout, amount: int, *, actor: Actor) -> None:
    """What came was not the whole sum: unless another page is still being paid, the payer is told and pays again."""
    funding = checkout.funding
    if is_void_match(funding) or funding.state not in ("awaiting", "processing"):
        return
    if any(other.status in LIVE_CHECKOUTS for other in funding.checkouts):
        return
    lifecycle.advance(funding, "fail", actor=actor, params={"reason": OTHER_AMOUNT})
    tell_all(
        members(funding.payer_id, "owner"),
        "payment_differs",
        key=f"checkout:{checkout.id}:differs",
        path=f"/internships/{funding.internship_id}/funding",
        paid=Money(amount, funding.currency),
        total=Money(funding.total, funding.currency),
    )


def _lock(checkout: Checkout) -> None:
    lifecycle.lock(checkout.funding)
    lifecycle.reread(checkout)


def _end(checkout: Checkout, status: str) -> None:
    checkout.status, checkout.next_poll_at, checkout.ended_at = status, None, clock.real_now()
    db.session.flush()
