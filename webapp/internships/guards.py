"""Who moves an internship, and what must be true of it first. Moves that other features make are guarded there."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.guards import Guard, Guards, Refusal
from webapp.core.lifecycle.history import Viewer
from webapp.internships import policy
from webapp.internships.models import Internship


def signed_by_both(internship: Internship, _actor: Viewer) -> Refusal | None:
    """Both sides have accepted the agreement."""
    if internship.signed_at is not None:
        return None
    return Refusal(
        "not_signed", _l("The work can start once both sides have accepted the agreement."), stays=True
    )


def money_secured(internship: Internship, _actor: Viewer) -> Refusal | None:
    """The money of the match is here."""
    if internship.secured_at is not None:
        return None
    return Refusal("not_secured", _l("The work can start once the money is secured."), stays=True)


def not_signed_by_both(internship: Internship, _actor: Viewer) -> Refusal | None:
    """From both signatures on, only both sides together end it."""
    if internship.signed_at is None:
        return None
    return Refusal(
        "signed", _l("Both sides have accepted the agreement, so one side alone can't cancel any more.")
    )


def round_left(internship: Internship, _actor: Viewer) -> Refusal | None:
    """The agreement's rounds of changes are not used up."""
    if internship.rounds_used < internship.terms.clocks.revision_rounds:
        return None
    return Refusal("no_round_left", _l("All rounds of changes are used. Decide on the work as it is."))


GUARDS: Guards = {
    "match": Guard(lifecycle.system_only),
    "submit": Guard(policy.is_intern),
    "recall": Guard(policy.is_intern),
    "request_changes": Guard(policy.is_reviewer, (round_left,)),
    "review": Guard(policy.is_reviewer),
    "approve_by_silence": Guard(lifecycle.system_only),
    "end_early": Guard(lifecycle.system_only),
    "unmatch": Guard(lifecycle.system_only),
    "settle": Guard(lifecycle.system_only),
    "cancel": Guard(policy.may_cancel, (not_signed_by_both,)),
}
