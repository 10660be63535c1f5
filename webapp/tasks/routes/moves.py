"""The one endpoint that moves cards, by button, sheet or drag; and the way back."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core import access, operations, ui
from webapp.core import board as engine
from webapp.core.errors import Invalid, Stale
from webapp.core.words import state_label
from webapp.tasks import actions, policy, queries
from webapp.tasks.forms import MoveForm
from webapp.tasks.models import Task, TaskMove
from webapp.tasks.routes.parts import bp, card_address, seen


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
            op=g.get("operation"),
        )
    except Invalid as refused:
        form.refuse(refused)
        return _sheet(task, form, status=422)
    except actions.Overtaken:
        return _conflict(task, form)
    return _moved(task, came_from, form.view.data)


@bp.post("/moves/<op>/undo")
@access.allow(load=queries.move_of, may=policy.may_undo)
def undo(made: TaskMove) -> Response:
    """Take a move back, as long as nothing else has happened to the card."""
    task = made.task
    try:
        left = actions.undo(made, actor=g.person)
    except actions.Overtaken:
        raise Stale(
            _("“%(task)s” has changed since your move, so it stays where it is now.", task=task.title),
            way_on=(_("Look at the board"), card_address(task)),
        ) from None
    return _moved(task, left, request.form.get("view"), undone=True)


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
        "tasks/move", status=status, task=task, form=form, targets=targets, **seen(task.internship)
    )


def _column_choice(state: str, task: Task, counts: dict[str, int]) -> str:
    label = state_label("task", state)
    if state == task.state:
        return str(_("%(column)s (here now)", column=label))
    return str(
        ngettext("%(column)s (%(num)s task)", "%(column)s (%(num)s tasks)", counts[state], column=label)
    )


def _moved(task: Task, came_from: str, view: str | None, *, undone: bool = False) -> Response:
    """After a move: the board for a page, for a card's own button only what changed on the board."""
    place = queries.place_of(task)
    sentence = _said(task, came_from, place)
    if not ui.wants_partial() or view != "card":
        g.focused_task = task.id
        return ui.done(card_address(task), say=sentence)
    operations.remember(card_address(task))
    body = render_template(
        "tasks/moved.html",
        task=task,
        place=place,
        came_from=came_from,
        counts=queries.counts(task.internship),
        sentence=sentence,
        undo=None if undone else g.get("operation"),
        view="card",
        focused=task.id,
        **seen(task.internship),
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
        **seen(task.internship),
    }
    if ui.wants_partial() and context["view"] == "card":
        body = render_template("tasks/conflict_answer.html", **context)
        return Response(body, status=409, content_type="text/html; charset=utf-8")
    return ui.screen("tasks/conflict", status=409, **context)
