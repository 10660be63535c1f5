"""Boards whose columns are the states of a machine: a card goes over by one of its moves.

A move that needs nothing but a yes is fired by the drop; one that needs a reason, a score or a second factor leads to
its own form. What follows what comes from the machine, who may from the policy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.validators import DataRequired, Regexp

from webapp.core.boards import view as board_view
from webapp.core.boards.view import BoardView
from webapp.core.errors import Stale
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import idempotency
from webapp.core.web import responses
from webapp.core.web.forms import NUMBER, Form


@dataclass(frozen=True)
class Transition:
    """One way over a board: the machine's `move`, and the page of its form where it needs more than a yes."""

    move: str
    form: Callable[[Any], str] | None = None


Transitions = Mapping[tuple[str, str], Transition]
"""The ways of a board by (column, column)."""


class TransitionForm(Form):
    """One intent: this card, into that column, as it was seen (`move_version`)."""

    to = RadioField(_l("Column"), [DataRequired(_l("Choose a column."))], validate_choice=False)
    move_version = HiddenField(validators=[Regexp(rf"{NUMBER}\Z")])
    view = HiddenField(default="page")


def possible(row: Any, person: Any, transitions: Transitions) -> dict[str, Transition]:
    """The columns to which this person may bring the card now, each with its way."""
    open_now = lifecycle.open_moves(row, person)
    return {
        to: step
        for (source, to), step in transitions.items()
        if source == row.state and step.move in open_now
    }


def why_not(row: Any, person: Any, transitions: Transitions) -> dict[str, Any]:
    """What keeps this very card, or this person, from the columns that the machine would allow."""
    found, moves = {}, lifecycle.possible_moves(row, person)
    for (source, to), step in transitions.items():
        if source != row.state or (step.move in moves and moves[step.move] is None):
            continue
        refused = moves.get(step.move)
        sentence = refused.sentence if refused is not None else lifecycle.guard_of(row, step.move).not_you
        if sentence is not None:
            found[to] = sentence
    return found


@dataclass(frozen=True)
class CardTransitions:
    """One card on its board, as one person may move it.

    `fire(step)` makes a move that needs nothing else; `name` is what the card is called in sentences; `shut` says
    what keeps this very card, or this person, from a column.
    """

    face: BoardView
    thing: Any
    steps: dict[str, Transition]
    name: str
    move_url: str
    fire: Callable[[Transition], None]
    shut: Mapping[str, Any] = field(default_factory=dict)

    def sheet(self) -> Response:
        """Where the card can go, and why not elsewhere."""
        return self._sheet(
            TransitionForm(
                move_version=str(self.thing.version), view="card" if self.face.is_open() else "page"
            )
        )

    def _sheet(self, form: TransitionForm, *, status: int = 200) -> Response:
        form.to.choices = [(to, self.face.label(to)) for to in self.steps]
        if form.to.data not in self.steps:
            form.to.data = next(iter(self.steps), None)
        if not form.move_version.data:
            form.move_version.data = str(self.thing.version)
        elsewhere = [
            (self.face.label(to), self.why_not(to))
            for to in self.face.lane.columns
            if to not in self.steps and to != self.thing.state
        ]
        return responses.screen(
            "_base/step",
            status=status,
            form=form,
            called=self.name,
            steps=self.steps,
            elsewhere=elsewhere,
            move_url=self.move_url,
            back=self.face.card_link(self.thing),
            label=self.face.label(self.thing.state),
        )

    def why_not(self, to: str) -> str:
        """Why the card cannot go to a column."""
        if to in self.shut:
            return str(self.shut[to])
        sentences = self.face.why(to) if to in self.face.lane.columns else {}
        return str(sentences.get(self.thing.state) or sentences.get("") or "")

    def move(self) -> Response:
        """Make the move that leads to the column of the form, or lead to the form that it needs."""
        form, thing = TransitionForm(), self.thing
        if not form.validate():
            return self._sheet(form, status=422)
        if int(form.move_version.data) != thing.version:
            return self._overtaken()
        step, came_from = self.steps.get(form.to.data), thing.state
        if step is None:
            form.to.errors = [self.why_not(form.to.data) or _("The card can't go there.")]
            return self._sheet(form, status=422)
        if step.form is not None:
            idempotency.forget()
            return responses.leave(step.form(thing))
        try:
            self.fire(step)
        except Stale:
            return self._overtaken()
        words = {
            "name": self.name,
            "source": self.face.label(came_from),
            "column": self.face.label(thing.state),
        }
        sentence = _("“%(name)s” moved from %(source)s to %(column)s.", **words)
        return board_view.moved(self.face, thing, came_from, sentence, place=self.face.place(thing))

    def _overtaken(self) -> Response:
        lifecycle.reread(self.thing)
        column = self.face.label(self.thing.state)
        said = _("“%(name)s” is in %(column)s now; your move was not made.", name=self.name, column=column)
        return board_view.conflict(
            self.face, self.thing, "_base/_board_overtaken.html", "_base/overtaken", spoken=said
        )
