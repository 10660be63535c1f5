"""The board engine: rows of one table in columns, a page at a time, with exact counts, in one order.

What a column means, who may move what and which rows belong to a board is said by the feature that owns them (`BoardQuery`);
reading, paging, counting, ranking and filtering are the same for every board.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import func, select, true, tuple_, union_all

from webapp.core.database.base import db

PAGE = 25
STEP = Decimal(1024)
BETWEEN = "~"
LONGEST_PLACE = 300  # characters of an address


@dataclass(frozen=True)
class BoardQuery:
    """One board: `model` in `columns` by its attribute `column`, those rows for which `scope` holds.

    `order` are the expressions by which a column is sorted, the row's id last, so that no two places are equal.
    `manual` says that people order the cards themselves (by `rank`). `filters` hide cards and are counted apart; of
    `folded` columns only the head is shown.
    """

    model: Any
    columns: tuple[str, ...]
    scope: tuple[Any, ...]
    order: tuple[Any, ...]
    column: Any = None
    joins: tuple[Any, ...] = ()
    options: tuple[Any, ...] = ()
    filters: tuple[Any, ...] = ()
    manual: bool = False
    folded: frozenset[str] = frozenset()
    page: int = PAGE

    @property
    def by(self) -> Any:
        return self.model.state if self.column is None else self.column

    def filtered(self, *filters: Any) -> BoardQuery:
        """The same board, of which only some cards are shown."""
        return replace(self, filters=(*self.filters, *filters))


@dataclass(frozen=True)
class Column:
    """One column: `count` cards in all, of which `hidden` by filters; `cards` are those shown now.

    `more_after` is the place of the last of them when `left` others follow: by what it is sorted by, so that the page
    behind it stays the same wherever that card goes.
    """

    key: str
    count: int
    hidden: int
    cards: Sequence[Any]
    more_after: str | None
    left: int
    from_start: bool
    folded: bool = False


@dataclass(frozen=True)
class Place:
    """Where a card is: its position among the `count` shown cards of its column, and the card that follows it.

    `shown`: it stands on the page that somebody has open.
    """

    position: int
    count: int
    next_id: int | None
    shown: bool


def counts(lane: BoardQuery, *, shown: bool = False) -> dict[str, int]:
    """How many cards each column holds; `shown`: only those that no filter hides."""
    query = _joined(lane, select(lane.by, func.count()).select_from(lane.model)).where(*lane.scope)
    if shown:
        query = query.where(*lane.filters)
    found = {key: int(count) for key, count in db.session.execute(query.group_by(lane.by))}
    return {key: found.get(key, 0) for key in lane.columns}


def read(lane: BoardQuery, after: Mapping[str, str], totals: Mapping[str, int]) -> list[Column]:
    """The columns, of which `totals` counts all cards; `after` says, for a column, behind which place to begin."""
    shown = counts(lane, shown=True) if lane.filters else totals
    begins = {key: _begin(lane, place) for key, place in after.items() if key in lane.columns}
    found: dict[str, list[Any]] = {key: [] for key in lane.columns}
    for row in _pages(lane, begins):
        found[getattr(row[0], lane.by.key)].append(row)
    return [_column(lane, key, totals[key], shown[key], found[key], begins.get(key)) for key in lane.columns]


def _pages(lane: BoardQuery, begins: Mapping[str, Any]) -> list[Any]:
    """The cards of one page of each column, and one more, each with what it is sorted by.

    In one statement, each column by its own walk over the index.
    """
    walks = [
        _joined(lane, select(lane.model.id).select_from(lane.model))
        .where(*lane.scope, *lane.filters, lane.by == key)
        .where(*((tuple_(*lane.order) > begins[key],) if begins.get(key) else ()))
        .order_by(*lane.order)
        .limit(lane.page + 1)
        for key in lane.columns
        if key not in lane.folded
    ]
    if not walks:
        return []
    chosen = union_all(*(select(walk.subquery().c.id) for walk in walks)).subquery()
    query = _joined(lane, select(lane.model, *lane.order)).where(lane.model.id.in_(select(chosen.c.id)))
    return list(db.session.execute(query.options(*lane.options).order_by(*lane.order)).unique())


def _column(lane: BoardQuery, key: str, total: int, shown: int, found: list[Any], begin: Any) -> Column:
    if key in lane.folded:
        return Column(key, total, total - shown, [], None, 0, True, folded=True)
    page, more = [row[0] for row in found[: lane.page]], len(found) > lane.page
    before = _position(lane, key, begin) if begin and more else 0
    left = shown - before - len(page) if more else 0
    place = _place(found[lane.page - 1]) if more else None
    return Column(key, total, total - shown, page, place, left, begin is None)


def _place(row: Any) -> str:
    """What a card is sorted by, as it stands in an address; the card itself where that would be too long."""
    place = BETWEEN.join(str(value) for value in row[1:])
    return place if len(place) <= LONGEST_PLACE else str(row[0].id)


def _begin(lane: BoardQuery, place: str) -> Any:
    """The place that an address names; None for one that cannot be."""
    if place.isdecimal() and len(place) <= 18:
        return _values(lane, int(place))
    parts = place.split(BETWEEN)
    if len(place) > LONGEST_PLACE or len(parts) != len(lane.order):
        return None
    try:
        return tuple(READ[one.type.python_type](part) for one, part in zip(lane.order, parts, strict=True))
    except (ValueError, ArithmeticError):
        return None


def _number(text: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?(E[+-]?[0-9]{1,2})?", text):
        raise ValueError(text)
    return Decimal(text)


def _id(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise ValueError(text)
    return int(text)


READ: dict[Any, Callable[[str], Any]] = {int: _id, Decimal: _number, date: date.fromisoformat}


def cards(lane: BoardQuery, key: str, most: int) -> list[Any]:
    """The first cards of a column."""
    query = (
        _joined(lane, select(lane.model))
        .where(*lane.scope, *lane.filters, lane.by == key)
        .options(*lane.options)
        .order_by(*lane.order)
        .limit(most)
    )
    return list(db.session.scalars(query).unique())


def every(lane: BoardQuery, most: int) -> list[Any]:
    """All cards that no filter hides, column by column; at most so many of each."""
    return [card for key in lane.columns for card in cards(lane, key, most)]


def _position(lane: BoardQuery, key: str, here: Any) -> int:
    query = _joined(lane, select(func.count()).select_from(lane.model)).where(
        *lane.scope, *lane.filters, lane.by == key, tuple_(*lane.order) <= here
    )
    return int(db.session.scalar(query) or 0)


def place_of(
    lane: BoardQuery, card_id: int, key: str, after: Mapping[str, str] | None = None
) -> Place | None:
    """Where a card really is now in column `key`; None where this board does not show it.

    `after` as for `read`: it says which page of the column is open. One statement for what does not depend on it.
    """
    if key not in lane.columns:
        return None
    mine = [one.label(f"o{number}") for number, one in enumerate(lane.order)]
    own = _joined(lane, select(*mine).select_from(lane.model)).where(
        *lane.scope, *lane.filters, lane.model.id == card_id
    )
    here = own.cte("here")
    column = [*lane.scope, *lane.filters, lane.by == key]
    row, order = tuple_(*here.c), tuple_(*lane.order)
    behind = (
        _joined(lane, select(lane.model.id).select_from(lane.model))
        .join(here, true())
        .where(*column, order > row)
        .order_by(*lane.order)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    placed = select(func.count(), func.count().filter(order <= row), behind).select_from(lane.model)
    found = db.session.execute(
        _joined(lane, placed).join(here, true()).where(*column).group_by(*here.c)
    ).first()
    if found is None:
        return None
    begin = _begin(lane, after[key]) if after and key in after else None
    start = _position(lane, key, begin) if begin else 0
    count, position, next_id = int(found[0]), int(found[1]), found[2]
    return Place(position, count, next_id, key not in lane.folded and start < position <= start + lane.page)


def _joined(lane: BoardQuery, query: Any) -> Any:
    for join in lane.joins:
        query = query.join(*join) if isinstance(join, tuple) else query.join(join)
    return query


def _values(lane: BoardQuery, card_id: int, *filters: Any) -> Any:
    """What a card of this board is sorted by, as a row that others can be compared with; None for any other card."""
    query = _joined(lane, select(*lane.order).select_from(lane.model))
    found = db.session.execute(query.where(*lane.scope, *filters, lane.model.id == card_id)).first()
    return tuple(found) if found is not None else None


def neighbours(lane: BoardQuery, card: Any, to: str, before: str) -> tuple[Decimal | None, Decimal | None]:
    """The ranks between which a card goes in column `to`: "top", "end", before the card "57", or "after-57".

    A neighbour that is no longer in the column sends the card to its end. The caller holds the root's lock.
    """
    model = lane.model
    others = [*lane.scope, lane.by == to, model.id != card.id]
    if before == "top":
        return None, db.session.scalar(select(func.min(model.rank)).where(*others))
    beside = before.removeprefix("after-")
    near = select(model.rank).where(*others, model.id == int(beside)) if beside.isdecimal() else None
    rank = db.session.scalar(near) if near is not None else None
    if rank is None:
        return db.session.scalar(select(func.max(model.rank)).where(*others)), None
    if before != beside:
        return rank, db.session.scalar(select(func.min(model.rank)).where(*others, model.rank > rank))
    return db.session.scalar(select(func.max(model.rank)).where(*others, model.rank < rank)), rank


def free_rank(lane: BoardQuery, card: Any, wanted: Decimal) -> Decimal:
    """A rank in the card's column that nobody has: the one that is wanted, else right above whoever has it now."""
    others = (*lane.scope, lane.by == getattr(card, lane.by.key), lane.model.id != card.id)
    if db.session.scalar(select(lane.model.id).where(*others, lane.model.rank == wanted).limit(1)) is None:
        return wanted
    above = select(func.max(lane.model.rank)).where(*others, lane.model.rank < wanted)
    return between(db.session.scalar(above), wanted)


def between(above: Decimal | None, below: Decimal | None) -> Decimal:
    """A rank between two neighbours (None: there is none). Exact, however often the same gap is halved."""
    if above is None and below is None:
        return STEP
    if below is None:
        assert above is not None
        return above + STEP
    if above is None:
        return below - STEP
    with localcontext() as exact:
        exact.prec = 10_000
        return (above + below) / 2
