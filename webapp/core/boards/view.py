"""How a board shows itself: its address, its filters, its columns, and the answers to what happens on it.

The templates `_base/_board*.html` draw every board from its `BoardView`; the feature that owns the board adds its cards.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from io import StringIO
from typing import Any

from flask import g, render_template, request, url_for
from flask.wrappers import Response
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from webapp.core.boards import query as board_query
from webapp.core.boards.query import BoardQuery, Column, Place
from webapp.core.database import clock
from webapp.core.files.blobs import content_disposition
from webapp.core.security import idempotency
from webapp.core.slice import slices
from webapp.core.web import responses
from webapp.core.web.fields import line, longest
from webapp.core.web.forms import Form
from webapp.core.web.labels import state_label

MOST_ROWS = 2_000
FORMULAS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
FOLDS = "folds"  # the cookie: "task.done~payout.paid"


class BoardFilterForm(Form):
    """What of a board is shown, and how; all of it stands in the address. Boards add their own fields."""

    class Meta(Form.Meta):
        csrf = False

        def wrap_formdata(self, form: Any, formdata: Any) -> Any:
            return formdata

    q = StringField(_l("Words on the card"), [Optional(), longest(80)], filters=[line], default="")
    view = SelectField(
        _l("Shown as"),
        choices=[SelectChoice("board", _l("Board")), SelectChoice("list", _l("List"))],
        validate_choice=False,
    )

    def process(self, *args: Any, **kwargs: Any) -> None:
        """What an address does not say, or says in words that nobody knows, is as on a board as it is."""
        super().process(*args, **kwargs)
        for one in self:
            if isinstance(one, SelectField) and one.data not in [choice.value for choice in one.choices]:
                one.data = one.default or ""
        self.chosen_view = self.view.data
        if not self.view.data:
            self.view.data = "list" if request.cookies.get("narrow") == "1" else "board"
        self.validate()

    @property
    def plain(self) -> dict[str, str]:
        """Each field as it is on a board that nobody has filtered or sorted."""
        return {one.name: one.default or "" for one in self if one.name not in ("view", "csrf_token")}

    @property
    def address(self) -> dict[str, str]:
        """What differs from a board as it is, for its links."""
        said = {name: self[name].data for name in self.plain if self[name].data not in ("", self.plain[name])}
        return {**said, **({"view": self.chosen_view} if self.chosen_view else {})}

    @property
    def sorted_anew(self) -> bool:
        """The order was chosen."""
        return "sort" in self.address

    def good(self, name: str) -> str:
        """What was asked in a field, empty where it is wrong."""
        return "" if self[name].errors else str(self[name].data or "")


@dataclass(frozen=True)
class BoardView:
    """One board on one screen.

    `page`, `stream`, `since` are endpoints that take `values`; `card` is the endpoint at which one card is read anew,
    `template` and `row` draw it under `heads`. `number` counts the board's changes so far, `args` is what its address asks.
    `context` is what the slice's templates know besides. `why_column(column)` replaces the sentences that the labels of
    the kind give; `limits` how many a column should hold;
    `cells(card)` what a row of the list says, for the list as a file; `ahead(cards)` reads at once what cards that are
    about to be drawn need.
    """

    kind: str
    lane: BoardQuery
    wanted: BoardFilterForm
    page: str
    stream: str
    since: str
    values: dict[str, Any]
    card: str
    template: str
    row: str
    heads: Sequence[Any]
    number: int
    args: Mapping[str, str]
    title: Any
    context: dict[str, Any] = field(default_factory=dict)
    why_column: Callable[[str], Mapping[str, Any]] | None = None
    limits: Mapping[str, int] = field(default_factory=dict)
    sorted_why: Any = ""
    cells: Callable[[Any], Sequence[str]] = lambda card: ()
    ahead: Callable[[list[Any]], None] = lambda cards: None

    @cached_property
    def after(self) -> dict[str, str]:
        """The page of each column: the place behind which it begins."""
        found = {key: self.args.get(f"{key}_after", "") for key in self.lane.columns}
        return {key: place for key, place in found.items() if place}

    @cached_property
    def columns(self) -> list[Column]:
        columns = board_query.read(self.lane, self.after, self.counts)
        self.ahead([card for column in columns for card in column.cards])
        return columns

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many cards each column holds; also those that filters hide."""
        return board_query.counts(self.lane)

    def why(self, column: str) -> Mapping[str, Any]:
        """Why a card cannot be brought into a column, by the column it comes from ("" for all others)."""
        if self.why_column is not None:
            return self.why_column(column)
        return slices().barriers.get(self.kind, {}).get(column, {})

    @property
    def as_list(self) -> bool:
        return bool(self.wanted.view.data == "list")

    @property
    def manual(self) -> bool:
        return self.lane.manual

    @property
    def filtered(self) -> bool:
        return bool(self.lane.filters)

    def label(self, column: str) -> str:
        """A column's name in words."""
        return state_label(self.kind, column)

    def link(self, anchor: str | None = None, **changes: Any) -> str:
        """The address of this board as it is shown now, with some changes."""
        pages = {f"{key}_after": card for key, card in self.after.items()}
        asked = {**self.wanted.address, **pages, **changes}
        kept = {name: value for name, value in asked.items() if value is not None}
        return url_for(self.page, **self.values, **kept, _anchor=anchor)

    def bare_link(self) -> str:
        """The address of this board as it is when nobody has filtered it."""
        return url_for(self.page, **self.values)

    def card_link(self, card: Any) -> str:
        """Where a card stands on this board."""
        return self.link(f"card-{card.id}")

    def place(self, card: Any) -> Place | None:
        """Where a card is on this board now."""
        return board_query.place_of(self.lane, card.id, card.state, self.after)

    @property
    def card_address(self) -> str:
        """Where a card is read anew; its number stands for the 0."""
        number: dict[str, Any] = {f"{self.kind}_id": 0}
        return url_for(self.card, **number)

    def is_open(self) -> bool:
        """This was asked for by a page that shows this board, which takes an answer in parts."""
        here = responses.asked_from()
        return responses.wants_partial() and here is not None and here.endpoint == self.page

    def fold_value(self, column: str) -> str:
        """The column as the cookie of folded columns names it."""
        return f"{self.kind}.{column}"


def folded(kind: str, columns: Iterable[str], wanted: BoardFilterForm) -> frozenset[str]:
    """The columns of such boards that this browser has folded away; a list has none."""
    if wanted.view.data == "list" or wanted.chosen_view == "csv":
        return frozenset()
    kept = request.cookies.get(FOLDS, "")[:1_000].split("~")
    return frozenset(column for column in columns if f"{kind}.{column}" in kept)


def folds(column: str, *, away: bool) -> str:
    """What the cookie holds once a column ("task.done") is folded away, or shown again; the last 40 are kept."""
    kept = [one for one in request.cookies.get(FOLDS, "")[:1_000].split("~") if one and one != column]
    return "~".join([*kept, column][-40:] if away else kept)


def show(name: str, face: BoardView, *, status: int = 200, **context: Any) -> Response:
    """The page of a board, or its list as a file."""
    if face.args.get("view") == "csv":
        return _as_file(face)
    context |= {"now": clock.now(), "focused": g.get("focused_card")}
    return responses.screen(name, status=status, face=face, **face.context, **context)


def _as_file(face: BoardView) -> Response:
    """The list as CSV, with the mark by which spreadsheets know UTF-8; no cell is a formula to them."""
    written = StringIO()
    rows = csv.writer(written, quoting=csv.QUOTE_ALL)
    found = board_query.every(face.lane, MOST_ROWS)
    face.ahead(found)
    cards = [face.cells(card) for card in found]
    heads = [str(head[0] if isinstance(head, tuple) else head) for head in face.heads]
    width = len(cards[0]) if cards else len(heads)
    for row in (heads[:width], *cards):
        rows.writerow([f"'{cell}" if str(cell)[:1] in FORMULAS else cell for cell in row])
    response = Response("\ufeff" + written.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = content_disposition(f"{face.title}.csv")
    return response


def card_now(face: BoardView, card: Any) -> Response:
    """One card as it is now, where it is now: for pages that were told that it changed."""
    if not responses.wants_partial():
        return responses.redirect_to(face.card_link(card))
    return _partials("_base/board_card.html", face, card, face.place(card))


def moved(
    face: BoardView, card: Any, came_from: str, sentence: str, *, place: Place | None, undo: str | None = None
) -> Response:
    """After a move: the board for a whole page, for the card's own button only what changed on the board."""
    if not _in_place(face):
        g.focused_card, g.undo = card.id, undo
        return responses.done(face.card_link(card), say=sentence)
    idempotency.remember(face.card_link(card))
    return _partials(
        "_base/board_moved.html",
        face,
        card,
        place,
        came_from=came_from,
        sentence=sentence,
        undo=undo,
        focused=card.id,
    )


def _in_place(face: BoardView) -> bool:
    """The form lies on columns that are shown: only what changed on them is answered."""
    return responses.wants_partial() and request.form.get("view") == "card" and not face.as_list


def _partials(template: str, face: BoardView, card: Any, place: Place | None, **more: Any) -> Response:
    context = {"focused": None, **face.context, **more}
    body = render_template(template, face=face, card=card, place=place, **context)
    return Response(body, content_type="text/html; charset=utf-8")


def conflict(face: BoardView, card: Any, notice: str, page: str, **context: Any) -> Response:
    """409: the card as it is, who moved it, and what can be done. `notice` and `page` are the slice's templates."""
    context = {"card": card, "place": face.place(card), "notice": notice, "focused": None, **context}
    if _in_place(face):
        body = render_template("_base/board_conflict.html", face=face, **face.context, **context)
        return Response(body, status=409, content_type="text/html; charset=utf-8")
    return responses.screen(page, status=409, face=face, **face.context, **context)
