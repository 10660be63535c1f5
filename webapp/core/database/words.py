"""Words that are searched for: neither capitals nor marks count, so "nguyen" finds Nguyễn; an index holds them so."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Index, SQLColumnExpression, func, text

SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\%_"})


def plain(words: SQLColumnExpression[str] | str) -> ColumnElement[str]:
    """Small letters without marks."""
    return func.stint_plain(words)


def holds(words: SQLColumnExpression[str], asked: str) -> ColumnElement[bool]:
    """Somewhere in `words` stands what was asked for."""
    return plain(words).like(plain(f"%{asked.translate(SIGNS)}%"))


def words_index(name: str, *columns: str) -> Index:
    """The index in which `holds` looks these columns up."""
    return Index(
        name, *(text(f"stint_plain({column}) gin_trgm_ops") for column in columns), postgresql_using="gin"
    )
