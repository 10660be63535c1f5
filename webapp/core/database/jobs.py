"""Background jobs: rows written in the transaction that causes them."""

from __future__ import annotations

from datetime import datetime

import procrastinate
from sqlalchemy import text

from webapp.core.database.base import db

SEND_MAIL = "send_mail"
SWEEP_DEADLINES = "sweep_deadlines"
SWEEP_STALLED = "sweep_stalled"
PRUNE = "prune"


# Never opened in the web process: a job is inserted over the request's own connection.
queue = procrastinate.App(connector=procrastinate.PsycopgConnector())


# Mails wait in a queue of their own: nothing else depends on them, so the rest can be done first.
QUEUES = DEFAULT, MAIL = ("default", "mail")


def defer(
    job: str, *, lock: str | None = None, at: datetime | None = None, once: str | None = None, **ids: int
) -> None:
    """Insert the job of this name in this transaction: it exists exactly when the change that caused it does.

    `at` is real time (UTC). `once` lets only one waiting job of that name exist.
    """
    connection = db.session.connection().connection.driver_connection
    deferrer = queue.configure_task(
        job,
        allow_unknown=True,
        connection=connection,
        queue=MAIL if job == SEND_MAIL else DEFAULT,
        lock=lock,
        schedule_at=at,
        queueing_lock=once,
    )
    if once is None:
        deferrer.defer(**ids)
        return
    try:
        with db.session.begin_nested():  # a refused duplicate must not spoil the whole transaction
            db.session.connection()  # only now the savepoint is set
            deferrer.defer(**ids)
    except procrastinate.exceptions.AlreadyEnqueued:
        return


def waiting(queue_name: str) -> bool:
    """Is a job of this queue waiting to be done now?"""
    waits = text(
        "SELECT EXISTS (SELECT FROM procrastinate_jobs WHERE status = 'todo' AND queue_name = :name"
        " AND (scheduled_at IS NULL OR scheduled_at <= now()))"
    )
    return bool(db.session.scalar(waits, {"name": queue_name}))


def failed() -> list[tuple[str, int]]:
    """(name of the job, how many) that were given up."""
    rows = db.session.execute(
        text(
            "SELECT task_name, count(*) FROM procrastinate_jobs WHERE status = 'failed' GROUP BY task_name ORDER BY 1"
        )
    )
    return [(row[0], int(row[1])) for row in rows]
