"""The board engine: rows of one table in columns, a page at a time, with exact counts, in one order.

What a column means, who may move what and which rows belong to a board is said by the slice that owns them (`Lane`);
reading, paging, counting, ranking and filtering are the same for every board.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import func, select, tuple_

from webapp.core.db import db

PAGE = 25
STEP = Decimal(1024)


@dataclass(frozen=True)
class Lane:
    """One board: `model` in `columns` by its attribute `column`, those rows for which `scope` holds.

    `order` are the expressions by which a column is sorted, the row's id last, so that no two places are equal.
    `manual` says that people order the cards themselves (by `rank`). `filters` hide cards and are counted apart.
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
    page: int = PAGE

    @property
    def by(self) -> Any:
        return self.model.state if self.column is None else self.column

    def filtered(self, *filters: Any) -> Lane:
        """The same board, of which only some cards are shown."""
        return replace(self, filters=(*self.filters, *filters))


@dataclass(frozen=True)
class Column:
    """One column: `count` cards in all, of which `hidden` by filters; `cards` are those shown now.

    `more_after` is the last of them when `left` others follow.
    """

    key: str
    count: int
    hidden: int
    cards: Sequence[Any]
    more_after: int | None
    left: int
    from_start: bool
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def state(self) -> str:
        return self.key


@dataclass(frozen=True)
class Place:
    """Where a card is: its position in its column, the column's count, and the card that follows it."""

    position: int
    count: int
    next_id: int | None
    page: int = PAGE

    @property
    def on_first_page(self) -> bool:
        return self.position <= self.page


def counts(lane: Lane, *, shown: bool = False) -> dict[str, int]:
    """How many cards each column holds; `shown`: only those that no filter hides."""
    query = _joined(lane, select(lane.by, func.count()).select_from(lane.model)).where(*lane.scope)
    if shown:
        query = query.where(*lane.filters)
    found = {key: int(count) for key, count in db.session.execute(query.group_by(lane.by))}
    return {key: found.get(key, 0) for key in lane.columns}


def read(lane: Lane, after: Mapping[str, int]) -> list[Column]:
    """The columns; `after` names, for a column, the card behind which to begin."""
    totals = counts(lane)
    shown = counts(lane, shown=True) if lane.filters else totals
    return [_column(lane, key, totals[key], shown[key], after.get(key)) for key in lane.columns]


def _column(lane: Lane, key: str, total: int, shown: int, after: int | None) -> Column:
    begin = _row(lane, key, after) if after else None
    found = cards(lane, key, lane.page + 1, after=begin)
    page, more = found[: lane.page], len(found) > lane.page
    left = max(0, shown - position(lane, page[-1].id, key)) if more else 0
    return Column(key, total, total - shown, page, page[-1].id if more else None, left, begin is None)


def cards(lane: Lane, key: str, most: int, *, after: Any = None) -> list[Any]:
    """The first cards of a column, or those behind the card `after`."""
    query = (
        _joined(lane, select(lane.model))
        .where(*lane.scope, *lane.filters, lane.by == key)
        .options(*lane.options)
        .order_by(*lane.order)
        .limit(most)
    )
    if after is not None:
        query = query.where(tuple_(*lane.order) > _values(lane, after.id))
    return list(db.session.scalars(query))


def position(lane: Lane, card_id: int, key: str) -> int:
    """The place of a card in its column, counted from 1; 0 for one that is not there."""
    here = _values(lane, card_id)
    query = _joined(lane, select(func.count()).select_from(lane.model)).where(
        *lane.scope, *lane.filters, lane.by == key, tuple_(*lane.order) <= here
    )
    return int(db.session.scalar(query) or 0)


def place_of(lane: Lane, card: Any) -> Place:
    """Where a card really is now."""
    following = cards(lane, card.state, 1, after=card)
    total = counts(lane, shown=True)[card.state]
    return Place(
        position(lane, card.id, card.state), total, following[0].id if following else None, lane.page
    )


def _joined(lane: Lane, query: Any) -> Any:
    for join in lane.joins:
        query = query.join(*join) if isinstance(join, tuple) else query.join(join)
    return query


def _row(lane: Lane, key: str, card_id: int) -> Any:
    query = _joined(lane, select(lane.model)).where(*lane.scope, lane.by == key, lane.model.id == card_id)
    return db.session.scalars(query).one_or_none()


def _values(lane: Lane, card_id: int) -> Any:
    """What a card is sorted by, as a row that others can be compared with."""
    query = _joined(lane, select(*lane.order)).where(lane.model.id == card_id)
    found = db.session.execute(query).first()
    return tuple(found) if found is not None else tuple(None for _ in lane.order)


def neighbours(lane: Lane, card: Any, to: str, before: str) -> tuple[Decimal | None, Decimal | None]:
    """The ranks between which a card goes in column `to`: "top", "end", or before the card of that number.

    A neighbour that is no longer in the column sends the card to its end. The caller holds the root's lock.
    """
    model = lane.model
    others = [*lane.scope, lane.by == to, model.id != card.id]
    if before == "top":
        return None, db.session.scalar(select(func.min(model.rank)).where(*others))
    neighbour = _row(lane, to, int(before)) if before != "end" else None
    if neighbour is not None and neighbour.id != card.id:
        lower = select(func.max(model.rank)).where(*others, model.rank < neighbour.rank)
        return db.session.scalar(lower), neighbour.rank
    return db.session.scalar(select(func.max(model.rank)).where(*others)), None


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
