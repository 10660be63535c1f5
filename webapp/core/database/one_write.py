"""Several rows written in one statement: one way to the database, where the unit of work takes one for each row.

For what is done all day and holds a lock meanwhile: a move changes its row and its root and adds an entry to the history.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    CTE,
    ClauseElement,
    ColumnElement,
    FromClause,
    Select,
    bindparam,
    insert,
    select,
    true,
    update,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapper, attributes, class_mapper
from sqlalchemy.orm.exc import StaleDataError

from webapp.core.database.base import Base, db

Changes = Mapping[str, Any]
"""By the name of an attribute: a column, or a relationship that one column carries. A value may be an SQL expression."""

_built: dict[object, Select[*tuple[Any, ...]]] = {}


def write(
    changed: Sequence[tuple[Base, Changes]],
    new: Sequence[Base] = (),
    params: Mapping[str, Any] | None = None,
) -> None:
    """Change rows of this session, each named once, and insert new ones, which then have their keys but stay outside it.

    What waits to be written goes first. Expressions among the values must be the same objects each time, with what
    differs in `params`. Raises StaleDataError where a row is gone.
    """
    db.session.flush()
    updates = [(row, dict(_columns(row, changes))) for row, changes in changed]
    inserts = [(row, dict(_values(row))) for row in new]
    shape = (
        *(
            (type(row), *((name, _expression(value)) for name, value in values.items()))
            for row, values in updates
        ),
        *((type(row), *values) for row, values in inserts),
    )
    if shape not in _built:
        _built[shape] = _statement(updates, inserts)
    given = dict(params or {})
    for number, (row, values) in enumerate([*updates, *inserts]):
        given.update(
            {f"p{number}_{name}": value for name, value in values.items() if _expression(value) is None}
        )
        if number < len(updates):
            given[f"p{number}_key"] = row.id  # type: ignore[attr-defined]
    written = db.session.execute(_built[shape], given).one_or_none()
    if written is None:
        raise StaleDataError("a row that was to be changed is gone")
    _told(changed, updates, inserts, written)


def _told(
    changed: Sequence[tuple[Base, Changes]],
    updates: list[tuple[Base, dict[str, Any]]],
    inserts: list[tuple[Base, dict[str, Any]]],
    written: Any,
) -> None:
    """Let the objects hold what the table holds now."""
    for number, (row, values) in enumerate(updates):
        for name, value in values.items():
            new = value if _expression(value) is None else getattr(written, f"p{number}_{name}")
            attributes.set_committed_value(row, name, new)
        for name, value in changed[number][1].items():
            if name not in values:  # a relationship: its column is written, and it itself is known
                attributes.set_committed_value(row, name, value)
    for number, (row, _values) in enumerate(inserts, start=len(updates)):
        for key in _keys(type(row)):
            attributes.set_committed_value(row, key, getattr(written, f"p{number}_{key}"))


def _keys(model: type[Base]) -> list[str]:
    return [str(column.key) for column in class_mapper(model).primary_key]


def _columns(row: Base, changes: Changes) -> Iterator[tuple[str, Any]]:
    mapper: Mapper[Any] = class_mapper(type(row))
    for name, value in changes.items():
        relation = mapper.relationships.get(name)
        if relation is None:
            yield name, value
        else:
            ((local, remote),) = relation.local_remote_pairs
            yield str(local.key), getattr(value, str(remote.key)) if value is not None else None


def _values(row: Base) -> Iterator[tuple[str, Any]]:
    """What a new row sets; the rest is left to the table's defaults."""
    given = attributes.instance_dict(row)
    for column in class_mapper(type(row)).columns:
        if given.get(column.key) is not None:
            yield column.key, given[column.key]


def _expression(value: object) -> ClauseElement | None:
    return value if isinstance(value, ClauseElement) else None


def _statement(
    updates: list[tuple[Base, dict[str, Any]]], inserts: list[tuple[Base, dict[str, Any]]]
) -> Select[*tuple[Any, ...]]:
    parts: list[CTE] = []
    wanted: list[ColumnElement[Any]] = []
    for number, (row, values) in enumerate([*updates, *inserts]):
        model: Any = type(row)
        given = {name: _bound(number, model, name, value) for name, value in values.items()}
        back: list[InstrumentedAttribute[Any]] = [getattr(model, key) for key in _keys(model)]
        if number < len(updates):
            computed = [name for name, value in values.items() if _expression(value) is not None]
            back += [getattr(model, name) for name in computed]
            part = update(model).where(model.id == bindparam(f"p{number}_key")).values(given)
            written = part.returning(*back).cte(f"w{number}")
        else:
            written = insert(model).values(given).returning(*back).cte(f"w{number}")
        parts.append(written)
        wanted += [column.label(f"p{number}_{column.key}") for column in written.c]
    whole: FromClause = parts[0]
    for other in parts[1:]:
        whole = whole.join(other, true())  # one row each
    return select(*wanted).select_from(whole)


def _bound(number: int, model: Any, name: str, value: Any) -> ColumnElement[Any]:
    return (
        value
        if _expression(value) is not None
        else bindparam(f"p{number}_{name}", type_=getattr(model, name).type)
    )
