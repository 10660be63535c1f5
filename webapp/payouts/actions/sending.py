"""The money leaves: claimed in the books, sent by hand or by Stripe, and settled once, whatever crashes meanwhile."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts import queries as account_queries
from webapp.accounts.models import Person
from webapp.core.database import clock, installation, jobs
from webapp.core.database.base import db
from webapp.core.errors import Invalid
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.core.money.amounts import Money
from webapp.fundings import queries as funding_queries
from webapp.fundings.models import Funding
from webapp.internships import actions as internship_actions
from webapp.ledger.actions import events as ledger_events
from webapp.notifications.actions import tell, tell_all
from webapp.organisations.queries import members
from webapp.payouts.actions.approval import block, block_if_unreachable, full_time, no_approval
from webapp.payouts.guards import NOT_COVERED
from webapp.payouts.models import SEND_ATTEMPT, Attempt, Payout, PayoutPart
from webapp.payouts.queries import approval_contents as payout_approval_contents
from webapp.payouts.queries import queue as payout_queue
from webapp.recipients import queries as recipient_queries
from webapp.recipients.models import READ_ACCOUNT


def release(payout: Payout, *, actor: Person, version: int) -> None:
    """A second person releases it: the money is claimed in the books and one attempt a part begins."""
    lifecycle.lock(payout)
    fields = {"released_by_id": actor.id, "released_at": clock.now(), **full_time(payout)}
    lifecycle.advance(payout, "release", actor=actor, version=version, fields=fields)
    for part in payout.parts:
        _claim(payout, part, actor)


def release_refund(payout: Payout) -> None:
    """What is due back to a payer of Stripe's goes the way it came, without two people: nobody can redirect it."""
    lifecycle.lock(payout)
    if "release" not in lifecycle.open_moves(payout, SYSTEM):
        return  # it goes by bank, or finance sees it in the queue, with what is in the way
    fields = {"destination": payout_approval_contents.destination_of(payout), **full_time(payout)}
    lifecycle.advance(payout, "release", actor=SYSTEM, fields=fields)
    for part in payout.parts:
        _claim(payout, part, SYSTEM)


def _claim(payout: Payout, part: PayoutPart, actor: Actor) -> None:
    number = len(part.attempts) + 1
    key = f"po-{payout.id}-l{part.id}-a{number}"
    attempt = Attempt(
        part_id=part.id,
        number=number,
        key=key,
        rail=payout.rail,
        amount=part.amount,
        currency=payout.currency,
        params={"destination": payout.destination, "reference": part.funding.reference},
        claimed_at=clock.now(),
    )
    if payout.rail == "stripe":
        attempt.params |= _asked_of_stripe(payout, part, key)
        attempt.next_try_at = clock.real_now()
    db.session.add(attempt)
    db.session.flush()
    where: dict[str, Any] = {"internship_id": payout.internship_id, "currency": payout.currency}
    if payout.payee_id is not None:
        ledger_events.claim_transfer(key, payee_id=payout.payee_id, amount=part.amount, actor=actor, **where)
    else:
        fee = payout.includes_fee
        ledger_events.claim_refund(key, amount=part.amount - fee, fee=fee, actor=actor, **where)
    if payout.rail == "stripe":
        jobs.defer(SEND_ATTEMPT, attempt_id=attempt.id)


def _asked_of_stripe(payout: Payout, part: PayoutPart, key: str) -> dict[str, Any]:
    """The whole request, fixed before it is made: whoever repeats it can ask for nothing else."""
    charge, uid, destination = part.charge, installation.uid(), payout.destination or {}
    if charge is None:
        raise NOT_COVERED.raised()
    metadata = {"stint": uid, "attempt": key, "payout": str(payout.id)}
    group = funding_queries.transfer_group(uid, part.funding_id)
    body: dict[str, Any] = {"amount": part.amount, "metadata": metadata}
    if payout.payee_id is None:
        body |= {"charge": charge.charge}
    else:
        body |= {
            "currency": payout.currency.lower(),
            "destination": destination["account"],
            "source_transaction": charge.charge,
            "transfer_group": group,
        }
    return {
        "kind": "refund" if payout.payee_id is None else "transfer",
        "idempotency_key": f"{uid}-{key}",
        "body": body,
        "group": group,
        "charge": charge.charge,
        "to": body.get("destination") or charge.charge,
    }


def confirm(payout: Payout, *, actor: Actor, version: int, bank_reference: str, happened_on: date) -> None:
    """The bank made the transfer: its reference is recorded, the books follow, the internship is paid."""
    lifecycle.lock(payout)
    if happened_on > clock.now().date() + timedelta(days=1):
        raise Invalid(_l("This date is in the future."), field="happened_on")
    attempts = _live(payout)
    lifecycle.advance(payout, "confirm", actor=actor, version=version, fields={"paid_at": clock.now()})
    for attempt in attempts:
        _succeed(attempt, datetime.combine(happened_on, time(12), UTC), bank_reference, actor)
    _tell_paid(payout, actor)


def settle_sent(attempt: Attempt, *, actor: Actor, reference: str, occurred_at: datetime) -> None:
    """Stripe was read again and has it: the books follow, and the payment is complete with its last part."""
    payout = lock_attempt(attempt)
    if not attempt.is_live:
        return  # told before, by the answer, the sweep or a webhook
    _succeed(attempt, occurred_at, reference, actor)
    db.session.flush()
    if not all(part.is_sent for part in payout.parts):
        return
    lifecycle.advance(payout, "confirm", actor=SYSTEM, fields={"paid_at": clock.now()})
    _tell_paid(payout, actor)


def _succeed(attempt: Attempt, occurred_at: datetime, reference: str, actor: Actor) -> None:
    attempt.state, attempt.settled_at = "succeeded", clock.now()
    attempt.external_reference, attempt.happened_on = reference, occurred_at.date()
    attempt.next_try_at, attempt.problem = None, None
    attempt.version += 1
    outgoing = attempt.part.payout.payee_id is not None
    settle = ledger_events.confirm_transfer if outgoing else ledger_events.confirm_refund
    rail: Any = attempt.rail
    settle(attempt.key, actor=actor, occurred_at=occurred_at, reference=reference, rail=rail)


def _tell_paid(payout: Payout, actor: Actor) -> None:
    if payout.type == "base":
        internship_actions.settle(payout.internship, actor=SYSTEM)
    amount, key = Money(payout.amount, payout.currency), f"payout:{payout.id}:paid"
    if payout.payee is not None:
        tell(payout.payee, "paid", key=key, path="/earnings", amount=amount)
    elif payout.payer_id is not None:
        owners, path = members(payout.payer_id, "owner"), f"/internships/{payout.internship_id}"
        tell_all(owners, "returned", key=key, path=path, amount=amount)
    for part in payout.parts:
        settle_if_empty(part.funding, actor=actor)


def fail(payout: Payout, *, actor: Actor, version: int, reason: str) -> None:
    """The bank refused or returned the transfer: surely nothing left, so the payment is due again."""
    lifecycle.lock(payout)
    attempts = _live(payout)
    _give_up(payout, actor, version, text=reason)
    for attempt in attempts:
        _reject(attempt, reason, actor)


def settle_rejected(
    attempt: Attempt, *, actor: Actor, code: str, account: bool = False, text: str | None = None
) -> None:
    """Surely nothing left: the books go back, the payment is due again, or blocked where the account refuses.

    It is not tried again by itself: a person sees why first.
    """
    payout = lock_attempt(attempt)
    if not attempt.is_live:
        return
    _reject(attempt, code, actor)
    if any(other.state == "succeeded" for part in payout.parts for other in part.attempts):
        return  # a part has left: the rest waits for a person, in the state of being sent
    # A person who says that it is absent was asked whether they may decide; this move follows from that.
    implied = actor is not SYSTEM
    _give_up(payout, actor, None, params={"code": code}, text=text, implied=implied)
    if account and payout.payee is not None:
        block(payout, actor=SYSTEM, reason="account")
        known = recipient_queries.stripe_account(payout.payee.id)
        if known is not None:  # Stripe's word that it was restricted may be late, or lost
            jobs.defer(READ_ACCOUNT, account_id=known.id)
        return
    # While it was on its way nobody blocked it; an account that has ended is not looked at again either.
    block_if_unreachable(payout, actor=SYSTEM)
    if payout.state == "blocked":
        return
    finance = members(payout.internship.programme_id, "finance")
    key, path = f"attempt:{attempt.id}:rejected", f"/finance/payouts/{payout.id}"
    tell_all(finance, "payout_refused", key=key, path=path, amount=Money(payout.amount, payout.currency))


def mark_came_back(attempt: Attempt, *, amount: int) -> None:
    """Stripe says that money which had left is back (minor units, in all): the books do not know, so people are told."""
    payout = lock_attempt(attempt)
    people = [*members(payout.internship.programme_id, "finance"), *account_queries.operators()]
    key, path = f"attempt:{attempt.id}:back:{amount}", f"/finance/payouts/{payout.id}"
    tell_all(people, "came_back", key=key, path=path, amount=Money(amount, payout.currency))


def settle_open(
    attempt: Attempt,
    *,
    unknown: bool,
    tried: bool,
    problem: str | None,
    next_try_at: datetime,
) -> None:
    """No outcome yet: it is looked for and tried again at that (real) time, or a person has to decide.

    The money stays claimed, so nobody can pay it a second time meanwhile.
    """
    payout = lock_attempt(attempt)
    if not attempt.is_live:
        return
    attempt.tries += int(tried)
    if unknown:
        attempt.state = "unknown"
    # A problem ends the trying, not the looking: a webhook, or a person's question, may still find it.
    attempt.next_try_at = None if problem else next_try_at
    if problem and attempt.problem is None:
        attempt.problem = problem
        attempt.version += 1
        finance = members(payout.internship.programme_id, "finance")
        key, path = f"attempt:{attempt.id}:{problem}", f"/finance/attempts/{attempt.id}"
        amount = Money(payout.amount, payout.currency)
        tell_all(finance, "payout_unclear", key=key, path=path, amount=amount)


def _give_up(
    payout: Payout,
    actor: Actor,
    version: int | None,
    *,
    params: dict[str, Any] | None = None,
    text: str | None = None,
    implied: bool = False,
) -> None:
    lifecycle.advance(
        payout,
        "fail",
        actor=actor,
        version=version,
        fields=no_approval(payout),
        params=params,
        text=text,
        implied=implied,
    )


def _reject(attempt: Attempt, reason: str, actor: Actor) -> None:
    attempt.state, attempt.settled_at, attempt.reason = "rejected", clock.now(), reason
    attempt.next_try_at, attempt.problem = None, None
    attempt.version += 1
    outgoing = attempt.part.payout.payee_id is not None
    void = ledger_events.void_transfer if outgoing else ledger_events.void_refund
    void(attempt.key, actor=actor)
    db.session.flush()


def lock_attempt(attempt: Attempt) -> Payout:
    """The root, the payout, then the attempt: two who learned of its outcome settle it one after the other."""
    payout = attempt.part.payout
    lifecycle.lock(payout)
    lifecycle.reread(attempt)
    return payout


def _live(payout: Payout) -> list[Attempt]:
    return [attempt for part in payout.parts for attempt in part.attempts if attempt.is_live]


def settle_if_empty(funding: Funding, *, actor: Actor) -> None:
    """A funding is settled when all that was secured has really left, to the intern or back to the payer."""
    whole = funding.cap + funding_queries.beyond(funding)
    if funding.state == "secured" and payout_queue.left_of(funding.id) == whole:
        lifecycle.advance(funding, "settle", actor=actor, implied=True)
