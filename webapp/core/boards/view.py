"""How a board shows itself: its address, its filters, its columns, and the answers to what happens on it.

The templates `_base/_board*.html` draw every board from its `BoardView`; the feature that owns the board adds its cards.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from flask import g, render_template, request, url_for
from flask.wrappers import Response

from webapp.core.boards import query as board_query
from webapp.core.boards.filters import BoardFilterForm
from webapp.core.boards.places import Place, place_of
from webapp.core.boards.query import BoardQuery, Column, Totals
from webapp.core.database import clock
from webapp.core.errors import Sentence
from webapp.core.files.csv_files import csv_file
from webapp.core.lifecycle.transitions import Stateful
from webapp.core.security import idempotency
from webapp.core.slice import slices
from webapp.core.web import responses
from webapp.core.web.labels import state_label

MOST_ROWS = 2_000


class Drawing(Protocol):
    """Draws the cards of a board from plain rows, as escaped HTML; `focused` is the card that takes the focus."""

    def cards(self, cards: Iterable[Any], focused: int | None = None) -> str: ...
    def rows(self, cards: Iterable[Any], focused: int | None = None) -> str: ...


@dataclass(frozen=True)
class BoardView:
    """One board on one screen.

    `page`, `stream`, `since` are endpoints that take `values`; `card` is the endpoint at which one card is read again,
    `template` and `row` draw it under `heads`, or `drawing` does. `number` counts the board's changes so far, `args` is what its address asks.
    `context` is what the slice's templates know besides. `why_column(column)` replaces the sentences that the labels of
    the kind give; `cells(card)` what a row of the list says, for the list as a file; `preload(cards)` reads at once what
    cards that are about to be drawn need.
    """

    kind: str
    query: BoardQuery
    filter_form: BoardFilterForm
    page: str
    stream: str
    since: str
    values: dict[str, Any]
    card: str
    heads: Sequence[Any]
    number: int
    args: Mapping[str, str]
    title: Sentence
    template: str = ""
    row: str = ""
    drawing: Drawing | None = None
    context: dict[str, Any] = field(default_factory=dict)
    why_column: Callable[[str], Mapping[str, Any]] | None = None
    sorted_why: Sentence = ""
    cells: Callable[[Any], Sequence[str]] = lambda card: ()
    preload: Callable[[list[Any]], None] = lambda cards: None

    @cached_property
    def after(self) -> dict[str, str]:
        """The page of each column: the cursor behind which it starts."""
        cursors = {key: self.args.get(f"{key}_after", "") for key in self.query.columns}
        return {key: cursor for key, cursor in cursors.items() if cursor}

    @cached_property
    def columns(self) -> list[Column]:
        columns = board_query.read(self.query, self.after, self.counts)
        self.preload([card for column in columns for card in column.cards])
        return columns

    @cached_property
    def totals(self) -> Totals:
        """How many cards each column holds, and should hold at most."""
        return board_query.totals(self.query)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many cards each column holds; also those that filters hide."""
        return self.totals.counts

    @property
    def limits(self) -> Mapping[str, int]:
        """How many cards a column should hold; those without a limit are left out."""
        return self.totals.limits

    def why(self, column: str) -> Mapping[str, Any]:
        """Why a card cannot be brought into a column, by the column it comes from ("" for all others)."""
        if self.why_column is not None:
            return self.why_column(column)
        return slices().barriers.get(self.kind, {}).get(column, {})

    @property
    def as_list(self) -> bool:
        return bool(self.filter_form.view.data == "list")

    @property
    def manual(self) -> bool:
        return self.query.manual

    @property
    def filtered(self) -> bool:
        return bool(self.query.filters)

    @property
    def plain(self) -> bool:
        """Nothing is filtered, sorted or paged: every such page of a board shows the same cards in the same places."""
        return self.manual and not (self.filtered or self.as_list or self.after)

    def frame(self, column: Column) -> dict[str, Hashable]:
        """All that shows of a column but its cards."""
        key, anchor, cursor = column.key, f"head-{column.key}", f"{column.key}_after"
        return {
            "kind": self.kind,
            "key": key,
            "count": column.count,
            "most": self.limits.get(key, 0),
            "folded": column.folded,
            "hidden": column.hidden,
            "left": column.left,
            "here": self.link(anchor),
            "more": self.link(anchor, **{cursor: column.more_after}) if column.more_after else "",
            "from_start": "" if column.from_start else self.link(anchor, **{cursor: None}),
            "why": tuple((source, str(sentence)) for source, sentence in self.why(key).items()),
        }

    def label(self, column: str) -> str:
        """A column's name in words."""
        return state_label(self.kind, column)

    def link(self, anchor: str | None = None, **changes: Any) -> str:
        """The address of this board as it is shown now, with some changes."""
        address = self._address(changes) if changes else self._here
        return f"{address}#{anchor}" if anchor else address

    @cached_property
    def _here(self) -> str:
        return self._address({})

    def _address(self, changes: Mapping[str, Any]) -> str:
        pages = {f"{key}_after": cursor for key, cursor in self.after.items()}
        arguments = {**self.filter_form.address, **pages, **changes}
        given = {name: value for name, value in arguments.items() if value is not None}
        return url_for(self.page, **self.values, **given)

    def bare_link(self) -> str:
        """The address of this board as it is when nobody has filtered it."""
        return url_for(self.page, **self.values)

    def card_link(self, card: Stateful) -> str:
        """Where a card is on this board."""
        return self.link(f"card-{card.id}")

    def place(self, card: Stateful) -> Place | None:
        """Where a card is on this board now."""
        return self.learn(place_of(self.query, card.id, card.state, self.after))

    def learn(self, place: Place | None) -> Place | None:
        """Take over what was read for the same board of another reader."""
        if place is not None and place.totals is not None:
            vars(self).setdefault("totals", place.totals)  # read along
        return place

    @property
    def card_address(self) -> str:
        """Where a card is read again; its id replaces the 0."""
        card_id: dict[str, Any] = {f"{self.kind}_id": 0}
        return url_for(self.card, **card_id)

    def is_open(self) -> bool:
        """This was asked for by a page that shows this board, which takes an answer in parts."""
        origin = responses.asked_from()
        return responses.wants_partial() and origin is not None and origin.endpoint == self.page


def show(name: str, board: BoardView, *, status: int = 200, **context: object) -> Response:
    """The page of a board, or its list as a file."""
    if board.args.get("view") == "csv":
        return _as_file(board)
    context |= {"now": clock.now(), "focused": g.get("focused_card")}
    return responses.screen(name, status=status, board=board, **board.context, **context)


def _as_file(board: BoardView) -> Response:
    cards = board_query.every(board.query, MOST_ROWS)
    board.preload(cards)
    rows = [board.cells(card) for card in cards]
    heads = [str(head[0] if isinstance(head, tuple) else head) for head in board.heads]
    width = len(rows[0]) if rows else len(heads)
    return csv_file(f"{board.title}.csv", [heads[:width], *rows])


def card_now(board: BoardView, card: Stateful) -> Response:
    """One card as it is now, where it is now: for pages that heard that it changed."""
    if not responses.wants_partial():
        return responses.redirect_to(board.card_link(card))
    return _partials("_base/board_card.html", board, card, board.place(card))


def moved(
    board: BoardView,
    card: Stateful,
    came_from: str,
    sentence: str,
    *,
    place: Place | None,
    undo: str | None = None,
) -> Response:
    """After a move: the board for a whole page, for the card's own button only what changed on the board."""
    if not _in_place(board):
        g.focused_card, g.undo = card.id, undo
        return responses.done(board.card_link(card), say=sentence)
    idempotency.remember(board.card_link(card))
    return _partials(
        "_base/board_moved.html",
        board,
        card,
        place,
        came_from=came_from,
        sentence=sentence,
        undo=undo,
        focused=card.id,
    )


def _in_place(board: BoardView) -> bool:
    """The form lies on columns that are shown: only what changed on them is answered."""
    return responses.wants_partial() and request.form.get("view") == "card" and not board.as_list


def _partials(
    template: str, board: BoardView, card: Stateful, place: Place | None, **context: object
) -> Response:
    context = {"focused": None, **board.context, **context}
    body = render_template(template, board=board, card=card, place=place, **context)
    return Response(body, content_type="text/html; charset=utf-8")


def conflict(board: BoardView, card: Stateful, notice: str, page: str, **context: object) -> Response:
    """409: the card as it is, who moved it, and what can be done. `notice` and `page` are the slice's templates."""
    context = {"card": card, "place": board.place(card), "notice": notice, "focused": None, **context}
    if _in_place(board):
        body = render_template("_base/board_conflict.html", board=board, **board.context, **context)
        return Response(body, status=409, content_type="text/html; charset=utf-8")
    return responses.screen(page, status=409, board=board, **board.context, **context)
