"""What becomes of sums on their way when the place that they go to changes."""

from __future__ import annotations

from collections.abc import Sequence

from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM, Actor
from webapp.payouts.actions.approval import block_if_unreachable, put_on_hold, unblock
from webapp.payouts.models import Payout
from webapp.recipients import queries as recipient_queries
from webapp.recipients.models import StripeAccount


def hold_changed(person: Person, rail: str, *, actor: Actor) -> None:
    """The person's money goes elsewhere now: what is about to be sent is held for 72 hours."""
    until = clock.now() + recipient_queries.COOLING_OFF
    for payout in _waiting(person, rail, ("due", "approved")):
        put_on_hold(payout, until, "destination_changed", actor=actor, version=None)


def _waiting(person: Person, rail: str, states: Sequence[str]) -> list[Payout]:
    """The person's sums in these states, locked one internship after the other."""
    payouts = db.session.scalars(
        db.select(Payout).where(Payout.payee_id == person.id, Payout.rail == rail, Payout.state.in_(states))
    ).all()
    for payout in sorted(payouts, key=lambda waiting: waiting.internship_id):
        lifecycle.lock(payout)
    return [payout for payout in payouts if payout.state in states]


def follow_account(account: StripeAccount) -> None:
    """Sums that the account cannot receive are blocked, and free again once it can."""
    if account.can_receive:
        for payout in _waiting(account.person, "stripe", ("blocked",)):
            unblock(payout, actor=SYSTEM)
    else:
        for payout in _waiting(account.person, "stripe", ("due", "approved")):
            block_if_unreachable(payout, actor=SYSTEM)
