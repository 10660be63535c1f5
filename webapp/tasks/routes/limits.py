"""How many cards each column of a board should hold at most."""

from __future__ import annotations

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core.security import access
from webapp.core.web import responses
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.actions import limits as task_limits
from webapp.tasks.forms import LimitsForm
from webapp.tasks.queries import attachments as task_attachments
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp, seen


@bp.get("/internships/<int:internship_id>/board/limits")
@access.allow(load=task_boards.board_for_viewer, may=policy.may_add)
def limits(internship: Internship) -> Response:
    """The limits as they are, in a form."""
    held = {state: str(most) for state, most in task_attachments.limits_of(internship.id).items()}
    return _limits(internship, LimitsForm(data=held))


@bp.post("/internships/<int:internship_id>/board/limits")
@access.allow(load=task_boards.board_for_viewer, may=policy.may_add)
def set_limits(internship: Internship) -> Response:
    """Set all limits of a board."""
    form = LimitsForm()
    if not form.validate():
        return _limits(internship, form, status=422)
    task_limits.set_limits(internship, actor=g.person, limits=form.limits)
    return responses.done(url_for("tasks.board", internship_id=internship.id), say=_("The limits are saved."))


def _limits(internship: Internship, form: LimitsForm, *, status: int = 200) -> Response:
    return responses.screen("tasks/limits", status=status, form=form, **seen(internship))
