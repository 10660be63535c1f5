"""Money in by bank. What arrives moves in the books in the same transaction as the funding's state."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from flask_babel import lazy_gettext as _l

from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import Actor
from webapp.core.money.amounts import Money
from webapp.fundings import policy, queries
from webapp.fundings.guards import BY_STRIPE
from webapp.fundings.models import Funding, Receipt
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.ledger.actions import booking as ledger_booking
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.models import credit, debit, internship_funds, platform_fee, unapplied
from webapp.notifications.actions import tell_all
from webapp.organisations.queries import members

PAYABLE = ("awaiting", "processing", "void", "failed")


def request(internship: Internship, *, actor: Actor) -> Funding:
    """The employer is asked to secure the money of the agreement that was just written."""
    terms, agreement = internship.terms, internship.agreement
    if agreement is None:
        raise NotNow
    number = f"{agreement.id:06d}"
    funding = Funding(
        internship_id=internship.id,
        agreement_id=agreement.id,
        payer_id=terms.employer.id,
        currency=terms.currency,
        base=terms.base,
        bonus_pot=terms.bonus_pot,
        fee=terms.fee,
        # Two check digits, so that a mistyped reference matches nothing instead of another funding.
        reference=f"STINT {number} {98 - int(number) * 100 % 97:02d}",
        rail=terms.rail,
        asked_at=clock.now(),
    )
    lifecycle.begin(funding, actor=actor, params={"total": funding.total, "currency": funding.currency})
    return funding


def mark_paid_by_payer(funding: Funding, *, actor: Actor, version: int) -> None:
    """The owner says that the transfer was made."""
    lifecycle.lock(funding)
    fields = {"begun_at": clock.now()}
    lifecycle.advance(funding, "begin", actor=actor, version=version, fields=fields)
    internship_actions.mark_funding_begun(funding.internship)
    finance = members(funding.internship.programme_id, "finance")
    tell_all(
        finance,
        "funding_begun",
        key=f"funding:{funding.id}:begun",
        path="/finance",
        reference=funding.reference,
        total=Money(funding.total, funding.currency),
    )


def accept_receipt(
    funding: Funding, *, actor: Actor, version: int, amount: int, received_on: date, bank_reference: str
) -> Receipt:
    """Finance records bank money that arrived; when the whole sum is there, the money is secured.

    Money short of the total waits in the books as unapplied, and so does what is beyond it until it goes back. Raises Invalid for an amount of nothing or a day to come, Stale, NotAllowed, NotNow.
    """
    lifecycle.lock(funding)
    if not policy.is_finance_of(actor, funding):
        raise NotAllowed
    if version != funding.version:
        raise Stale
    if funding.rail != "manual":
        raise BY_STRIPE.raised()
    if funding.state not in PAYABLE:
        raise NotNow(_l("The money of this agreement is secured already."))
    if amount <= 0:
        raise Invalid(_l("The amount must be more than 0."), field="amount")
    if received_on > clock.now().date() + timedelta(days=1):
        raise Invalid(_l("This date is in the future."), field="received_on")
    occurred = datetime.combine(received_on, time(12), UTC)
    if queries.is_recorded(bank_reference, funding.currency):
        raise Invalid(_l("A receipt with this bank reference is recorded already."), field="bank_reference")
    before = queries.received(funding)
    # A part of a match that is over goes back as it came; only the whole sum at once is secured and refunded.
    whole = before + amount >= funding.total and not (before and is_void_match(funding))
    receipt = Receipt(
        funding_id=funding.id,
        amount=amount,
        currency=funding.currency,
        received_on=received_on,
        bank_reference=bank_reference,
        recorded_by_id=actor.id,
        recorded_at=clock.now(),
    )
    db.session.add(receipt)
    db.session.flush()
    funding.version += 1  # a second recorder saw another sum
    params = {"amount": amount, "currency": funding.currency, "receipt": receipt.id}
    history.record(funding.root(), funding, "receipt", actor=actor, params=params)
    _book_receipt(funding, receipt, occurred, actor, at_once=not before, whole=whole)
    if whole:
        secure(funding, actor=actor)
    elif not is_void_match(funding):
        # Money that came in part is a payment that has begun, also where the owner did not say so.
        internship_actions.mark_funding_begun(funding.internship)
    db.session.expire(funding, ["receipts"])
    return receipt


def is_void_match(funding: Funding) -> bool:
    """Is the match over that this money was asked for?"""
    return funding.internship.agreement_id != funding.agreement_id or funding.internship.state == "cancelled"


def take_out_part(funding: Funding, amount: int, *, actor: Actor) -> None:
    """A part for a match that is over, or what is beyond the sum, leaves what is unapplied, to be returned."""
    ledger_booking.book(
        f"part:{funding.id}:{queries.received(funding)}",
        "funding_part",
        [
            debit(unapplied(funding.currency), amount),
            credit(internship_funds(funding.internship_id, funding.currency), amount),
        ],
        actor=actor,
    )


def _book_receipt(
    funding: Funding, receipt: Receipt, occurred: datetime, actor: Actor, *, at_once: bool, whole: bool
) -> None:
    if at_once and receipt.amount == funding.total:
        ledger_events.receive_funding(
            funding.id,
            internship_id=funding.internship_id,
            cap=funding.cap,
            fee=funding.fee,
            currency=funding.currency,
            actor=actor,
            occurred_at=occurred,
            reference=receipt.bank_reference,
        )
        return
    ledger_events.receive_unapplied(
        f"receipt:{receipt.id}",
        amount=receipt.amount,
        currency=funding.currency,
        actor=actor,
        occurred_at=occurred,
        reference=receipt.bank_reference,
    )
    if whole:
        ledger_booking.book(
            f"apply:{funding.id}",
            "funding",
            [
                debit(unapplied(funding.currency), funding.total),
                credit(internship_funds(funding.internship_id, funding.currency), funding.cap),
                credit(platform_fee(funding.currency), funding.fee),
            ],
            actor=actor,
        )


def secure(funding: Funding, *, actor: Actor) -> None:
    """All of the money is here. Where the match is over, it goes back."""
    internship = funding.internship
    dead = is_void_match(funding)
    lifecycle.advance(funding, "secure", actor=actor, fields={"secured_at": clock.now()})
    if dead:
        return
    internship_actions.mark_secured(internship)
    people = [*members(funding.payer_id, "owner"), *([internship.intern] if internship.intern else [])]
    tell_all(
        people,
        "money_secured",
        key=f"funding:{funding.id}:secured",
        path=f"/internships/{internship.id}",
        title=internship.terms.title,
    )
