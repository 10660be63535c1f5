"""How many cards a column should hold at most: a wish of a board's people, which stops nobody."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.errors import NotAllowed
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.actions.open_board import still_open
from webapp.tasks.models import ColumnLimit
from webapp.tasks.queries import attachments as task_attachments


def set_limits(internship: Internship, *, actor: Person, limits: Mapping[str, int]) -> None:
    """Somebody on the board says how many cards a column should hold; a column that is not named has no limit.

    Raises NotAllowed, NotNow when the board is closed.
    """
    lifecycle.lock(internship)
    if not policy.may_add(actor, internship):
        raise NotAllowed
    still_open(internship)
    chosen = {state: most for state, most in limits.items() if state in task_attachments.LIMITED}
    if chosen == task_attachments.limits_of(internship.id):
        return
    db.session.execute(delete(ColumnLimit).where(ColumnLimit.internship_id == internship.id))
    db.session.add_all(
        ColumnLimit(internship_id=internship.id, state=state, most=most) for state, most in chosen.items()
    )
    db.session.flush()
    history.record(internship, internship, "limits", actor=actor, params=dict(chosen))
