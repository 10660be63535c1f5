"""The board of an internship: its columns or its list, and a new card."""

from __future__ import annotations

from flask import g, request
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core import access, ui
from webapp.core import board as engine
from webapp.core.errors import Invalid
from webapp.core.forms import whole_number
from webapp.internships.models import Internship
from webapp.tasks import actions, policy, queries
from webapp.tasks.forms import NewTaskForm, ShownForm
from webapp.tasks.models import Task
from webapp.tasks.routes.parts import bp, card_address, seen


@bp.get("/internships/<int:internship_id>/board")
@access.allow(load=queries.board_for_viewer, may=access.signed_in)
def board(internship: Internship) -> Response:
    """The board in its four columns."""
    return _board(internship, NewTaskForm())


@bp.post("/internships/<int:internship_id>/tasks")
@access.allow(load=queries.board_for_viewer, may=policy.may_add)
def add(internship: Internship) -> Response:
    """Add a card."""
    form = NewTaskForm()
    if not form.validate():
        return _board(internship, form, status=422)
    try:
        task = actions.add(internship, actor=g.person, title=form.title.data, detail=form.detail.data or "")
    except Invalid as refused:
        form.refuse(refused)
        return _board(internship, form, status=422)
    return ui.done(card_address(task), say=_("“%(task)s” was added to the board.", task=task.title))


def _board(internship: Internship, form: NewTaskForm, *, status: int = 200) -> Response:
    known = seen(internship)
    wanted = ShownForm()
    wanted.validate()
    lane = queries.shown(
        internship,
        queries.Shown(
            **{name: wanted[name].data or "" for name in ("q", "due", "label") if not wanted[name].errors},
            sort="due" if wanted.sort.data == "due" else "manual",
        ),
    )
    asked = {} if g.get("answering") else request.args
    after = {
        state: card
        for state in Task.law.states
        if (card := whole_number(asked.get(f"{state}_after"))) is not None
    }
    return ui.screen(
        "tasks/board",
        status=status,
        form=form,
        columns=engine.read(lane, after),
        wanted=wanted,
        as_list=wanted.view.data == "list",
        manual=lane.manual,
        filtered=bool(lane.filters),
        view="page" if after else "card",
        focused=g.get("focused_task"),
        may_add=policy.may_add(g.person, internship) and known["open"],
        **known,
    )
