"""The board engine: rows of one table in columns, a page at a time, with exact counts, in one order.

What a column means, who may move what and which rows belong to a board is said by the feature that owns them (`BoardQuery`);
reading, paging, counting and filtering are the same for every board.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar, TypeVarTuple

from sqlalchemy import (
    ColumnElement,
    Label,
    ScalarSelect,
    Select,
    SQLColumnExpression,
    func,
    null,
    select,
    tuple_,
    union_all,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.orm.interfaces import ORMOption

from webapp.core.boards import cursors
from webapp.core.boards.cursors import SortValues
from webapp.core.database.base import Base, db
from webapp.core.lifecycle.transitions import Stateful

PAGE = 25
Selected = TypeVarTuple("Selected")
Built = TypeVar("Built")
NOTHING: Mapping[str, SortValues | None] = MappingProxyType({})


@dataclass(frozen=True)
class BoardQuery:
    """One board: the rows of `model` for which `scope` holds, in `columns` by their state.

    `order` are the expressions by which a column is sorted, the row's id last, so that no two cards are equal.
    `rank` is the attribute by which people order the cards themselves, where they do. `joins` are tables with their
    conditions. `filters` hide cards and are counted apart; of `folded` columns only the head is shown. With `reads` the
    cards are plain rows of these columns (`id` and `state` among them), which cost far less than entities. A board whose
    `scope`, `order` and `options` are the same objects each time gives what differs in `params`, by the names of its
    bound parameters: then its statements are built once a process, for building one costs more than asking it. `limits`
    gives, as a JSON object, how many cards a column should hold at most.
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
    reads: tuple[InstrumentedAttribute[Any] | Label[Any], ...] = ()
    params: Mapping[str, Any] | None = None
    limits: ScalarSelect[Any] | None = None

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
class Totals:
    """How many cards each column holds, also those that filters hide, and how many it should hold at most."""

    counts: Mapping[str, int]
    limits: Mapping[str, int]


def totals(board: BoardQuery) -> Totals:
    """Both, in one statement."""
    row = db.session.execute(built(_totals, board), board.params).one()
    return totals_of(board, row)


def totals_of(board: BoardQuery, row: Any) -> Totals:
    counted = row.counts or {}
    return Totals({key: counted.get(key, 0) for key in board.columns}, row.limits or {})


def _totals(board: BoardQuery) -> Select[*tuple[Any, ...]]:
    return select(*totals_columns(board))


def totals_columns(board: BoardQuery) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    counted = _counts(board, shown=False).subquery()
    counts = select(func.json_object_agg(counted.c.key, counted.c.cards)).scalar_subquery()
    return counts.label("counts"), (board.limits if board.limits is not None else null()).label("limits")


def counts(board: BoardQuery, *, shown: bool = False) -> dict[str, int]:
    """How many cards each column holds; `shown`: only those that no filter hides."""
    query = built(_counts, board, shown)
    counted = {key: int(count) for key, count in db.session.execute(query, board.params)}
    return {key: counted.get(key, 0) for key in board.columns}


def _counts(board: BoardQuery, shown: bool) -> Select[str, int]:
    query = select(board.model.state.label("key"), func.count().label("cards")).select_from(board.model)
    conditions = (*board.scope, *(board.filters if shown else ()))
    return joined(board, query).where(*conditions).group_by(board.model.state).correlate(None)


def read(board: BoardQuery, after: Mapping[str, str], totals: Mapping[str, int]) -> list[Column]:
    """The columns, of which `totals` counts all cards; `after` says, for a column, behind which cursor to start."""
    shown = counts(board, shown=True) if board.filters else totals
    starts = {key: start_of(board, cursor) for key, cursor in after.items() if key in board.columns}
    rows: dict[str, list[tuple[Any, SortValues]]] = {key: [] for key in board.columns}
    for row in _pages(board, starts):
        rows[row[0].state].append(row)
    return [_column(board, key, totals[key], shown[key], rows[key], starts.get(key)) for key in board.columns]


def _pages(board: BoardQuery, starts: Mapping[str, SortValues | None]) -> list[tuple[Any, SortValues]]:
    """The cards of one page of each column, and one more, each with what it is sorted by."""
    if len(board.folded) == len(board.columns):
        return []
    query = _page_query(board, starts) if any(starts.values()) else built(_page_query, board)
    rows = db.session.execute(query, board.params)
    if board.reads:
        return [(row, tuple(row[len(board.reads) :])) for row in rows]
    return [(row[0], tuple(row[1:])) for row in rows.unique()]


def _page_query(
    board: BoardQuery, starts: Mapping[str, SortValues | None] = NOTHING
) -> Select[*tuple[Any, ...]]:
    """One statement, in which each column takes its own walk over the index."""
    walks = [
        joined(board, select(board.model.id).select_from(board.model))
        .where(*board.scope, *board.filters, board.model.state == key)
        .where(*((tuple_(*board.order) > starts[key],) if starts.get(key) else ()))
        .order_by(*board.order)
        .limit(board.page + 1)
        for key in board.columns
        if key not in board.folded
    ]
    chosen = union_all(*(select(walk.subquery().c.id) for walk in walks)).subquery()
    sorted_by: list[Label[Any]] = [
        expression.label(f"o{number}") for number, expression in enumerate(board.order)
    ]
    query = joined(board, select(*_what(board), *sorted_by)).where(board.model.id.in_(select(chosen.c.id)))
    return query.options(*board.options).order_by(*board.order)


def _what(board: BoardQuery) -> Sequence[Any]:
    return board.reads or (board.model,)


_built: dict[Any, Any] = {}


def built(build: Callable[..., Built], board: BoardQuery, *more: object) -> Built:
    """A statement, built once where it depends on nothing but what is the same object each time."""
    if board.params is None or board.filters:
        return build(board, *more)
    shape = (
        build, board.model, board.columns, board.scope, board.order, board.joins, board.options,
        board.folded, board.page, board.reads, *more,
    )  # fmt: skip
    if shape not in _built:
        _built[shape] = build(board, *more)
    statement: Built = _built[shape]
    return statement


def _column(
    board: BoardQuery,
    key: str,
    total: int,
    shown: int,
    rows: list[tuple[Any, SortValues]],
    start: SortValues | None,
) -> Column:
    if key in board.folded:
        return Column(key, total, total - shown, [], None, 0, True, folded=True)
    page, has_more = [row[0] for row in rows[: board.page]], len(rows) > board.page
    before = position_of(board, key, start) if start and has_more else 0
    left = shown - before - len(page) if has_more else 0
    last, values = rows[board.page - 1] if has_more else (None, ())
    cursor = cursors.cursor_of(values) or str(last.id) if last is not None else None
    return Column(key, total, total - shown, page, cursor, left, start is None)


def start_of(board: BoardQuery, cursor: str) -> SortValues | None:
    """The sort values behind which a page starts; None for a cursor that this board cannot have written."""
    if cursor.isdecimal() and len(cursor) <= 18:
        return _sort_values(board, int(cursor))
    return cursors.values_of(cursor, board.order)


def cards(board: BoardQuery, key: str, most: int) -> list[Any]:
    """The first cards of a column."""
    query = (
        joined(board, select(*_what(board)).select_from(board.model))
        .where(*board.scope, *board.filters, board.model.state == key)
        .options(*board.options)
        .order_by(*board.order)
        .limit(most)
    )
    rows = db.session.execute(query, board.params)
    return list(rows if board.reads else rows.unique().scalars())


def every(board: BoardQuery, most: int) -> list[Any]:
    """All cards that no filter hides, column by column; at most so many of each."""
    return [card for key in board.columns for card in cards(board, key, most)]


def position_of(board: BoardQuery, key: str, values: SortValues) -> int:
    """How many shown cards of a column come before these sort values, or have them."""
    query = joined(board, select(func.count()).select_from(board.model)).where(
        *board.scope, *board.filters, board.model.state == key, tuple_(*board.order) <= values
    )
    return int(db.session.scalar(query, board.params) or 0)


def joined(board: BoardQuery, query: Select[*Selected]) -> Select[*Selected]:
    for table, condition in board.joins:
        query = query.join(table, condition)
    return query


def _sort_values(board: BoardQuery, card_id: int) -> SortValues | None:
    """What a card of this board is sorted by; None for a card that is not on it."""
    query = joined(board, select(*board.order).select_from(board.model))
    row = db.session.execute(query.where(*board.scope, board.model.id == card_id), board.params).first()
    return tuple(row) if row is not None else None
