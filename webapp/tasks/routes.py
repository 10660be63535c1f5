"""The board, its cards, and the one endpoint that moves them."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core import access, operations, stream, ui
from webapp.core import board as engine
from webapp.core.errors import BadInput, Invalid
from webapp.core.forms import seen_version
from webapp.core.words import state_label
from webapp.internships.models import Internship
from webapp.tasks import actions, policy, queries
from webapp.tasks.forms import MoveForm, TaskForm
from webapp.tasks.models import Task

bp = Blueprint("tasks", __name__)


@bp.get("/internships/<int:internship_id>/board")
@access.allow(load=queries.board_for_viewer, may=access.signed_in)
def board(internship: Internship) -> Response:
    """The board in its four columns."""
    return _board(internship, TaskForm())


@bp.post("/internships/<int:internship_id>/tasks")
@access.allow(load=queries.board_for_viewer, may=policy.may_add)
def add(internship: Internship) -> Response:
    """Add a card."""
    form = TaskForm()
    if not form.validate():
        return _board(internship, form, status=422)
    try:
        task = actions.add(internship, actor=g.person, title=form.title.data, detail=form.detail.data or "")
    except Invalid as refused:
        form.refuse(refused)
        return _board(internship, form, status=422)
    return ui.done(_card(task), say=_("“%(task)s” was added to the board.", task=task.title))


@bp.get("/tasks/<int:task_id>")
@access.allow(load=queries.for_viewer, may=access.signed_in)
def show(task: Task) -> Response:
    """One card with everything about it."""
    return ui.screen("tasks/show", task=task, **_seen(task.internship))


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
    usable = text is not None and text.isascii() and text.isdecimal() and len(text) < 19
    return min(int(text), newest) if usable and text is not None else newest


@bp.get("/tasks/<int:task_id>/card")
@access.allow(load=queries.for_viewer, may=access.signed_in)
def card(task: Task) -> Response:
    """One card as it is now, where it is now: for pages that were told that it changed."""
    if not ui.wants_partial():
        return ui.redirect_to(_card(task))
    body = render_template(
        "tasks/card_now.html",
        task=task,
        place=queries.place_of(task),
        counts=queries.counts(task.internship),
        view="card",
        focused=None,
        **_seen(task.internship),
    )
    return Response(body, content_type="text/html; charset=utf-8")


@bp.get("/tasks/<int:task_id>/edit")
@access.allow(load=queries.for_viewer, may=policy.may_edit)
def edit(task: Task) -> Response:
    """The form in which a card is worded."""
    return ui.screen("tasks/edit", task=task, form=TaskForm(obj=task), **_seen(task.internship))


@bp.post("/tasks/<int:task_id>/edit")
@access.allow(load=queries.for_viewer, may=policy.may_edit)
def save(task: Task) -> Response:
    """Word a card anew."""
    form = TaskForm()
    if not form.validate():
        return ui.screen("tasks/edit", status=422, task=task, form=form, **_seen(task.internship))
    actions.edit(
        task,
        actor=g.person,
        version=seen_version(),
        title=form.title.data,
        detail=form.detail.data or "",
    )
    return ui.done(url_for("tasks.show", task_id=task.id), say=_("“%(task)s” was saved.", task=task.title))


@bp.get("/tasks/<int:task_id>/move")
@access.allow(load=queries.for_viewer, may=policy.may_ever_move)
def sheet(task: Task) -> Response:
    """Where to move a card: column and place."""
    chosen = request.args.get("to")
    to = chosen if chosen in Task.law.states else task.state
    return _sheet(task, MoveForm(to=to, seq=str(task.seq), view="page"))


@bp.post("/tasks/<int:task_id>/move")
@access.allow(load=queries.for_viewer, may=policy.may_ever_move)
def move(task: Task) -> Response:
    """Move a card: the one endpoint for buttons, sheet and, later, drag."""
    form = MoveForm()
    if not form.validate():
        return _sheet(task, form, status=422)
    try:
        came_from = actions.move(
            task,
            actor=g.person,
            to=form.to.data,
            before=form.before.data,
            seq=int(form.seq.data),
            waits_for=form.waited_for,
            why=form.why.data or "",
        )
    except Invalid as refused:
        form.refuse(refused)
        return _sheet(task, form, status=422)
    except actions.Overtaken:
        return _conflict(task, form)
    return _moved(task, came_from, form.view.data)


def _board(internship: Internship, form: TaskForm, *, status: int = 200) -> Response:
    seen = _seen(internship)
    asked = {} if g.get("answering") else request.args
    after = {
        state: int(v)
        for state in Task.law.states
        if (v := asked.get(f"{state}_after", "")).isdecimal() and len(v) < 19
    }
    columns = engine.read(queries.lane(internship), after)
    return ui.screen(
        "tasks/board",
        status=status,
        form=form,
        columns=columns,
        view="page" if after else "card",
        focused=g.get("focused_task"),
        may_add=policy.may_add(g.person, internship) and seen["open"],
        **seen,
    )


def _sheet(task: Task, form: MoveForm, *, status: int = 200) -> Response:
    targets = queries.targets(g.person, task)
    counts = queries.counts(task.internship)
    form.to.choices = {state: _column_choice(state, task, counts) for state in targets}
    if form.to.data not in targets:
        form.to.data = targets[0] if targets else None
    places: dict[str, Any] = {_("Anywhere"): {"end": _("At the end"), "top": _("At the top")}}
    for state in targets:
        cards = [card for card in queries.first_cards(task.internship, state) if card.id != task.id]
        if cards:
            label = _("%(column)s, before", column=state_label("task", state))
            places[label] = {str(card.id): card.title for card in cards}
    form.before.choices = places
    people = queries.people_to_wait_for(task.internship) if "blocked" in targets else []
    form.waits_for.choices = {"": _("Choose a person"), **{str(p.id): p.full_name for p in people}}
    if not form.seq.data:
        form.seq.data = str(task.seq)
    return ui.screen(
        "tasks/move", status=status, task=task, form=form, targets=targets, **_seen(task.internship)
    )


def _column_choice(state: str, task: Task, counts: dict[str, int]) -> str:
    label = state_label("task", state)
    if state == task.state:
        return str(_("%(column)s (here now)", column=label))
    return str(
        ngettext("%(column)s (%(num)s task)", "%(column)s (%(num)s tasks)", counts[state], column=label)
    )


def _moved(task: Task, came_from: str, view: str | None) -> Response:
    """After a move: the board for a page, for a card's own button only what changed on the board."""
    place = queries.place_of(task)
    sentence = _said(task, came_from, place)
    if not ui.wants_partial() or view != "card":
        g.focused_task = task.id
        return ui.done(_card(task), say=sentence)
    operations.remember(_card(task))
    body = render_template(
        "tasks/moved.html",
        task=task,
        place=place,
        came_from=came_from,
        counts=queries.counts(task.internship),
        sentence=sentence,
        view="card",
        focused=task.id,
        **_seen(task.internship),
    )
    return Response(body, content_type="text/html; charset=utf-8")


def _said(task: Task, came_from: str, place: engine.Place) -> str:
    words = {
        "task": task.title,
        "column": state_label("task", task.state),
        "position": place.position,
        "count": place.count,
    }
    if came_from == task.state:
        said = _("“%(task)s” is now at position %(position)s of %(count)s in %(column)s.", **words)
    else:
        said = _(
            "“%(task)s” moved from %(source)s to %(column)s, position %(position)s of %(count)s.",
            source=state_label("task", came_from),
            **words,
        )
    return str(said)


def _conflict(task: Task, form: MoveForm) -> Response:
    """409: the card as it is, who moved it, and the choice to move it all the same."""
    again = (task.state, form.to.data) in actions.MOVE_OF or task.state == form.to.data
    context = {
        "task": task,
        "place": queries.place_of(task),
        "counts": queries.counts(task.internship),
        "wanted": form.to.data,
        "before": form.before.data,
        "possible": again and form.to.data in queries.targets(g.person, task),
        "view": form.view.data if form.view.data == "card" else "page",
        "focused": None,
        **_seen(task.internship),
    }
    if ui.wants_partial() and context["view"] == "card":
        body = render_template("tasks/conflict_answer.html", **context)
        return Response(body, status=409, content_type="text/html; charset=utf-8")
    return ui.screen("tasks/conflict", status=409, **context)


def _card(task: Task) -> str:
    return url_for("tasks.board", internship_id=task.internship_id, _anchor=f"card-{task.id}")


def _seen(internship: Internship) -> dict[str, Any]:
    """What every screen of the board knows: the internship, the words, and what this person may do."""
    if internship.agreement is None:
        raise BadInput
    return {
        "internship": internship,
        "open": policy.is_open(internship),
        "targets_of": lambda task: queries.targets(g.person, task),
        "state_label": state_label,
        "next_move": next_move,
        "may_move": lambda task: policy.may_work(g.person, task) and policy.is_open(internship),
        "may_edit": policy.on_the_board(g.person, internship) and policy.is_open(internship),
    }


NEXT = {"todo": "start", "doing": "finish", "blocked": "unblock", "done": "reopen"}


def next_move(task: Task) -> tuple[str, str] | None:
    """The one next step of a card for this person: its target column and the words on the button."""
    name = NEXT[task.state]
    if name not in policy.moves_for(g.person, task):
        return None
    words = {
        "start": _("Start"),
        "finish": _("Finish"),
        "unblock": _("Unblock"),
        "reopen": _("Take up again"),
    }
    return Task.law.target(task.state, name), words[name]
