"""The board engine: rows of one table in columns, a page at a time, with exact counts, in one order.

What a column means, who may move what and which rows belong to a board is said by the feature that owns them (`BoardQuery`);
reading, paging, counting and filtering are the same for every board.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, TypeVarTuple

from sqlalchemy import Label, Select, SQLColumnExpression, func, select, true, tuple_, union_all
from sqlalchemy.orm.interfaces import ORMOption

from webapp.core.database.base import Base, db
from webapp.core.lifecycle.transitions import Stateful

PAGE = 25
SEPARATOR = "~"
LONGEST_CURSOR = 300  # characters of an address
SortValues = tuple[Any, ...]  # what a card is sorted by: the values of `order`
Selected = TypeVarTuple("Selected")


@dataclass(frozen=True)
class BoardQuery:
    """One board: the rows of `model` for which `scope` holds, in `columns` by their state.

    `order` are the expressions by which a column is sorted, the row's id last, so that no two cards are equal.
    `rank` is the attribute by which people order the cards themselves, where they do. `joins` are tables with their
    conditions. `filters` hide cards and are counted apart; of `folded` columns only the head is shown.
    """

    model: type[Stateful]
    columns: tuple[str, ...]
    scope: tuple[SQLColumnExpression[bool], ...]
    order: tuple[SQLColumnExpression[Any], ...]
    joins: tuple[tuple[type[Base], SQLColumnExpression[bool]], ...] = ()
    options: tuple[ORMOption, ...] = ()
    filters: tuple[SQLColumnExpression[bool], ...] = ()
    rank: SQLColumnExpression[Decimal] | None = None
    folded: frozenset[str] = frozenset()
    page: int = PAGE

    @property
    def manual(self) -> bool:
        """People order the cards themselves."""
        return self.rank is not None

    def filtered(self, *filters: SQLColumnExpression[bool]) -> BoardQuery:
        """The same board, of which only some cards are shown."""
        return replace(self, filters=(*self.filters, *filters))


@dataclass(frozen=True)
class Column:
    """One column: `count` cards in all, of which `hidden` by filters; `cards` are those shown now.

    `more_after` is the cursor of the last of them when `left` others follow. It holds what the card is sorted by, so
    that the page behind it stays the same wherever that card goes.
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

    `shown`: it is on the page that is open.
    """

    position: int
    count: int
    next_id: int | None
    shown: bool


def counts(board: BoardQuery, *, shown: bool = False) -> dict[str, int]:
    """How many cards each column holds; `shown`: only those that no filter hides."""
    query = _joined(board, select(board.model.state, func.count()).select_from(board.model)).where(
        *board.scope
    )
    if shown:
        query = query.where(*board.filters)
    counted = {key: int(count) for key, count in db.session.execute(query.group_by(board.model.state))}
    return {key: counted.get(key, 0) for key in board.columns}


def read(board: BoardQuery, after: Mapping[str, str], totals: Mapping[str, int]) -> list[Column]:
    """The columns, of which `totals` counts all cards; `after` says, for a column, behind which cursor to start."""
    shown = counts(board, shown=True) if board.filters else totals
    starts = {key: _start(board, cursor) for key, cursor in after.items() if key in board.columns}
    rows: dict[str, list[Any]] = {key: [] for key in board.columns}
    for row in _pages(board, starts):
        rows[row[0].state].append(row)
    return [_column(board, key, totals[key], shown[key], rows[key], starts.get(key)) for key in board.columns]


def _pages(board: BoardQuery, starts: Mapping[str, SortValues | None]) -> list[Any]:
    """The cards of one page of each column, and one more, each with what it is sorted by.

    In one statement, each column by its own walk over the index.
    """
    walks = [
        _joined(board, select(board.model.id).select_from(board.model))
        .where(*board.scope, *board.filters, board.model.state == key)
        .where(*((tuple_(*board.order) > starts[key],) if starts.get(key) else ()))
        .order_by(*board.order)
        .limit(board.page + 1)
        for key in board.columns
        if key not in board.folded
    ]
    if not walks:
        return []
    chosen = union_all(*(select(walk.subquery().c.id) for walk in walks)).subquery()
    query = _joined(board, select(board.model, *board.order)).where(board.model.id.in_(select(chosen.c.id)))
    return list(db.session.execute(query.options(*board.options).order_by(*board.order)).unique())


def _column(
    board: BoardQuery, key: str, total: int, shown: int, rows: list[Any], start: SortValues | None
) -> Column:
    if key in board.folded:
        return Column(key, total, total - shown, [], None, 0, True, folded=True)
    page, has_more = [row[0] for row in rows[: board.page]], len(rows) > board.page
    before = _position(board, key, start) if start and has_more else 0
    left = shown - before - len(page) if has_more else 0
    cursor = _cursor(rows[board.page - 1]) if has_more else None
    return Column(key, total, total - shown, page, cursor, left, start is None)


def _cursor(row: Any) -> str:
    """What a card is sorted by, as an address holds it; the card's id where that would be too long."""
    cursor = SEPARATOR.join(str(value) for value in row[1:])
    return cursor if len(cursor) <= LONGEST_CURSOR else str(row[0].id)


def _start(board: BoardQuery, cursor: str) -> SortValues | None:
    """The sort values that a cursor holds; None for a cursor that this board cannot have written."""
    if cursor.isdecimal() and len(cursor) <= 18:
        return _sort_values(board, int(cursor))
    parts = cursor.split(SEPARATOR)
    if len(cursor) > LONGEST_CURSOR or len(parts) != len(board.order):
        return None
    try:
        return tuple(
            PARSERS[element.type.python_type](part)
            for element, part in zip(tuple_(*board.order).clauses, parts, strict=True)
        )
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


PARSERS: dict[type, Callable[[str], object]] = {int: _id, Decimal: _number, date: date.fromisoformat}


def cards(board: BoardQuery, key: str, most: int) -> list[Any]:
    """The first cards of a column."""
    query = (
        _joined(board, select(board.model))
        .where(*board.scope, *board.filters, board.model.state == key)
        .options(*board.options)
        .order_by(*board.order)
        .limit(most)
    )
    return list(db.session.scalars(query).unique())


def every(board: BoardQuery, most: int) -> list[Any]:
    """All cards that no filter hides, column by column; at most so many of each."""
    return [card for key in board.columns for card in cards(board, key, most)]


def _position(board: BoardQuery, key: str, values: SortValues) -> int:
    """How many shown cards of a column come before these sort values, or have them."""
    query = _joined(board, select(func.count()).select_from(board.model)).where(
        *board.scope, *board.filters, board.model.state == key, tuple_(*board.order) <= values
    )
    return int(db.session.scalar(query) or 0)


def place_of(
    board: BoardQuery, card_id: int, key: str, after: Mapping[str, str] | None = None
) -> Place | None:
    """Where a card really is now in column `key`; None where this board does not show it.

    `after` as for `read`: it says which page of the column is open. One statement for what does not depend on it.
    """
    if key not in board.columns:
        return None
    labelled: list[Label[Any]] = [
        expression.label(f"o{number}") for number, expression in enumerate(board.order)
    ]
    card = (
        _joined(board, select(*labelled).select_from(board.model))
        .where(*board.scope, *board.filters, board.model.id == card_id)
        .cte("card")
    )
    column = [*board.scope, *board.filters, board.model.state == key]
    card_values, order = tuple_(*card.c), tuple_(*board.order)
    next_id_query = (
        _joined(board, select(board.model.id).select_from(board.model))
        .join(card, true())
        .where(*column, order > card_values)
        .order_by(*board.order)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    position_query = select(func.count(), func.count().filter(order <= card_values), next_id_query)
    position_query = position_query.select_from(board.model)
    row = db.session.execute(
        _joined(board, position_query).join(card, true()).where(*column).group_by(*card.c)
    ).first()
    if row is None:
        return None
    start = _start(board, after[key]) if after and key in after else None
    before = _position(board, key, start) if start else 0
    count, position, next_id = int(row[0]), int(row[1]), row[2]
    shown = key not in board.folded and before < position <= before + board.page
    return Place(position, count, next_id, shown)


def _joined(board: BoardQuery, query: Select[*Selected]) -> Select[*Selected]:
    for table, condition in board.joins:
        query = query.join(table, condition)
    return query


def _sort_values(board: BoardQuery, card_id: int) -> SortValues | None:
    """What a card of this board is sorted by; None for a card that is not on it."""
    query = _joined(board, select(*board.order).select_from(board.model))
    row = db.session.execute(query.where(*board.scope, board.model.id == card_id)).first()
    return tuple(row) if row is not None else None
