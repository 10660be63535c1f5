"""The one endpoint that moves cards, by button, sheet or drag; and the way back."""

from __future__ import annotations

from typing import Any

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core import access, face, ui
from webapp.core.board import Place
from webapp.core.errors import Invalid, Stale
from webapp.core.face import Face
from webapp.tasks import actions, policy, queries
from webapp.tasks.forms import MoveForm
from webapp.tasks.models import Task, TaskMove
from webapp.tasks.routes.parts import bp, card_address, face_here, seen


@bp.get("/tasks/<int:task_id>/move")
@access.allow(load=queries.for_viewer, may=policy.may_ever_move)
def sheet(task: Task) -> Response:
    """Where to move a card: column and place."""
    view = "card" if face_here(task).is_open() else "page"
    return _sheet(task, MoveForm(to=task.state, seq=str(task.seq), view=view))


@bp.post("/tasks/<int:task_id>/move")
@access.allow(load=queries.for_viewer, may=policy.may_ever_move)
def move(task: Task) -> Response:
    """Move a card: the one endpoint for buttons, sheet, drag and keys."""
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
    return _moved(task, came_from, undo=url_for("tasks.undo", op=g.operation))


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
            way_on=(_("Open the board"), card_address(task)),
        ) from None
    return _moved(task, left)


def _sheet(task: Task, form: MoveForm, *, status: int = 200) -> Response:
    shown = face_here(task)
    targets = queries.targets(g.person, task)
    form.to.choices = {state: _column_choice(state, task, shown) for state in targets}
    if form.to.data not in targets:
        form.to.data = targets[0] if targets else None
    form.before.choices = _places(task, shown, targets)
    people = queries.people_to_wait_for(task.internship) if "blocked" in targets else []
    form.waits_for.choices = {"": _("Choose a person"), **{str(p.id): p.full_name for p in people}}
    if not form.seq.data:
        form.seq.data = str(task.seq)
    return ui.screen(
        "tasks/move",
        status=status,
        task=task,
        form=form,
        targets=targets,
        back=shown.card_link(task),
        **seen(task.internship),
    )


def _places(task: Task, shown: Face, targets: list[str]) -> dict[str, Any]:
    """Where in a column a card may go; only the end where nobody orders the cards themselves."""
    if not shown.manual:
        return {"end": _("By due date")}
    places: dict[str, Any] = {_("Anywhere"): {"end": _("At the end"), "top": _("At the top")}}
    for state in targets:
        cards = [card for card in queries.first_cards(task.internship, state) if card.id != task.id]
        if cards:
            label = _("%(column)s, before", column=shown.label(state))
            places[label] = {str(card.id): card.title for card in cards}
    return places


def _column_choice(state: str, task: Task, shown: Face) -> str:
    label, count = shown.label(state), shown.counts[state]
    if state == task.state:
        return str(_("%(column)s (here now)", column=label))
    return str(ngettext("%(column)s (%(num)s task)", "%(column)s (%(num)s tasks)", count, column=label))


def _moved(task: Task, came_from: str, *, undo: str | None = None) -> Response:
    shown = face_here(task)
    place = shown.place(task)
    return face.moved(shown, task, came_from, _said(task, came_from, shown, place), place=place, undo=undo)


def _said(task: Task, came_from: str, shown: Face, place: Place | None) -> str:
    """What happened, in a sentence: with the place where the board shows one."""
    words = {"task": task.title, "column": shown.label(task.state), "source": shown.label(came_from)}
    if place is None:
        return str(_("“%(task)s” moved from %(source)s to %(column)s; the filters hide it now.", **words))
    where = {"position": place.position, "count": place.count}
    if came_from == task.state:
        said = _("“%(task)s” is now at position %(position)s of %(count)s in %(column)s.", **words, **where)
    else:
        said = _(
            "“%(task)s” moved from %(source)s to %(column)s, position %(position)s of %(count)s.",
            **words,
            **where,
        )
    most = shown.limits.get(task.state)
    if most is not None and shown.counts[task.state] > most and came_from != task.state:
        said += " " + _("%(column)s now holds more than the agreed limit of %(most)s.", most=most, **words)
    return str(said)


def _conflict(task: Task, form: MoveForm) -> Response:
    """409: the card as it is, who moved it, and the choice to move it all the same."""
    again = (task.state, form.to.data) in actions.MOVE_OF or task.state == form.to.data
    return face.conflict(
        face_here(task),
        task,
        "tasks/_conflict_notice.html",
        "tasks/conflict",
        wanted=form.to.data,
        before=form.before.data,
        possible=again and form.to.data in queries.targets(g.person, task),
        view="card" if form.view.data == "card" else "page",
        spoken=_("“%(task)s” has changed since you opened it. Your move was not made.", task=task.title),
    )
