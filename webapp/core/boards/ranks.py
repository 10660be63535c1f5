"""The order that people give the cards of a column: each card has a rank, and a new place lies between two ranks."""

from __future__ import annotations

from decimal import Decimal, localcontext

from sqlalchemy import SQLColumnExpression, func, select

from webapp.core.boards.query import BoardQuery
from webapp.core.database.base import db
from webapp.core.lifecycle.transitions import Stateful

STEP = Decimal(1024)


def neighbours(
    board: BoardQuery, card: Stateful, to: str, before: str
) -> tuple[Decimal | None, Decimal | None]:
    """The ranks between which a card goes in column `to`: "top", "end", before the card "57", or "after-57".

    A neighbour that is no longer in the column sends the card to its end. The caller holds the root's lock.
    """
    rank = _rank_of(board)
    others = (board.model.state == to, board.model.id != card.id)
    if before == "top":
        return None, _found(board, func.min(rank), *others)
    neighbour = before.removeprefix("after-")
    named = neighbour.isdecimal()
    its_rank = _found(board, rank, *others, board.model.id == int(neighbour)) if named else None
    if its_rank is None:
        return _found(board, func.max(rank), *others), None
    if before != neighbour:
        return its_rank, _found(board, func.min(rank), *others, rank > its_rank)
    return _found(board, func.max(rank), *others, rank < its_rank), its_rank


def free_rank(board: BoardQuery, card: Stateful, wish: Decimal) -> Decimal:
    """A rank in the card's column that no other card has: this one, or one right above the card that has it now."""
    rank = _rank_of(board)
    others = (board.model.state == card.state, board.model.id != card.id)
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
