"""Money out. Every sum moves in the books in the same transaction as its state."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core import audit, clock, deadlines, lifecycle
from webapp.core.audit import SYSTEM, Actor
from webapp.core.db import db
from webapp.core.errors import Invalid, NotNow
from webapp.core.money import Money
from webapp.fundings import actions as fundings
from webapp.fundings import queries as funding_queries
from webapp.fundings.models import Funding
from webapp.internships import actions as internships
from webapp.internships.models import Internship
from webapp.ledger import actions as ledger
from webapp.ledger import queries as books
from webapp.notifications.actions import tell, tell_all
from webapp.organisations.queries import members
from webapp.payments import policy, queries
from webapp.payments.models import Attempt, Leg, Payout, PayoutMethod

COOLING_OFF = timedelta(hours=72)
HASHED = ("payout", "payee", "payer", "amount", "currency", "destination", "calculation")


def record_receipt(
    funding: Funding, *, actor: Actor, version: int, amount: int, received_on: date, bank_reference: str
) -> None:
    """Finance records bank money that arrived. Money for a match that is over is secured and at once returned."""
    fundings.record_receipt(
        funding,
        actor=actor,
        version=version,
        amount=amount,
        received_on=received_on,
        bank_reference=bank_reference,
    )
    if funding.state == "secured" and funding.internship.agreement_id != funding.agreement_id:
        _refund(funding, actor)


def give_back(internship: Internship, *, actor: Actor) -> None:
    """The match ends before the work began: an unsecured funding is void, a secured one goes back, fee included."""
    funding = funding_queries.live(internship)
    if funding is None:
        return
    lifecycle.lock(funding)
    if funding.state == "secured":
        _refund(funding, actor)
    elif funding.state in ("awaiting", "processing", "failed"):
        lifecycle.advance(funding, "cancel", actor=actor, version=None, may=lifecycle.entailed)


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
        internships.settle(internship, actor=SYSTEM)
        return
    payout = _fall_due(funding, "base", internship.award, actor)
    ledger.award(
        f"payout:{payout.id}",
        internship_id=internship.id,
        payee_id=internship.intern_id,
        amount=payout.amount,
        currency=payout.currency,
        actor=actor,
    )


def return_remainder(internship: Internship, *, actor: Actor) -> None:
    """What the result did not use goes back to the payer."""
    lifecycle.lock(internship)
    funding = funding_queries.live(internship)
    if internship.remainder_done or funding is None or internship.cap is None or internship.award is None:
        return
    internships.note_remainder_returned(internship, actor=actor)
    if internship.cap > internship.award:
        _fall_due(funding, "refund", internship.cap - internship.award, actor)
    else:
        _settle_if_empty(funding, actor)


def return_remainder_by_time(internship: Internship) -> None:
    """The window for a dispute has passed."""
    return_remainder(internship, actor=SYSTEM)


def _fall_due(funding: Funding, type_: str, amount: int, actor: Actor, *, fee: int = 0) -> Payout:
    internship, now = funding.internship, clock.now()
    payout = Payout(
        internship_id=internship.id,
        payee_id=internship.intern_id if type_ == "base" else None,
        payer_id=funding.payer_id if type_ == "refund" else None,
        type=type_,
        number=queries.next_number(internship.id, type_),
        currency=funding.currency,
        amount=amount,
        rail=funding.rail,
        includes_fee=fee,
        due_at=now,
        payout_clock_at=_escalates_at(internship),
    )
    payout.legs = [Leg(funding_id=funding.id, amount=amount)]
    lifecycle.begin(
        payout, actor=actor, params={"amount": amount, "currency": payout.currency, "type": type_}
    )
    sum_ = Money(amount, payout.currency)
    finance = members(internship.posting.programme_id, "finance")
    tell_all(
        finance,
        "payout_due",
        key=f"payout:{payout.id}:due",
        path=f"/finance/payouts/{payout.id}",
        amount=sum_,
    )
    return payout


def _escalates_at(internship: Internship) -> datetime:
    days = internship.clock("payout_days") if internship.agreement else 3
    return queries.working_days_after(clock.now(), days, internship)


def add_method(
    person: Person, *, actor: Person, country: str, bank_name: str, account_holder: str, account_number: str
) -> PayoutMethod:
    """An intern says where the money should go. A change holds what is about to be sent for 72 hours."""
    now, before = clock.now(), queries.current_method(person.id)
    if before is not None:
        before.replaced_at = now
        db.session.flush()
        waiting = db.session.scalars(
            db.select(Payout).where(Payout.payee_id == person.id, Payout.state.in_(("due", "approved")))
        ).all()
        for payout in sorted(waiting, key=lambda p: p.internship_id):
            lifecycle.lock(payout)
            if payout.state in ("due", "approved"):
                _hold(payout, SYSTEM, None, now + COOLING_OFF, "destination_changed")
    method = PayoutMethod(
        person_id=person.id,
        country=country,
        bank_name=bank_name,
        account_holder=account_holder,
        account_number=account_number,
        added_at=now,
    )
    db.session.add(method)
    db.session.flush()
    if before is not None:
        tell(person, "method_changed", key=f"method:{method.id}", path="/settings/payout-method")
    return method


def destination_of(payout: Payout) -> dict[str, Any] | None:
    """Where the money would go now; None while the intern has not said where."""
    if payout.payee_id is None:
        receipts = [r for leg in payout.legs for r in leg.funding.receipts]
        return {"payer": payout.payer_id, "came_by": [r.bank_reference for r in receipts]}
    method = queries.current_method(payout.payee_id)
    if method is None:
        return None
    names = ("country", "bank_name", "account_holder", "account_number")
    return {"method": method.id, **{name: getattr(method, name) for name in names}}


def _hash(payout: Payout, destination: dict[str, Any] | None) -> str:
    calculation = queries.calculation_of(payout.internship)
    said = (
        payout.id,
        payout.payee_id,
        payout.payer_id,
        payout.amount,
        payout.currency,
        destination,
        calculation,
    )
    return hashlib.sha256(
        json.dumps(dict(zip(HASHED, said, strict=True)), sort_keys=True).encode()
    ).hexdigest()


def approve(payout: Payout, *, actor: Person, version: int) -> None:
    """The first finance person approves this sum to this destination."""
    lifecycle.lock(payout)
    destination = destination_of(payout)
    if destination is None and payout.state == "due":
        raise NotNow(_l("The intern has not said yet where the money should go."))
    payout.approved_by_id, payout.approved_at = actor.id, clock.now()
    payout.destination, payout.approval_hash = destination, _hash(payout, destination)
    payout.payout_clock_at = _escalates_at(payout.internship)
    params = {"hash": payout.approval_hash}
    lifecycle.advance(payout, "approve", actor=actor, version=version, may=policy.may_approve, params=params)


def release(payout: Payout, *, actor: Person, version: int) -> None:
    """A second person releases it: the money is claimed in the books and one attempt a leg begins."""
    lifecycle.lock(payout)
    if payout.state == "approved" and payout.approval_hash != _hash(payout, destination_of(payout)):
        raise NotNow(_l("Something changed since the approval. Put the payment on hold and approve it anew."))
    if policy.may_release(actor, payout):
        payout.released_by_id, payout.released_at = actor.id, clock.now()
    lifecycle.advance(payout, "release", actor=actor, version=version, may=policy.may_release)
    for leg in payout.legs:
        _claim(payout, leg, actor)


def _claim(payout: Payout, leg: Leg, actor: Actor) -> None:
    number = len(leg.attempts) + 1
    key = f"po-{payout.id}-l{leg.id}-a{number}"
    attempt = Attempt(
        leg_id=leg.id,
        number=number,
        key=key,
        rail=payout.rail,
        amount=leg.amount,
        currency=payout.currency,
        params={"destination": payout.destination, "reference": leg.funding.reference},
        claimed_at=clock.now(),
    )
    db.session.add(attempt)
    db.session.flush()
    names: dict[str, Any] = {
        "internship_id": payout.internship_id,
        "currency": payout.currency,
        "actor": actor,
    }
    if payout.payee_id is not None:
        ledger.claim_transfer(key, payee_id=payout.payee_id, amount=leg.amount, **names)
    else:
        fee = payout.includes_fee
        ledger.claim_refund(key, amount=leg.amount - fee, fee=fee, **names)


def confirm(payout: Payout, *, actor: Actor, version: int, bank_reference: str, happened_on: date) -> None:
    """The bank made the transfer: its reference is recorded, the books follow, the internship is paid."""
    lifecycle.lock(payout)
    if happened_on > clock.now().date() + timedelta(days=1):
        raise Invalid(_l("This day is still to come."), field="happened_on")
    payout.paid_at = clock.now()
    lifecycle.advance(payout, "confirm", actor=actor, version=version, may=policy.may_approve)
    settle = ledger.confirm_transfer if payout.payee_id is not None else ledger.confirm_refund
    occurred = datetime.combine(happened_on, time(12), UTC)
    for attempt in _sending(payout):
        attempt.state, attempt.settled_at = "succeeded", clock.now()
        attempt.external_reference, attempt.happened_on = bank_reference, happened_on
        settle(attempt.key, actor=actor, occurred_at=occurred, reference=bank_reference)
    if payout.type == "base":
        internships.settle(payout.internship, actor=SYSTEM)
    if payout.payee is not None:
        amount = Money(payout.amount, payout.currency)
        tell(payout.payee, "paid", key=f"payout:{payout.id}:paid", path="/earnings", amount=amount)
    for leg in payout.legs:
        _settle_if_empty(leg.funding, actor)


def fail(payout: Payout, *, actor: Actor, version: int, reason: str) -> None:
    """The bank refused or returned the transfer: surely nothing left, so the payment is due again."""
    lifecycle.lock(payout)
    attempts = _sending(payout)
    _clear_approval(payout)
    lifecycle.advance(payout, "fail", actor=actor, version=version, may=policy.may_approve, text=reason)
    void = ledger.void_transfer if payout.payee_id is not None else ledger.void_refund
    for attempt in attempts:
        attempt.state, attempt.settled_at, attempt.reason = "rejected", clock.now(), reason
        void(attempt.key, actor=actor)


def hold(payout: Payout, *, actor: Actor, version: int, until: datetime, reason: str) -> None:
    """Finance puts a payment on hold until an instant, with a reason."""
    lifecycle.lock(payout)
    if not clock.now() < until <= clock.now() + timedelta(days=30):
        raise Invalid(_l("A hold ends within 30 days from now."), field="until")
    _hold(payout, actor, version, until, reason)


def _hold(payout: Payout, actor: Actor, version: int | None, until: datetime, reason: str) -> None:
    payout.held_until, payout.reason_text = until, reason
    _clear_approval(payout)
    params = {"until": until.isoformat()}
    lifecycle.advance(
        payout, "hold", actor=actor, version=version, may=policy.may_hold, params=params, text=reason
    )


def unhold(payout: Payout, *, actor: Actor, version: int | None) -> None:
    """The hold ends; the payment is due and needs both approvals anew."""
    lifecycle.lock(payout)
    payout.held_until, payout.reason_text = None, ""
    payout.payout_clock_at = _escalates_at(payout.internship)
    lifecycle.advance(payout, "unhold", actor=actor, version=version, may=policy.may_unhold)


def unhold_by_time(payout: Payout) -> None:
    """The hold has reached its end."""
    unhold(payout, actor=SYSTEM, version=None)


def remind_due(payout: Payout) -> None:
    """Nobody acted in time: the programme manager is told, then the operator."""
    payout.escalation += 1
    internship = payout.internship
    people = members(internship.posting.programme_id, "manager") if payout.escalation == 1 else _operators()
    audit.record(payout.root(), payout, "reminded", actor=SYSTEM, params={"step": payout.escalation})
    key = f"payout:{payout.id}:late:{payout.version}:{payout.escalation}"
    amount = Money(payout.amount, payout.currency)
    tell_all(people, "payout_late", key=key, path=f"/finance/payouts/{payout.id}", amount=amount)
    payout.payout_clock_at = _escalates_at(internship)
    deadlines.rearm(payout)


def _operators() -> list[Person]:
    return list(
        db.session.scalars(db.select(Person).where(Person.is_operator, Person.deactivated_at.is_(None)))
    )


def _clear_approval(payout: Payout) -> None:
    payout.approved_by_id = payout.approved_at = payout.approval_hash = payout.destination = None
    payout.released_by_id = payout.released_at = None
    payout.payout_clock_at = _escalates_at(payout.internship)


def _sending(payout: Payout) -> list[Attempt]:
    return [attempt for leg in payout.legs for attempt in leg.attempts if attempt.state == "sending"]


def _settle_if_empty(funding: Funding, actor: Actor) -> None:
    """A funding is settled when nothing of it is left in the books and nothing is on its way."""
    left = books.balances_of_internship(funding.internship_id)
    if funding.state == "secured" and not any(left.values()) and funding.internship.remainder_done:
        lifecycle.advance(funding, "settle", actor=actor, version=None, may=lifecycle.entailed)
