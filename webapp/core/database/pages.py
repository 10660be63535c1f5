"""Long lists, a page at a time: which rows are shown, how many there are in all, and where the next page begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Row, ScalarSelect, Select, SQLColumnExpression, func, select, tuple_

from webapp.core.database.base import Identified, db

PAGE = 25
T = TypeVar("T")


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list of `total` rows; `after` is the id of its last row where others follow."""

    rows: Sequence[T]
    total: int
    after: int | None = None


def cut(rows: Sequence[Any], total: int, at_most: int = PAGE) -> Page[Any]:
    """The page of `rows`, which are one more than a page where others follow."""
    shown = rows[:at_most]
    return Page(shown, total, shown[-1].id if len(rows) > at_most else None)


def read_rows(
    query: Select[Any],
    model: type[Identified],
    order: Sequence[SQLColumnExpression[Any]],
    after: int | None,
    *,
    newest_first: bool = False,
    at_most: int = PAGE,
) -> list[Any]:
    """The rows of one page, and one more where others follow: sorted by `order`, the id last, behind the row `after`.

    A later page that holds nothing, because what was on it has been decided meanwhile, is the first page.
    """
    return [row[0] for row in _read(query, model, order, after, newest_first=newest_first, at_most=at_most)]


def _read(
    query: Select[Any],
    model: type[Identified],
    order: Sequence[SQLColumnExpression[Any]],
    after: int | None,
    *,
    newest_first: bool,
    at_most: int,
) -> Sequence[Row[*tuple[Any, ...]]]:
    direction = [expression.desc() if newest_first else expression for expression in order]
    first = query.order_by(*direction).limit(at_most + 1)
    last = db.session.execute(select(*order).where(model.id == after)).first() if after is not None else None
    if last is not None:
        sort_key, last_key = tuple_(*order), tuple_(*last)
        later = first.where(sort_key < last_key if newest_first else sort_key > last_key)
        if rows := db.session.execute(later).all():
            return rows
    return db.session.execute(first).all()


def read_page(
    query: Select[Any],
    model: type[Identified],
    order: Sequence[SQLColumnExpression[Any]],
    after: int | None,
    *,
    newest_first: bool = False,
    at_most: int = PAGE,
) -> Page[Any]:
    """One page of the rows of a query, and their exact number: one statement, and one for a later page's place."""
    counted = query.add_columns(_count(query))
    rows = _read(counted, model, order, after, newest_first=newest_first, at_most=at_most)
    return cut([row[0] for row in rows], int(rows[0][-1]) if rows else 0, at_most)


def first_rows(
    first: Select[*tuple[Any, ...]], waiting: Select[Any]
) -> tuple[Sequence[Row[*tuple[Any, ...]]], int]:
    """The rows of `first`, which are the first of `waiting`, each with one more value, and how many those are.

    One statement.
    """
    rows = db.session.execute(first.add_columns(_count(waiting))).all()
    return rows, int(rows[0][-1]) if rows else 0


def first_of(first: Select[*tuple[Any, ...]], waiting: Select[Any]) -> tuple[list[Any], int]:
    """The same of a query for entities: the entities."""
    rows, total = first_rows(first, waiting)
    return [row[0] for row in rows], total


def count_rows(query: Select[Any]) -> int:
    """How many rows a query has."""
    return int(db.session.scalar(_number(query)) or 0)


def _count(query: Select[Any]) -> ScalarSelect[Any]:
    return _number(query).correlate(None).scalar_subquery()


def _number(query: Select[Any]) -> Select[int]:
    return query.with_only_columns(func.count(), maintain_column_froms=True)
