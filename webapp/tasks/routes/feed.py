"""What changes on a board of tasks, as it happens."""

from __future__ import annotations

from collections.abc import Iterable

from flask import current_app, g
from flask.wrappers import Response
from flask_babel import refresh

from webapp.accounts import policy as account_policy
from webapp.accounts.models import Person
from webapp.core.boards import view as board_view
from webapp.core.boards.places import Place
from webapp.core.database.base import db
from webapp.core.lifecycle.changes import Change
from webapp.core.live import sse
from webapp.core.live.connections import Viewer
from webapp.core.security import access
from webapp.internships.models import Internship
from webapp.tasks.models import Task
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp, internship_board, shown_board


@bp.get("/internships/<int:internship_id>/board/stream")
@access.share("stream")
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
@access.share("stream")
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


def draw(change: Change, viewers: Iterable[Viewer]) -> dict[Viewer, str]:
    """The card of a change as it is now, where it is on a board that nobody has filtered, drawn once for all who see the same.

    Those are people of the same roles, language and zone; apart from them the one whom the card waits for.
    """
    task = db.session.get(Task, change.card)
    if task is None:
        return {}
    alike: dict[object, str] = {}
    drawn: dict[Viewer, str] = {}
    place: Place | None = None  # the same for all
    for viewer in viewers:
        waited_for = viewer.person == task.blocked_on_id
        key = (*viewer[1:], waited_for)
        if key not in alike:
            alike[key], place = _drawn_for(viewer, task, place)
        drawn[viewer] = alike[key]
    return drawn


def _drawn_for(viewer: Viewer, task: Task, place: Place | None) -> tuple[str, Place | None]:
    settings = current_app.extensions["settings"]
    with current_app.test_request_context(base_url=settings.base_url):
        g.locale, g.zone, g.person = viewer.locale, viewer.zone, db.session.get(Person, viewer.person)
        refresh()  # Flask-Babel keeps the language of whoever was drawn for before
        board = internship_board(task.internship, {})
        template = current_app.jinja_env.get_template("_base/board_card.html")
        place = board.learn(place) or board.place(task)
        return template.render(board=board, card=task, place=place, focused=None), place
