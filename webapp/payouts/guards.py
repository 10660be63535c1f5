"""What must be true before money moves on, besides people: the door asks it, and so do the queue and the board."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.config import stripe_is_on
from webapp.core.errors import Sentence
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.guards import Guard, Guards, Refusal
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.payouts import policy
from webapp.payouts.models import Payout
from webapp.payouts.queries import approval_contents as payout_approval_contents
from webapp.payouts.queries import attempts as payout_attempts
from webapp.recipients import queries as recipient_queries

NO_ACCOUNT = Refusal(
    "no_account", _l("The intern has to add a bank account first; until then the payment stays due.")
)
NO_STRIPE = Refusal(
    "no_stripe",
    _l("The intern's Stripe account can't receive money yet; until then the payment stays due."),
)
COOLING = Refusal(
    "cooling",
    _l("The intern changed the bank account less than 72 hours ago. Approve the payment after 72 hours."),
)
CHANGED = Refusal(
    "changed", _l("Something has changed since the approval. Put the payment on hold and approve it again.")
)
STRIPE_OFF = Refusal(
    "stripe_off",
    _l("This installation has no Stripe account at the moment, so the payment has to wait."),
)
NOT_COVERED = Refusal(
    "not_covered",
    _l(
        "The money that came in by Stripe for this work does not cover this payment. Check the charge at Stripe."
    ),
)
ANOTHER = _l("Another finance person has to do this. It can't be the payee, or the same person twice.")


def another_by_hand(payout: Payout) -> Sentence | None:
    """What the bank did, another finance person records; what Stripe did, Stripe tells."""
    return ANOTHER if payout.rail == "manual" else None


def stripe_is_there(payout: Payout, _actor: Viewer) -> Refusal | None:
    """Money on Stripe's rail needs this installation's Stripe account."""
    return STRIPE_OFF if payout.rail == "stripe" and not stripe_is_on() else None


def covered(payout: Payout, _actor: Viewer) -> Refusal | None:
    """What Stripe took still holds the sum."""
    return NOT_COVERED if payout.rail == "stripe" and not payout_attempts.is_covered(payout) else None


def recipient_ready(payout: Payout, _actor: Viewer) -> Refusal | None:
    """The payee has said where the money goes, and has not just changed it."""
    if payout.payee_id is None:
        return None
    if payout.rail == "stripe":
        if payout_approval_contents.destination_of(payout) is None:
            return NO_STRIPE
        return COOLING if recipient_queries.stripe_cools_until(payout.payee_id) else None
    if recipient_queries.current_method(payout.payee_id) is None:
        return NO_ACCOUNT
    return COOLING if recipient_queries.cools_until(payout.payee_id) else None


def as_approved(payout: Payout, actor: Viewer) -> Refusal | None:
    """Sum, destination and reasons are what the first person approved. Refunds on Stripe need no approval."""
    if actor is SYSTEM and payout.state == "due":
        return None
    return CHANGED if payout.approval_hash != payout_approval_contents.approval_hash(payout) else None


GUARDS: Guards = {
    "approve": Guard(policy.may_approve, (stripe_is_there, covered, recipient_ready), ANOTHER),
    "release": Guard(policy.may_release, (stripe_is_there, covered, as_approved), ANOTHER),
    "confirm": Guard(policy.may_confirm, not_you=another_by_hand),
    "fail": Guard(policy.may_confirm, not_you=another_by_hand),
    "hold": Guard(policy.may_hold, not_you=ANOTHER),
    "unhold": Guard(policy.may_unhold, not_you=ANOTHER),
    "block": Guard(lifecycle.system_only),
    "unblock": Guard(lifecycle.system_only),
}


def obstacle(payout: Payout) -> Refusal | None:
    """What keeps a payout from its next step, whoever makes it."""
    step = {"due": "approve", "approved": "release"}.get(payout.state)
    return GUARDS[step].refusal(payout, None) if step is not None else None
