"""Where a card of a board is now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Label, Select, bindparam, func, select, true, tuple_

from webapp.core.boards.query import (
    BoardQuery,
    Totals,
    built,
    joined,
    position_of,
    start_of,
    totals_columns,
    totals_of,
)
from webapp.core.database.base import db


@dataclass(frozen=True)
class Place:
    """Where a card is: its position among the `count` shown cards of its column, and the card that follows it.

    `shown`: it is on the page that is open. `card` is what it shows, on a board that reads plain rows.
    """

    position: int
    count: int
    next_id: int | None
    shown: bool
    card: Any = None
    totals: Totals | None = None


def place_of(
    board: BoardQuery, card_id: int, key: str, after: Mapping[str, str] | None = None
) -> Place | None:
    """Where a card really is now in column `key`; None where this board does not show it.

    `after` as for `read`: it says which page of the column is open. One statement for what does not depend on it.
    """
    if key not in board.columns:
        return None
    row = db.session.execute(
        built(_place, board), {**(board.params or {}), "card": card_id, "key": key}
    ).first()
    if row is None:
        return None
    start = start_of(board, after[key]) if after and key in after else None
    before = position_of(board, key, start) if start else 0
    shown = key not in board.folded and before < row.position <= before + board.page
    card = row if board.reads else None
    return Place(int(row.position), int(row.among), row.next_id, shown, card, totals_of(board, row))


def _place(board: BoardQuery) -> Select[*tuple[Any, ...]]:
    labelled: list[Label[Any]] = [
        expression.label(f"o{number}") for number, expression in enumerate(board.order)
    ]
    card = (
        joined(board, select(*board.reads, *labelled).select_from(board.model))
        .where(*board.scope, *board.filters, board.model.id == bindparam("card"))
        .cte("card")
    )
    column = [*board.scope, *board.filters, board.model.state == bindparam("key")]
    card_values = tuple_(*(card.c[label.name] for label in labelled))
    order = tuple_(*board.order)
    next_id_query = (
        joined(board, select(board.model.id).select_from(board.model))
        .join(card, true())
        .where(*column, order > card_values)
        .order_by(*board.order)
        .limit(1)
        .correlate(None)
        .scalar_subquery()
    )
    position_query = select(
        *(card.c[column.key] for column in board.reads),
        func.count().label("among"),
        func.count().filter(order <= card_values).label("position"),
        next_id_query.label("next_id"),
        *totals_columns(board),
    ).select_from(board.model)
    return joined(board, position_query).join(card, true()).where(*column).group_by(*card.c)
