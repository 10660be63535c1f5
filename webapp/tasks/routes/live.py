"""What changes on a board, as it happens."""

from __future__ import annotations

import json
from dataclasses import asdict

from flask import g, render_template, request
from flask.wrappers import Response

from webapp.core import access, stream, ui
from webapp.core.forms import whole_number
from webapp.internships.models import Internship
from webapp.tasks import queries
from webapp.tasks.models import Task
from webapp.tasks.routes.parts import bp, card_address, seen


@bp.get("/internships/<int:internship_id>/board/stream")
@access.allow(load=queries.board_for_viewer, may=access.signed_in)
def live(internship: Internship) -> Response:
    """Every change of the board as it happens, from the one after `Last-Event-ID` or `since` on."""
    asked = request.headers.get("Last-Event-ID") or request.args.get("since")
    hub = stream.hub()
    line = hub.open(
        internship.id, g.person.id, bytes(g.web_session.token_hash), _number(asked, internship.history_number)
    )
    said = stream.events(hub, line) if line is not None else iter((stream.goodbye("limit"),))
    answer = Response(said, content_type="text/event-stream; charset=utf-8")
    answer.headers["X-Accel-Buffering"] = "no"  # a proxy that collects would make it late
    return answer


@bp.get("/internships/<int:internship_id>/board/since")
@access.allow(load=queries.board_for_viewer, may=access.signed_in)
def since(internship: Internship) -> Response:
    """The same for whoever cannot listen: what changed after change number `n`."""
    begin = _number(request.args.get("n"), internship.history_number)
    changes = [asdict(change) for change in queries.since(internship.id, begin)]
    body = {"n": internship.history_number, "cards": changes}
    return Response(json.dumps(body), content_type="application/json")


def _number(text: str | None, newest: int) -> int:
    """A number of the history that a client names; the newest where it names none that can be."""
    number = whole_number(text)
    return newest if number is None else min(number, newest)


@bp.get("/tasks/<int:task_id>/card")
@access.allow(load=queries.for_viewer, may=access.signed_in)
def card(task: Task) -> Response:
    """One card as it is now, where it is now: for pages that were told that it changed."""
    if not ui.wants_partial():
        return ui.redirect_to(card_address(task))
    body = render_template(
        "tasks/card_now.html",
        task=task,
        place=queries.place_of(task),
        counts=queries.counts(task.internship),
        view="card",
        focused=None,
        **seen(task.internship),
    )
    return Response(body, content_type="text/html; charset=utf-8")
