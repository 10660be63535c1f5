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
from webapp.core.errors import Sentence, Stale
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import Actor
from webapp.core.lifecycle.transitions import Stateful
from webapp.core.security import idempotency
from webapp.core.web import responses
from webapp.core.web.forms import NUMBER, Form


@dataclass(frozen=True)
class Transition:
    """One way over a board: the machine's `move`, and the page of its form where it needs more than a yes."""

    move: str
    form: Callable[[Any], str] | None = None


Transitions = Mapping[tuple[str, str], Transition]
"""The transitions of a board by (column, column)."""


class TransitionForm(Form):
    """One intent: this card, into that column, as it was seen (`move_version`)."""

    to = RadioField(_l("Column"), [DataRequired(_l("Choose a column."))], validate_choice=False)
    move_version = HiddenField(validators=[Regexp(rf"{NUMBER}\Z")])
    view = HiddenField(default="page")


def possible(row: Stateful, person: Actor | None, transitions: Transitions) -> dict[str, Transition]:
    """The columns to which this person may bring the card now, each with its transition."""
    open_now = lifecycle.open_moves(row, person)
    return {
        to: transition
        for (source, to), transition in transitions.items()
        if source == row.state and transition.move in open_now
    }


def why_not(row: Stateful, person: Actor | None, transitions: Transitions) -> dict[str, Sentence]:
    """What keeps this very card, or this person, from the columns that the machine would allow."""
    reasons, moves = {}, lifecycle.possible_moves(row, person)
    for (source, to), transition in transitions.items():
        if source != row.state or (transition.move in moves and moves[transition.move] is None):
            continue
        refusal = moves.get(transition.move)
        guard = lifecycle.guard_of(row, transition.move)
        sentence = refusal.sentence if refusal is not None else guard.sentence_for_others(row)
        if sentence is not None:
            reasons[to] = sentence
    return reasons


@dataclass(frozen=True)
class CardTransitions:
    """One card on its board, as one person may move it.

    `fire(transition)` makes a move that needs nothing else; `name` is what the card is called in sentences; `refusals` says
    what keeps this very card, or this person, from a column.
    """

    board: BoardView
    card: Stateful
    transitions: dict[str, Transition]
    name: str
    move_url: str
    fire: Callable[[Transition], None]
    refusals: Mapping[str, Any] = field(default_factory=dict)

    def sheet(self) -> Response:
        """Where the card can go, and why not elsewhere."""
        return self._sheet(
            TransitionForm(
                move_version=str(self.card.version), view="card" if self.board.is_open() else "page"
            )
        )

    def _sheet(self, form: TransitionForm, *, status: int = 200) -> Response:
        form.to.choices = [(to, self.board.label(to)) for to in self.transitions]
        if form.to.data not in self.transitions:
            form.to.data = next(iter(self.transitions), None)
        if not form.move_version.data:
            form.move_version.data = str(self.card.version)
        elsewhere = [
            (self.board.label(to), self.why_not(to))
            for to in self.board.query.columns
            if to not in self.transitions and to != self.card.state
        ]
        return responses.screen(
            "_base/step",
            status=status,
            form=form,
            called=self.name,
            transitions=self.transitions,
            elsewhere=elsewhere,
            move_url=self.move_url,
            back=self.board.card_link(self.card),
            label=self.board.label(self.card.state),
        )

    def why_not(self, to: str) -> str:
        """Why the card cannot go to a column."""
        if to in self.refusals:
            return str(self.refusals[to])
        sentences = self.board.why(to) if to in self.board.query.columns else {}
        return str(sentences.get(self.card.state) or sentences.get("") or "")

    def move(self) -> Response:
        """Make the move that leads to the column of the form, or lead to the form that it needs."""
        form, card = TransitionForm(), self.card
        if not form.validate():
            return self._sheet(form, status=422)
        if int(form.move_version.data) != card.version:
            return self._overtaken()
        transition, came_from = self.transitions.get(form.to.data), card.state
        if transition is None:
            form.to.errors = [self.why_not(form.to.data) or _("The card can't go there.")]
            return self._sheet(form, status=422)
        if transition.form is not None:
            idempotency.forget()
            return responses.leave(transition.form(card))
        try:
            self.fire(transition)
        except Stale:
            return self._overtaken()
        words = {
            "name": self.name,
            "source": self.board.label(came_from),
            "column": self.board.label(card.state),
        }
        sentence = _("“%(name)s” moved from %(source)s to %(column)s.", **words)
        return board_view.moved(self.board, card, came_from, sentence, place=self.board.place(card))

    def _overtaken(self) -> Response:
        lifecycle.reread(self.card)
        column = self.board.label(self.card.state)
        message = _("“%(name)s” is in %(column)s now; your move was not made.", name=self.name, column=column)
        return board_view.conflict(
            self.board, self.card, "_base/_board_overtaken.html", "_base/overtaken", spoken=message
        )
