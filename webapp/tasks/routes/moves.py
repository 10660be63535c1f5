"""The one endpoint that moves cards, by button, sheet or drag; and the way back."""

from __future__ import annotations

from typing import Any

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import ngettext

from webapp.core.boards import view as board_view
from webapp.core.boards.places import Place
from webapp.core.boards.view import BoardView
from webapp.core.errors import Stale
from webapp.core.security import access
from webapp.core.web import responses
from webapp.tasks import policy
from webapp.tasks.actions import moves as task_moves
from webapp.tasks.forms import MoveForm
from webapp.tasks.models import Task, TaskMove
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp, card_address, seen, shown_board


@bp.get("/tasks/<int:task_id>/move")
@access.allow(load=task_boards.for_viewer, may=policy.may_ever_move)
def sheet(task: Task) -> Response:
    """Where to move a card: column and place."""
    view = "card" if shown_board(task).is_open() else "page"
    return _sheet(task, MoveForm(to=task.state, move_version=str(task.move_version), view=view))


@bp.post("/tasks/<int:task_id>/move")
@access.allow(load=task_boards.for_mover, may=policy.may_ever_move)
def move(task: Task) -> Response:
    """Move a card: the one endpoint for buttons, sheet, drag and keys."""
    form = MoveForm()
    try:
        if form.validate():
            with form.catch_refusals():
                came_from = task_moves.move(
                    task,
                    actor=g.person,
                    to=form.to.data,
                    before=form.before.data,
                    move_version=int(form.move_version.data),
                    waits_for=form.waited_for,
                    why=form.why.data or "",
                    operation_id=g.get("operation"),
                )
                return _moved(task, came_from, undo=url_for("tasks.undo", operation_id=g.operation))
    except task_moves.Overtaken:
        return _conflict(task, form)
    if "waits_for" not in request.form:
        form.waits_for.errors = []  # dragged there: the sheet asks for it now, and nobody has left it out yet
    return _sheet(task, form, status=422)


@bp.post("/moves/<operation_id>/undo")
@access.allow(load=task_boards.move_of, may=policy.may_undo)
def undo(task_move: TaskMove) -> Response:
    """Take a move back, as long as nothing else has happened to the card."""
    task = task_move.task
    try:
        left = task_moves.undo(task_move, actor=g.person)
    except task_moves.Overtaken:
        raise Stale(
            _("“%(task)s” has changed since your move, so it stays where it is now.", task=task.title),
            way_on=(_("Open the board"), card_address(task)),
        ) from None
    return _moved(task, left)


def _sheet(task: Task, form: MoveForm, *, status: int = 200) -> Response:
    shown = shown_board(task)
    targets = task_boards.targets(g.person, task)
    form.to.choices = {state: _column_choice(state, task, shown) for state in targets}
    if form.to.data not in targets:
        form.to.data = targets[0] if targets else None
    form.before.choices = _place_choices(task, shown, targets)
    people = task_boards.people_to_wait_for(task.internship) if "blocked" in targets else []
    form.waits_for.choices = {"": _("Choose a person"), **{str(p.id): p.full_name for p in people}}
    if not form.move_version.data:
        form.move_version.data = str(task.move_version)
    return responses.screen(
        "tasks/move",
        status=status,
        task=task,
        form=form,
        targets=targets,
        back=shown.card_link(task),
        **seen(task.internship),
    )


def _place_choices(task: Task, shown: BoardView, targets: list[str]) -> dict[str, Any]:
    """Where in a column a card may go; only the end where nobody orders the cards themselves."""
    if not shown.manual:
        return {"end": _("By due date")}
    choices: dict[str, Any] = {_("Anywhere"): {"end": _("At the end"), "top": _("At the top")}}
    for state in targets:
        cards = [card for card in task_boards.first_cards(task.internship, state) if card.id != task.id]
        if cards:
            label = _("%(column)s, before", column=shown.label(state))
            choices[label] = {str(card.id): card.title for card in cards}
    return choices


def _column_choice(state: str, task: Task, shown: BoardView) -> str:
    label, count = shown.label(state), shown.counts[state]
    if state == task.state:
        return str(_("%(column)s (here now)", column=label))
    return str(ngettext("%(column)s (%(num)s task)", "%(column)s (%(num)s tasks)", count, column=label))


def _moved(task: Task, came_from: str, *, undo: str | None = None) -> Response:
    shown = shown_board(task)
    place = shown.place(task)
    return board_view.moved(
        shown, task, came_from, _move_sentence(task, came_from, shown, place), place=place, undo=undo
    )


def _move_sentence(task: Task, came_from: str, shown: BoardView, place: Place | None) -> str:
    """What happened, in a sentence: with the place where the board shows one."""
    words = {"task": task.title, "column": shown.label(task.state), "source": shown.label(came_from)}
    if place is None:
        return str(_("“%(task)s” moved from %(source)s to %(column)s; the filters hide it now.", **words))
    where = {"position": place.position, "count": place.count}
    if came_from == task.state:
        sentence = _(
            "“%(task)s” is now at position %(position)s of %(count)s in %(column)s.", **words, **where
        )
    else:
        sentence = _(
            "“%(task)s” moved from %(source)s to %(column)s, position %(position)s of %(count)s.",
            **words,
            **where,
        )
    most = shown.limits.get(task.state)
    if most is not None and shown.counts[task.state] > most and came_from != task.state:
        sentence += " " + _(
            "%(column)s now holds more than the agreed limit of %(most)s.", most=most, **words
        )
    return str(sentence)


def _conflict(task: Task, form: MoveForm) -> Response:
    """409: the card as it is, who moved it, and the choice to move it all the same."""
    again = (task.state, form.to.data) in task_moves.MOVE_OF or task.state == form.to.data
    return board_view.conflict(
        shown_board(task),
        task,
        "tasks/_conflict_notice.html",
        "tasks/conflict",
        card_now=task_boards.card_of(task),
        wanted=form.to.data,
        before=form.before.data,
        possible=again and form.to.data in task_boards.targets(g.person, task),
        view="card" if form.view.data == "card" else "page",
        spoken=_("“%(task)s” has changed since you opened it. Your move was not made.", task=task.title),
    )
