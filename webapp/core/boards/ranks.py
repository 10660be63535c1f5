"""The order that people give the cards of a column: each card has a rank, and a new place lies between two ranks."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

from sqlalchemy import ColumnElement, Numeric, SQLColumnExpression, bindparam, case, func, select

from webapp.core.boards.query import BoardQuery, built
from webapp.core.database.base import db
from webapp.core.lifecycle.transitions import Stateful

STEP, HALF = Decimal(1024), Decimal("0.5")  # multiplied, because numeric divides only so far


def place(
    board: BoardQuery, card: Stateful, to: str, before: str
) -> tuple[ColumnElement[Decimal], dict[str, Any]]:
    """The rank of a card that goes into column `to`: to the "top", the "end", before the card "57", or "after-57".

    An expression, to be worked out by the very statement that writes it, and the values that it is bound to. A
    neighbour that is no longer in the column sends the card to its end. The caller holds the root's lock.
    """
    neighbour = before.removeprefix("after-")
    values = {**(board.params or {}), "rank_card": card.id, "rank_column": to}
    if not neighbour.isdecimal():
        return built(_place, board, before), values
    return built(_place, board, "before" if before == neighbour else "after"), {
        **values,
        "rank_neighbour": int(neighbour),
    }


def _place(board: BoardQuery, way: str) -> ColumnElement[Decimal]:
    rank, model = _rank_of(board), board.model

    def found(what: SQLColumnExpression[Decimal], *conditions: ColumnElement[bool]) -> Any:
        others = (model.state == bindparam("rank_column"), model.id != bindparam("rank_card"))
        return select(what).where(*board.scope, *others, *conditions).correlate(None).scalar_subquery()

    end = func.coalesce(found(func.max(rank)) + STEP, STEP)
    if way == "top":
        return func.coalesce(found(func.min(rank)) - STEP, STEP)
    if way == "end":
        return end
    its_rank = found(rank, model.id == bindparam("rank_neighbour"))
    if way == "before":
        above = found(func.max(rank), rank < its_rank)
        between_them = func.coalesce((above + its_rank) * HALF, its_rank - STEP)
    else:
        below = found(func.min(rank), rank > its_rank)
        between_them = func.coalesce((its_rank + below) * HALF, its_rank + STEP)
    return func.trim_scale(case((its_rank.is_(None), end), else_=between_them), type_=Numeric)


def free_rank(board: BoardQuery, card: Stateful, column: str, wish: Decimal) -> Decimal:
    """A rank in that column that no other card has: this one, or one right above the card that has it now."""
    rank = _rank_of(board)
    others = (board.model.state == column, board.model.id != card.id)
    if _found(board, rank, *others, rank == wish) is None:
        return wish
    return between(_found(board, func.max(rank), *others, rank < wish), wish)


def _found(
    board: BoardQuery, what: SQLColumnExpression[Decimal], *conditions: SQLColumnExpression[bool]
) -> Decimal | None:
    query = select(what).where(*board.scope, *conditions).limit(1)
    return db.session.scalar(query, board.params)


def _rank_of(board: BoardQuery) -> SQLColumnExpression[Decimal]:
    if board.rank is None:
        raise ValueError("the cards of this board are sorted, not ordered by people")
    return board.rank


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
