"""Where a page of a column starts, as an address holds it: the values by which the card before it is sorted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import SQLColumnExpression, tuple_

SEPARATOR = "~"
LONGEST_CURSOR = 300  # characters of an address
SortValues = tuple[Any, ...]
"""What a card is sorted by: the values of a board's `order`."""


def cursor_of(values: SortValues) -> str | None:
    """These values in an address; None where that would be too long."""
    cursor = SEPARATOR.join(str(value) for value in values)
    return cursor if len(cursor) <= LONGEST_CURSOR else None


def values_of(cursor: str, order: Sequence[SQLColumnExpression[Any]]) -> SortValues | None:
    """The values that a cursor holds; None for one that was not written for this order."""
    parts = cursor.split(SEPARATOR)
    if len(cursor) > LONGEST_CURSOR or len(parts) != len(order):
        return None
    try:
        return tuple(
            PARSERS[element.type.python_type](part)
            for element, part in zip(tuple_(*order).clauses, parts, strict=True)
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
