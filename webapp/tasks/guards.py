"""Who moves cards, who begins the work, and what must be true first."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.lifecycle.guards import Guard, Guards, Refusal
from webapp.core.lifecycle.history import Viewer
from webapp.internships import guards as internship_guards
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.recipients import queries as recipient_queries
from webapp.tasks import policy
from webapp.tasks.models import Task

CLOSED = Refusal("closed", _l("The board is closed, because the work is over or a dispute is open."))


def board_open(task: Task, _actor: Viewer) -> Refusal | None:
    """The work goes on, and no dispute is open."""
    return None if policy.is_open(task.internship) else CLOSED


def intern_payable(internship: Internship, _actor: Viewer) -> Refusal | None:
    """The intern has said where the pay should go."""
    intern = internship.intern
    if intern is not None and recipient_queries.payable(intern, recipient_queries.rail_of(internship)):
        return None
    return Refusal("not_payable", _l("Say first where your pay should go."), stays=True)


def ready_to_start(internship: Internship, actor: Viewer) -> Refusal | None:
    """Signed, secured and payable; what is missing is named all at once."""
    needs = (internship_guards.signed_by_both, internship_guards.money_secured, intern_payable)
    missing = [refused for need in needs if (refused := need(internship, actor)) is not None]
    if len(missing) < 2:
        return missing[0] if missing else None
    return Refusal("not_ready", " ".join(str(refused.sentence) for refused in missing), stays=True)


GUARDS: Guards = {
    "start": Guard(policy.may_work, (board_open,)),
    "finish": Guard(policy.may_work, (board_open,)),
    "block": Guard(policy.may_work, (board_open,)),
    "unblock": Guard(policy.may_unblock, (board_open,)),
    "reopen": Guard(policy.may_work, (board_open,)),
    "put_back": Guard(policy.may_work, (board_open,)),
}
INTERNSHIP_GUARDS: Guards = {
    "start": Guard(internship_policy.is_intern, (ready_to_start,)),
}
