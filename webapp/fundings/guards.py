"""Who moves money in, and what must be true first."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.guards import Guard, Guards, Refusal
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.fundings import policy
from webapp.fundings.models import Funding

BY_STRIPE = Refusal("by_stripe", _l("The money of this agreement is paid by Stripe, not by a bank transfer."))
NOT_SIGNED = Refusal(
    "not_signed", _l("Both sides accept the agreement first; then the money is transferred."), stays=True
)


def by_bank(funding: Funding, actor: Viewer) -> Refusal | None:
    """A person can only say this of a bank transfer; of Stripe's page Stripe says it."""
    return BY_STRIPE if actor is not SYSTEM and funding.rail != "manual" else None


def signed_by_both(funding: Funding, actor: Viewer) -> Refusal | None:
    """Both sides have accepted the agreement that the money is for."""
    return NOT_SIGNED if actor is not SYSTEM and funding.internship.signed_at is None else None


GUARDS: Guards = {
    "begin": Guard(policy.may_begin, (by_bank, signed_by_both)),
    "secure": Guard(policy.may_secure),
    "fail": Guard(lifecycle.system_only),
    "retry": Guard(policy.may_pay),
    "cancel": Guard(lifecycle.system_only),
    "settle": Guard(lifecycle.system_only),
    "refund": Guard(lifecycle.system_only),
}
