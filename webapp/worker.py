"""The worker: who handles which job and which clock. `python -m webapp.worker` runs it."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import procrastinate
from flask import Flask
from sqlalchemy import delete, select

from webapp.app import create_app
from webapp.core.config import Settings
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.jobs import PRUNE, QUEUES, SEND_MAIL, SWEEP_DEADLINES, SWEEP_STALLED
from webapp.core.database.transactions import unit_of_work, with_retries
from webapp.core.files import blobs
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.transitions import Stateful
from webapp.core.mail import sending as mail
from webapp.core.security import rate_limits
from webapp.core.security.idempotency import IdempotencyKey
from webapp.core.security.sessions import ABSOLUTE, WebSession
from webapp.core.slice import JobHandler, slices
from webapp.core.web import form_rescue

HEARTBEAT = 5  # seconds
STALLED_AFTER = 20
KEYS_KEPT = timedelta(days=30)


def sweep_deadlines() -> int:
    """Act on every deadline that has passed; returns how many there were."""
    return deadlines.sweep(_locked, slices().merged("on_expiry"), slices().merged("on_reminder"))


def _locked(kind: str, row_id: int) -> Stateful:
    row: Stateful = db.session.get_one(lifecycle.model_of(kind), row_id)
    for above in row.locked_before():
        lifecycle.lock(above)
    lifecycle.lock(row)
    return row


def prune() -> None:
    """Forget what has served: old limits, saved forms, idempotency keys, sessions, files that no row names."""
    rate_limits.prune()
    form_rescue.prune()
    now = clock.real_now()
    db.session.execute(delete(IdempotencyKey).where(IdempotencyKey.done_at < now - KEYS_KEPT))
    db.session.execute(delete(WebSession).where(WebSession.started_at < now - ABSOLUTE - timedelta(days=1)))
    for feature in slices():
        for forget in feature.prune:
            forget()
    blobs.sweep(_is_named)


def _is_named(sha256: str) -> bool:
    """Does a row of any feature still name this content?"""
    return any(
        db.session.scalar(select(model.id).where(model.sha256 == sha256).limit(1)) is not None
        for feature in slices()
        for model in feature.keeps_files
    )


def build(app: Flask) -> procrastinate.App:
    """The queue with its handlers. Each job is one transaction, may run twice, and does its work once."""
    settings: Settings = app.extensions["settings"]
    connector = procrastinate.PsycopgConnector(
        conninfo=settings.database_url,
        kwargs={"connect_timeout": 5, "keepalives_idle": 30},
        min_size=1,
        max_size=4,
    )
    queue = procrastinate.App(connector=connector)
    patience = procrastinate.RetryStrategy(max_attempts=10, exponential_wait=3)

    def in_app(work: Callable[..., Any], *, own_transactions: bool = False) -> Callable[..., None]:
        def run(**ids: int) -> None:
            with app.app_context():
                if own_transactions:
                    work(**ids)
                else:
                    with_retries(lambda: _once(work, ids))

        return run

    handlers = {
        SEND_MAIL: JobHandler(mail.deliver),
        PRUNE: JobHandler(prune, cron="23 3 * * *"),
        SWEEP_DEADLINES: JobHandler(sweep_deadlines, own_transactions=True, cron="* * * * * */10"),
        **app.extensions["slices"].jobs,
    }
    for name, handler in handlers.items():
        work = in_app(handler.work, own_transactions=handler.own_transactions)
        queue.task(name=name, retry=patience if handler.retries else False)(work)
        if handler.cron is not None:
            queue.periodic(cron=handler.cron)(_periodic(queue, name, app, handler))

    @queue.task(name=SWEEP_STALLED, queueing_lock=SWEEP_STALLED, pass_context=True)
    async def sweep_stalled(context: procrastinate.JobContext, timestamp: int) -> None:
        """Retry the jobs that a killed worker left unfinished."""
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            try:
                await manager.retry_job(job)
            except procrastinate.exceptions.UniqueViolation:
                # The clock has put the same work into the queue meanwhile: one of the two is enough.
                await manager.finish_job_by_id_async(
                    job.id or 0, procrastinate.jobs.Status.FAILED, delete_job=True
                )

    queue.periodic(cron="* * * * * */20")(sweep_stalled)
    return queue


def _once(work: Callable[..., Any], ids: dict[str, int]) -> None:
    with unit_of_work():
        work(**ids)


def _periodic(
    queue: procrastinate.App, job: str, app: Flask, handler: JobHandler
) -> procrastinate.tasks.Task[[int], None, [int]]:
    """A job that the queue starts by the clock; it waits for the one before (queueing lock), never piles up."""

    def run(timestamp: int) -> None:
        with app.app_context():
            if handler.own_transactions:
                handler.work()
            else:
                with_retries(lambda: _once(handler.work, {}))

    name = f"{job}_periodic"
    return queue.task(name=name, queueing_lock=name, lock=name)(run)


def run_until_idle(app: Flask, *, by_the_clock: bool = True, queues: Sequence[str] = QUEUES) -> None:
    """Ring what is due and do every waiting job, until nothing is left; for tests, demos and drills.

    `by_the_clock`: also what the second happens to start (recovery, polling, checks), as the running worker does.
    `queues`: only the jobs of these queues.
    """
    queue = build(app)
    if not by_the_clock:
        queue.periodic_registry.periodic_tasks.clear()

    async def drain() -> None:
        async with queue.open_async():
            await queue.run_worker_async(
                queues=list(queues), wait=False, install_signal_handlers=False, listen_notify=False
            )

    with app.app_context():
        while sweep_deadlines():
            continue
    asyncio.run(drain())


def main(app: Flask | None = None) -> None:
    """Work until told to stop; a job in hand is finished first. `app`: where the caller has loaded it already."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("procrastinate", "transitions"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    queue = build(app or create_app(Settings.from_environment(os.environ)))

    async def work() -> None:
        async with queue.open_async():
            await queue.run_worker_async(
                name=f"worker-{os.getpid()}",
                concurrency=2,
                fetch_job_polling_interval=2,
                delete_jobs="successful",
                update_heartbeat_interval=HEARTBEAT,
                stalled_worker_timeout=STALLED_AFTER,
                shutdown_graceful_timeout=6,
            )

    asyncio.run(work())


if __name__ == "__main__":
    main()
