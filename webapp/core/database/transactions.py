"""One request or one job is one transaction: the only place that commits."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import uniform
from time import sleep
from typing import Any, TypeVar

from psycopg import errors as pg
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from webapp.core.database.base import db
from webapp.core.errors import Busy

log = logging.getLogger(__name__)
TRIES = 3
_AFTER_COMMIT = "after_commit"
T = TypeVar("T")


@contextmanager
def unit_of_work() -> Iterator[None]:
    """Commit what happens inside, or, when it raises, none of it; then do what was put off until `after_commit`."""
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.info.pop(_AFTER_COMMIT, None)
        db.session.rollback()
        raise
    for work in db.session.info.pop(_AFTER_COMMIT, ()):
        try:
            work()
        except Exception:  # what is committed stays, and nobody may take it for a failure and do it again
            log.exception("%s failed after a commit", work.__qualname__)


def after_commit(work: Callable[[], object]) -> None:
    """Do this when the present unit of work has committed, once however often it is asked for; not when it rolls back.

    For what must hold no lock that others wait for, and may be lost in a crash: `work` opens its own transaction.
    """
    db.session.info.setdefault(_AFTER_COMMIT, {})[work] = None


@contextmanager
def read_only() -> Iterator[None]:
    """A transaction that the database itself keeps from writing, and that sees one moment; nothing of it is kept.

    One moment, so that a board's number of changes and its cards cannot tell of two.
    """
    db.session.connection(
        execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
    )
    with reading():
        yield


@contextmanager
def reading() -> Iterator[None]:
    """Read, and let go of the transaction. It ends with a commit, for the driver answers every rollback by forgetting
    what the connection has prepared, and each statement would be planned anew on every page.
    """
    try:
        yield
        session = db.session()
        if session.new or session.dirty or session.deleted:  # a page has set something: it is not to be kept
            session.rollback()
        else:
            session.commit()
    except BaseException:
        db.session.rollback()
        raise


@contextmanager
def separate_transaction() -> Iterator[Session]:
    """A second transaction next to the request's, for what must survive its rollback.

    Named exceptions only: sessions, limits, kept forms and the log of refused webhooks.
    """
    with Session(db.engine) as session, session.begin():
        yield session


@dataclass(frozen=True)
class HandOver:
    """What a route declared `hands_over` returns: its transaction is committed, then `call` talks to the provider
    while none is open, then `settle` writes down in a second one what came of it and gives the answer.
    """

    call: Callable[[], Any]
    settle: Callable[[Any], Any]


def forbid_in_transaction(activity: str) -> None:
    """Refuse to talk to the outside world while a transaction holds locks that everybody would wait for."""
    if db.session.registry.has() and db.session().in_transaction():
        raise RuntimeError(f"{activity} inside a transaction")


@contextmanager
def advisory_lock(name: str) -> Iterator[bool]:
    """Do something as the only process: yields False where another one is at it.

    The database gives the right back the moment that this process, or its connection, is gone: nothing has to
    time out after a crash. It is no transaction, so a provider may be called meanwhile.
    """
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = {"name": name}
        got = bool(connection.scalar(text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), key))
        try:
            yield got
        finally:
            if got and not connection.invalidated:
                connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), key)


def with_retries(work: Callable[[], T]) -> T:
    """Run `work`, which opens its own transaction, again when the database chose it as a victim.

    Raises Busy after three tries, or at once when a lock or statement time-out was reached.
    """
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except DBAPIError as error:
            if isinstance(error.orig, pg.LockNotAvailable | pg.QueryCanceled):
                raise Busy from error
            if not isinstance(error.orig, pg.DeadlockDetected | pg.SerializationFailure):
                raise
            if attempt == TRIES:
                raise Busy from error
            sleep(uniform(0.01, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
    raise AssertionError("unreachable")


def _forget_locks(session: Session, *_: object) -> None:
    session.info.pop("locked", None)
    session.info.pop("held", None)


def _committed(session: Session) -> None:
    # The end of a savepoint gives no lock back. Locked once more, a row would be read again, and what the running
    # action has written into it and not flushed yet would be lost.
    if not session.in_nested_transaction():
        _forget_locks(session)


event.listen(Session, "after_commit", _committed)
event.listen(Session, "after_rollback", _forget_locks)
