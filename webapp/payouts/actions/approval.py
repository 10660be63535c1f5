"""A sum on its way out: approved by one, held, blocked, and never without a clock. Releasing is in `sending`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l

from webapp.accounts import queries as account_queries
from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines, history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.core.money.amounts import Money
from webapp.ledger.models import Rail
from webapp.notifications.actions import tell, tell_all
from webapp.organisations.queries import members
from webapp.payouts import policy
from webapp.payouts.models import Payout
from webapp.payouts.queries import approval_contents as payout_approval_contents
from webapp.payouts.queries import queue as payout_queue
from webapp.recipients import queries as recipient_queries

LONGEST_HOLD = 30  # days


def approve(payout: Payout, *, actor: Person, version: int) -> None:
    """The first finance person approves this sum to this destination."""
    lifecycle.lock(payout)
    payout_hash = payout_approval_contents.approval_hash(payout)
    fields = {
        "approved_by_id": actor.id,
        "approved_at": clock.now(),
        "destination": payout_approval_contents.destination_of(payout),
        "approval_hash": payout_hash,
        **full_time(payout),
    }
    lifecycle.advance(
        payout, "approve", actor=actor, version=version, fields=fields, params={"hash": payout_hash}
    )


def hold(payout: Payout, *, actor: Actor, version: int, until: date, reason: str) -> None:
    """Finance puts a payment on hold until the end of a day where finance sits, with a reason."""
    lifecycle.lock(payout)
    now, zone = clock.now(), payout.internship.programme.zone
    days = (until - now.astimezone(ZoneInfo(zone)).date()).days
    if not 0 <= days <= LONGEST_HOLD:
        raise Invalid(_l("A hold can last at most 30 days."), field="until")
    put_on_hold(payout, deadlines.end_of_day(now, days, zone), reason, actor=actor, version=version)


def put_on_hold(payout: Payout, until: datetime, reason: str, *, actor: Actor, version: int | None) -> None:
    """A payment waits until this instant; approvals that were given are void."""
    fields = {"held_until": until, "reason_text": reason, **no_approval(payout)}
    # A person's words are kept apart from the history; the system's are a code.
    by_person = actor is not SYSTEM
    params = {"until": until.isoformat(), **({} if by_person else {"reason": reason})}
    text = reason if by_person else None
    lifecycle.advance(payout, "hold", actor=actor, version=version, fields=fields, params=params, text=text)


def unhold(payout: Payout, *, actor: Actor, version: int | None) -> None:
    """The hold ends; the payment is due and needs both approvals anew."""
    lifecycle.lock(payout)
    fields = {"held_until": None, "reason_text": "", **full_time(payout)}
    lifecycle.advance(payout, "unhold", actor=actor, version=version, fields=fields)
    block_if_unreachable(payout, actor=SYSTEM)


def unhold_by_time(payout: Payout) -> None:
    """The hold has reached its end."""
    unhold(payout, actor=SYSTEM, version=None)


def block_if_unreachable(payout: Payout, *, actor: Actor) -> None:
    """The intern's account at Stripe cannot receive: the sum waits there, and they are told what to do."""
    if payout.rail != "stripe" or payout.payee is None or payout.state not in ("due", "approved"):
        return
    if not recipient_queries.payable(payout.payee, "stripe"):
        block(payout, actor=actor, reason="account")


def block(payout: Payout, *, actor: Actor, reason: str) -> None:
    """The payee's account cannot receive this sum; approvals are void, and 30 days later it is paid by bank."""
    lifecycle.lock(payout)
    fields = {"blocked_at": clock.now(), **no_approval(payout)}
    lifecycle.advance(payout, "block", actor=actor, fields=fields, params={"reason": reason})
    if payout.payee is not None:
        key, amount = f"payout:{payout.id}:blocked:{payout.version}", Money(payout.amount, payout.currency)
        tell(payout.payee, "payout_blocked", key=key, path="/settings/payout-method", amount=amount)


def unblock(payout: Payout, *, actor: Actor, rail: Rail = "stripe") -> None:
    """The sum is due again: the payee's account can receive, or the sum goes by another `rail`."""
    lifecycle.lock(payout)
    fields = {"blocked_at": None, "rail": rail, **full_time(payout)}
    lifecycle.advance(payout, "unblock", actor=actor, fields=fields)


def unblock_by_time(payout: Payout) -> None:
    """For 30 days the account could not receive: the sum is due again, on the manual rail."""
    unblock(payout, actor=SYSTEM, rail="manual")
    amount = Money(payout.amount, payout.currency)
    if payout.payee is not None:
        key = f"payout:{payout.id}:by_bank"
        tell(payout.payee, "payout_by_bank", key=key, path="/settings/payout-method", amount=amount)
    finance = members(payout.internship.programme_id, "finance")
    key, path = f"payout:{payout.id}:due:{payout.version}", f"/finance/payouts/{payout.id}"
    tell_all(finance, "payout_due", key=key, path=path, amount=amount)


def pay_by_bank(payout: Payout, *, actor: Person, version: int, reason: str) -> None:
    """Finance sends by bank what Stripe cannot pay: a due sum changes its rail, and needs both people there.

    Raises NotAllowed, Stale, and NotNow while Stripe may still have it: only what is due is nowhere.
    """
    lifecycle.lock(payout)
    if not policy.may_pay_by_bank(actor, payout):
        raise NotAllowed
    if version != payout.version:
        raise Stale
    if payout.state != "due":
        raise NotNow(
            _l("Only a payment that is due, with nothing on its way, can be switched to bank transfer.")
        )
    payout.rail = "manual"
    payout.version += 1
    for name, value in no_approval(payout).items():
        setattr(payout, name, value)
    deadlines.rearm(payout)
    history.record(payout.root(), payout, "pay_by_bank", actor=actor, text=reason)
    if payout.payee is not None:
        key, amount = f"payout:{payout.id}:by_bank", Money(payout.amount, payout.currency)
        tell(payout.payee, "payout_not_by_stripe", key=key, path="/settings/payout-method", amount=amount)


def remind_blocked(payout: Payout, _number: int) -> None:
    """Five days blocked: the programme manager is told."""
    managers = members(payout.internship.programme_id, "manager")
    key, amount = f"payout:{payout.id}:stuck:{payout.version}", Money(payout.amount, payout.currency)
    tell_all(managers, "payout_stuck", key=key, path=f"/finance/payouts/{payout.id}", amount=amount)


def remind_due(payout: Payout) -> None:
    """Nobody acted in time: the programme manager is told, then the operator."""
    payout.escalation += 1
    internship = payout.internship
    people = (
        members(internship.programme_id, "manager") if payout.escalation == 1 else account_queries.operators()
    )
    history.record(payout.root(), payout, "reminded", actor=SYSTEM, params={"step": payout.escalation})
    key = f"payout:{payout.id}:late:{payout.version}:{payout.escalation}"
    amount = Money(payout.amount, payout.currency)
    tell_all(people, "payout_late", key=key, path=f"/finance/payouts/{payout.id}", amount=amount)
    payout.payout_clock_at = payout_queue.escalates_at(internship)
    deadlines.rearm(payout)


def no_approval(payout: Payout) -> dict[str, Any]:
    """The fields of a payout to which nobody has agreed yet: both people act again."""
    agreed = (
        "approved_by_id",
        "approved_at",
        "approval_hash",
        "destination",
        "released_by_id",
        "released_at",
    )
    return {**dict.fromkeys(agreed), **full_time(payout)}


def full_time(payout: Payout) -> dict[str, Any]:
    """The fields of a clock that starts again: whoever is to act now has the full time."""
    return {"payout_clock_at": payout_queue.escalates_at(payout.internship), "escalation": 0}
