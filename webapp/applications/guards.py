"""Who moves an application, and what must be true first."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.applications import policy, queries
from webapp.applications.models import Application
from webapp.core.database.facts import fact
from webapp.core.errors import Invalid, NotAllowed
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.guards import Guard, Guards, Refusal
from webapp.core.lifecycle.history import Viewer
from webapp.postings import policy as posting_policy
from webapp.recipients import queries as recipient_queries

MEMBERS = _l("People who belong to the employer cannot apply to its postings.")
NOT_OPEN = Refusal("not_open", _l("This posting is closed to new applications."))
NO_RAIL = Refusal(
    "no_rail",
    _l(
        "This programme can't pay anyone in your country, so you can't apply. You can check your country "
        "in your settings."
    ),
    stays=True,
)
NO_SEAT = Refusal("no_seat", _l("No seat is free. Each one is taken or offered to someone."))
CANCELLED = Refusal("cancelled", _l("The posting is cancelled."))


def posting_open(application: Application, _actor: Viewer) -> Refusal | None:
    """The posting takes applications."""
    return None if application.posting.state == "open" else NOT_OPEN


def payable_there(application: Application, _actor: Viewer) -> Refusal | None:
    """The programme has a way to pay people in the intern's country."""
    rail = recipient_queries.rail_for(application.intern, application.posting)
    return NO_RAIL if rail is None else None


def complete(application: Application, _actor: Viewer) -> Refusal | None:
    """Every question is answered."""
    if not queries.missing(application):
        return None
    error = Invalid(_l("Something is still missing. Answer every question, then send it."))
    return Refusal("incomplete", error.sentence, stays=True, error=error)


def seat_free(application: Application, _actor: Viewer) -> Refusal | None:
    """A seat is neither taken nor held by another offer; two offers never hold one."""
    posting = application.posting
    if posting.state == "cancelled":
        return CANCELLED
    free = fact("free_seat", posting.id, lambda: queries.free_seat(posting) is not None)
    return None if free else NO_SEAT


def no_member(application: Application, actor: Viewer) -> Refusal | None:
    """The intern has not joined the employer meanwhile."""
    if posting_policy.may_ever_apply(actor, application.posting):
        return None
    error = NotAllowed(MEMBERS)
    return Refusal("member", error.sentence, error=error)


GUARDS: Guards = {
    "send": Guard(policy.is_own, (no_member, posting_open, payable_there, complete)),
    "shortlist": Guard(policy.judges),
    "unshortlist": Guard(policy.judges),
    "offer": Guard(policy.owns, (seat_free,)),
    "accept": Guard(policy.is_own, (no_member,)),
    "decline": Guard(policy.is_own),
    "lapse": Guard(lifecycle.system_only),
    "reject": Guard(policy.judges),
    "withdraw": Guard(policy.is_own),
    "undo_withdraw": Guard(policy.is_own, (no_member, posting_open)),
    "expire": Guard(lifecycle.system_only),
    "release": Guard(lifecycle.system_only),
}
