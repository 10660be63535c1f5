"""What a person decides about an attempt whose outcome is unclear: ask Stripe again, or declare it absent."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.database import clock, jobs
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.core.lifecycle import history
from webapp.payouts import policy
from webapp.payouts.actions.sending import lock_attempt, settle_rejected
from webapp.payouts.models import SEND_ATTEMPT, Attempt
from webapp.payouts.queries import attempts as payout_attempts

FRESH_LOOK = UNDER_WAY = timedelta(minutes=15)


def look_again(attempt: Attempt, *, actor: Person, version: int) -> None:
    """A person asks Stripe once more whether it has this attempt; nothing is sent."""
    _decide(attempt, actor, version)
    attempt.version += 1
    history.record(attempt.part.payout.root(), attempt.part.payout, "looked_again", actor=actor)
    jobs.defer(SEND_ATTEMPT, attempt_id=attempt.id)


def declare_absent(attempt: Attempt, *, actor: Person, version: int, reason: str) -> None:
    """A person has seen that Stripe does not have it: the payment is due again, and needs both people anew.

    Raises NotNow unless Stripe was asked within the last quarter of an hour and had nothing, and can have nothing
    on its way any more.
    """
    _decide(attempt, actor, version)
    now, looked = clock.real_now(), payout_attempts.last_lookup(attempt.id)
    if looked is None or looked.outcome != "absent" or now - looked.called_at > FRESH_LOOK:
        raise NotNow(
            _l("Ask Stripe again first: the last answer is too old, or Stripe did find the payment.")
        )
    if attempt.called_at is not None and now - attempt.called_at < UNDER_WAY:
        raise NotNow(_l("It was sent only minutes ago and may still arrive. Wait 15 minutes."))
    settle_rejected(attempt, actor=actor, code="declared_absent", text=reason)


def _decide(attempt: Attempt, actor: Person, version: int) -> None:
    lock_attempt(attempt)
    if not policy.may_decide(actor, attempt):
        raise NotAllowed
    if version != attempt.version:
        raise Stale
    if attempt.problem is None or not attempt.is_live:
        raise NotNow(_l("There is nothing to decide on this attempt."))
