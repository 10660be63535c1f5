"""What changes on a board of tasks, as it happens."""

from __future__ import annotations

from flask import g
from flask.wrappers import Response

from webapp.accounts import policy as account_policy
from webapp.core import access, face, stream
from webapp.internships.models import Internship
from webapp.tasks import queries
from webapp.tasks.models import Task
from webapp.tasks.routes.parts import bp, face_here


@bp.get("/internships/<int:internship_id>/board/stream")
@access.allow(load=queries.board_for_viewer, may=access.signed_in)
def live(internship: Internship) -> Response:
    """Every change of an internship's board as it happens."""
    return stream.answer("internship", internship.id)


@bp.get("/internships/<int:internship_id>/board/since")
@access.allow(load=queries.board_for_viewer, may=access.signed_in)
def since(internship: Internship) -> Response:
    """The same for whoever cannot listen."""
    return stream.since_answer("internship", internship.id)


@bp.get("/tasks/stream")
@access.allow(may=account_policy.is_intern)
def live_own() -> Response:
    """Every change of the intern's own board as it happens."""
    return stream.answer("intern", g.person.id)


@bp.get("/tasks/since")
@access.allow(may=account_policy.is_intern)
def since_own() -> Response:
    """The same for whoever cannot listen."""
    return stream.since_answer("intern", g.person.id)


@bp.get("/tasks/<int:task_id>/card")
@access.allow(load=queries.for_viewer, may=access.signed_in)
def card(task: Task) -> Response:
    """One card as it is now, where it is now: for pages that were told that it changed."""
    return face.card_now(face_here(task), task)
