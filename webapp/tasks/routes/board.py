"""The boards of tasks: an internship's own, and an intern's over all of theirs; and a new card."""

from __future__ import annotations

from collections.abc import Mapping

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import policy as account_policy
from webapp.core.boards import view as board_view
from webapp.core.security import access
from webapp.core.web import responses
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.forms import NewTaskForm
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp, internship_board, own_board


@bp.get("/internships/<int:internship_id>/board")
@access.allow(load=task_boards.board_for_viewer, may=access.signed_in)
def board(internship: Internship) -> Response:
    """The board in its four columns."""
    return _board(internship, NewTaskForm(), responses.page_args())


@bp.get("/tasks")
@access.allow(may=account_policy.is_intern)
def mine() -> Response:
    """The cards of all own internships that are going on."""
    return board_view.show("tasks/mine", own_board(responses.page_args()))


@bp.post("/internships/<int:internship_id>/tasks")
@access.allow(load=task_boards.board_for_viewer, may=policy.may_add)
def add(internship: Internship) -> Response:
    """Add a card."""
    form = NewTaskForm()
    page = responses.asked_from()
    args = page.args if page is not None and page.endpoint == "tasks.board" else {}
    if form.validate():
        with form.catch_refusals():
            task = task_cards.add(
                internship, actor=g.person, title=form.title.data, detail=form.detail.data or ""
            )
            return responses.done(
                internship_board(internship, args).card_link(task),
                say=_("“%(task)s” was added to the board.", task=task.title),
            )
    return _board(internship, form, args, status=422)


def _board(
    internship: Internship, form: NewTaskForm, args: Mapping[str, str], *, status: int = 200
) -> Response:
    shown = internship_board(internship, args)
    may_add = policy.may_add(g.person, internship) and policy.is_open(internship)
    return board_view.show("tasks/board", shown, status=status, form=form, may_add=may_add)


def board_tab(internship: Internship) -> str | None:
    """The board, once the work has started."""
    if internship.started_at is None:
        return None
    return url_for("tasks.board", internship_id=internship.id)
