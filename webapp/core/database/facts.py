"""What a list has read at once for all of its rows, so that asking about each row reads nothing again.

Facts live as long as the transaction, and are forgotten at once when a row is locked: under the lock the truth is read.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, event
from sqlalchemy.orm import Session, scoped_session

from webapp.core.database.base import db

T = TypeVar("T")


@dataclass(frozen=True)
class PersonFact:
    """What nearly every page asks about its reader: `column`, correlated with the person's table, is read in the very
    statement that finds out who they are; `value` makes of it what is kept as a fact of that person's id.
    """

    column: ColumnElement[Any]
    value: Callable[[Any], object] = lambda value: value


_KEY = "facts"


def preload(name: str, values: Mapping[Any, Any]) -> None:
    """Keep what is known of many rows: `fact(name, key, …)` answers from it."""
    known = db.session.info.setdefault(_KEY, {})
    known.update({(name, key): value for key, value in values.items()})


def fact(name: str, key: Hashable, read: Callable[[], T]) -> T:
    """What a list has preloaded for this key, else what `read` finds; that is not kept, for it may change."""
    known = db.session.info.get(_KEY)
    if known and (name, key) in known:
        value: T = known[name, key]
        return value
    return read()


def remember(name: str, key: Hashable, read: Callable[[], T]) -> T:
    """The same, kept for the rest of the transaction or until a row is locked."""
    known = db.session.info.setdefault(_KEY, {})
    if (name, key) not in known:
        known[name, key] = read()
    value: T = known[name, key]
    return value


def unknown(name: str, keys: Iterable[Hashable]) -> list[Any]:
    """Those of these keys of which this is not known yet, each once."""
    known = db.session.info.get(_KEY, {})
    return [key for key in dict.fromkeys(keys) if (name, key) not in known]


def drop(name: str, key: Hashable) -> None:
    """Read this one again: it has just changed in this transaction."""
    db.session.info.get(_KEY, {}).pop((name, key), None)


def forget(session: Session | scoped_session[Any] | None = None, *_: object) -> None:
    """From here on everything is read again."""
    (session or db.session).info.pop(_KEY, None)


event.listen(Session, "after_commit", forget)
event.listen(Session, "after_rollback", forget)
