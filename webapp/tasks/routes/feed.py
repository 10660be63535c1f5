"""What changes on a board of tasks, as it happens."""

from __future__ import annotations

from flask import g
from flask.wrappers import Response

from webapp.accounts import policy as account_policy
from webapp.core.boards import view as board_view
from webapp.core.live import sse
from webapp.core.security import access
from webapp.internships.models import Internship
from webapp.tasks.models import Task
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp, shown_board


@bp.get("/internships/<int:internship_id>/board/stream")
@access.allow(load=task_boards.board_for_viewer, may=access.signed_in)
def live(internship: Internship) -> Response:
    """Every change of an internship's board as it happens."""
    return sse.answer("internship", internship.id)


@bp.get("/internships/<int:internship_id>/board/since")
@access.allow(load=task_boards.board_for_viewer, may=access.signed_in)
def since(internship: Internship) -> Response:
    """The same for a browser that cannot keep a stream open."""
    return sse.since_answer("internship", internship.id)


@bp.get("/tasks/stream")
@access.allow(may=account_policy.is_intern)
def live_own() -> Response:
    """Every change of the intern's own board as it happens."""
    return sse.answer("intern", g.person.id)


@bp.get("/tasks/since")
@access.allow(may=account_policy.is_intern)
def since_own() -> Response:
    """The same for a browser that cannot keep a stream open."""
    return sse.since_answer("intern", g.person.id)


@bp.get("/tasks/<int:task_id>/card")
@access.allow(load=task_boards.for_viewer, may=access.signed_in)
def card(task: Task) -> Response:
    """One card as it is now, where it is now: for pages that were told that it changed."""
    return board_view.card_now(shown_board(task), task)
