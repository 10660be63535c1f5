"""Money out. Every sum moves in the books in the same transaction as its state."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

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
from webapp.notifications.actions import tell, tell_all
from webapp.organisations.queries import members
from webapp.payments import policy, queries
from webapp.payments.models import Attempt, Leg, Payout, PayoutMethod

LONGEST_HOLD = 30  # days
OBSTACLES = {
    "no_account": _l("The intern has to name a bank account first; until then the payment stays due."),
    "cooling": _l(
        "The intern changed the bank account less than 72 hours ago. Approve the payment after that."
    ),
    "changed": _l("Something changed since the approval. Put the payment on hold and approve it anew."),
}


def record_receipt(
    funding: Funding, *, actor: Actor, version: int, amount: int, received_on: date, bank_reference: str
) -> None:
    """Finance records bank money that arrived. Money for a match that is over is secured and at once returned.

    What is beyond the sum goes back too: nothing else could ever take it out of the books.
    """
    fundings.record_receipt(
        funding,
        actor=actor,
        version=version,
        amount=amount,
        received_on=received_on,
        bank_reference=bank_reference,
    )
    if funding.state == "secured":
        _return_part(funding, funding_queries.beyond(funding), actor)
        if fundings.is_dead(funding):
            _refund(funding, actor)
    elif fundings.is_dead(funding):
        _return_part(funding, amount, actor)


def give_back(internship: Internship, *, actor: Actor) -> None:
    """The match ends before the work began: an unsecured funding is void, a secured one goes back, fee included."""
    funding = funding_queries.live(internship)
    if funding is None:
        return
    lifecycle.lock(funding)
    if funding.state == "secured":
        internships.note_refunded(internship, actor=actor)
        _refund(funding, actor)
    elif funding.state in ("awaiting", "processing", "failed"):
        lifecycle.advance(funding, "cancel", actor=actor, version=None, may=lifecycle.entailed)
        _return_part(funding, funding_queries.received(funding), actor)


def _return_part(funding: Funding, amount: int, actor: Actor) -> None:
    """A part for a match that is over, or what is beyond the sum, was never secured; it goes back all the same."""
    if amount:
        fundings.take_out_part(funding, amount, actor=actor)
        _fall_due(funding, "refund", amount, actor)


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
        # A base payout is always number 1, so that the table refuses a second one.
        number=1 if type_ == "base" else queries.next_number(internship.id, type_),
        currency=funding.currency,
        amount=amount,
        rail=funding.rail,
        includes_fee=fee,
        due_at=now,
        payout_clock_at=queries.escalates_at(internship),
    )
    payout.legs = [Leg(funding_id=funding.id, amount=amount)]
    params = {"amount": amount, "currency": payout.currency, "type": type_}
    lifecycle.begin(payout, actor=actor, params=params)
    finance, sum_ = members(internship.posting.programme_id, "finance"), Money(amount, payout.currency)
    key, path = f"payout:{payout.id}:due", f"/finance/payouts/{payout.id}"
    tell_all(finance, "payout_due", key=key, path=path, amount=sum_)
    return payout


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
                _hold(payout, SYSTEM, None, now + queries.COOLING_OFF, "destination_changed")
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


def approve(payout: Payout, *, actor: Person, version: int) -> None:
    """The first finance person approves this sum to this destination."""
    lifecycle.lock(payout)
    obstacle = queries.obstacle(payout)
    if obstacle is not None and payout.state == "due":
        raise NotNow(OBSTACLES[obstacle])
    if policy.may_approve(actor, payout):
        payout.approved_by_id, payout.approved_at = actor.id, clock.now()
        payout.destination = queries.destination_of(payout)
        payout.approval_hash = queries.approval_hash(payout)
        _restart_clock(payout)
    params = {"hash": payout.approval_hash}
    lifecycle.advance(payout, "approve", actor=actor, version=version, may=policy.may_approve, params=params)


def release(payout: Payout, *, actor: Person, version: int) -> None:
    """A second person releases it: the money is claimed in the books and one attempt a leg begins."""
    lifecycle.lock(payout)
    obstacle = queries.obstacle(payout)
    if obstacle is not None and payout.state == "approved":
        raise NotNow(OBSTACLES[obstacle])
    if policy.may_release(actor, payout):
        payout.released_by_id, payout.released_at = actor.id, clock.now()
        _restart_clock(payout)
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
    where: dict[str, Any] = {"internship_id": payout.internship_id, "currency": payout.currency}
    if payout.payee_id is not None:
        ledger.claim_transfer(key, payee_id=payout.payee_id, amount=leg.amount, actor=actor, **where)
    else:
        fee = payout.includes_fee
        ledger.claim_refund(key, amount=leg.amount - fee, fee=fee, actor=actor, **where)


def confirm(payout: Payout, *, actor: Actor, version: int, bank_reference: str, happened_on: date) -> None:
    """The bank made the transfer: its reference is recorded, the books follow, the internship is paid."""
    lifecycle.lock(payout)
    if happened_on > clock.now().date() + timedelta(days=1):
        raise Invalid(_l("This day is still to come."), field="happened_on")
    attempts = _sending(payout)
    payout.paid_at = clock.now()
    lifecycle.advance(payout, "confirm", actor=actor, version=version, may=policy.may_approve)
    settle = ledger.confirm_transfer if payout.payee_id is not None else ledger.confirm_refund
    occurred = datetime.combine(happened_on, time(12), UTC)
    for attempt in attempts:
        attempt.state, attempt.settled_at = "succeeded", clock.now()
        attempt.external_reference, attempt.happened_on = bank_reference, happened_on
        settle(attempt.key, actor=actor, occurred_at=occurred, reference=bank_reference)
    if payout.type == "base":
        internships.settle(payout.internship, actor=SYSTEM)
    amount, key = Money(payout.amount, payout.currency), f"payout:{payout.id}:paid"
    if payout.payee is not None:
        tell(payout.payee, "paid", key=key, path="/earnings", amount=amount)
    elif payout.payer_id is not None:
        owners, path = members(payout.payer_id, "owner"), f"/internships/{payout.internship_id}"
        tell_all(owners, "returned", key=key, path=path, amount=amount)
    for leg in payout.legs:
        _settle_if_empty(leg.funding, actor)


def fail(payout: Payout, *, actor: Actor, version: int, reason: str) -> None:
    """The bank refused or returned the transfer: surely nothing left, so the payment is due again."""
    lifecycle.lock(payout)
    attempts = _sending(payout)
    with (
        db.session.no_autoflush
    ):  # a payout that is being sent without its two people never reaches the table
        _clear_approval(payout)
        lifecycle.advance(payout, "fail", actor=actor, version=version, may=policy.may_approve, text=reason)
    void = ledger.void_transfer if payout.payee_id is not None else ledger.void_refund
    for attempt in attempts:
        attempt.state, attempt.settled_at, attempt.reason = "rejected", clock.now(), reason
        void(attempt.key, actor=actor)


def hold(payout: Payout, *, actor: Actor, version: int, until: date, reason: str) -> None:
    """Finance puts a payment on hold until the end of a day where finance sits, with a reason."""
    lifecycle.lock(payout)
    now, zone = clock.now(), payout.internship.posting.programme.zone
    days = (until - now.astimezone(ZoneInfo(zone)).date()).days
    if not 0 <= days <= LONGEST_HOLD:
        raise Invalid(_l("A hold ends within 30 days from now."), field="until")
    _hold(payout, actor, version, deadlines.end_of_day(now, days, zone), reason)


def _hold(payout: Payout, actor: Actor, version: int | None, until: datetime, reason: str) -> None:
    payout.held_until, payout.reason_text = until, reason
    _clear_approval(payout)
    by_person = (
        actor is not SYSTEM
    )  # a person's words are kept apart from the history; the system's are a code
    params = {"until": until.isoformat(), **({} if by_person else {"reason": reason})}
    text = reason if by_person else None
    lifecycle.advance(
        payout, "hold", actor=actor, version=version, may=policy.may_hold, params=params, text=text
    )


def unhold(payout: Payout, *, actor: Actor, version: int | None) -> None:
    """The hold ends; the payment is due and needs both approvals anew."""
    lifecycle.lock(payout)
    payout.held_until, payout.reason_text = None, ""
    _restart_clock(payout)
    lifecycle.advance(payout, "unhold", actor=actor, version=version, may=policy.may_unhold)


def unhold_by_time(payout: Payout) -> None:
    """The hold has reached its end."""
    unhold(payout, actor=SYSTEM, version=None)


def remind_due(payout: Payout) -> None:
    """Nobody acted in time: the programme manager is told, then the operator."""
    payout.escalation += 1
    internship = payout.internship
    people = (
        members(internship.posting.programme_id, "manager") if payout.escalation == 1 else queries.operators()
    )
    audit.record(payout.root(), payout, "reminded", actor=SYSTEM, params={"step": payout.escalation})
    key = f"payout:{payout.id}:late:{payout.version}:{payout.escalation}"
    amount = Money(payout.amount, payout.currency)
    tell_all(people, "payout_late", key=key, path=f"/finance/payouts/{payout.id}", amount=amount)
    payout.payout_clock_at = queries.escalates_at(internship)
    deadlines.rearm(payout)


def _clear_approval(payout: Payout) -> None:
    payout.approved_by_id = payout.approved_at = payout.approval_hash = payout.destination = None
    payout.released_by_id = payout.released_at = None
    _restart_clock(payout)


def _restart_clock(payout: Payout) -> None:
    payout.payout_clock_at, payout.escalation = queries.escalates_at(payout.internship), 0


def _sending(payout: Payout) -> list[Attempt]:
    return [attempt for leg in payout.legs for attempt in leg.attempts if attempt.state == "sending"]


def _settle_if_empty(funding: Funding, actor: Actor) -> None:
    """A funding is settled when all that was secured has really left, to the intern or back to the payer."""
    whole = funding.cap + funding_queries.beyond(funding)
    if funding.state == "secured" and queries.left_of(funding.id) == whole:
        lifecycle.advance(funding, "settle", actor=actor, version=None, may=lifecycle.entailed)
