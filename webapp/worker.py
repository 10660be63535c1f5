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

from webapp.applications import actions as application_actions
from webapp.applications import jobs as application_jobs
from webapp.core import clock, deadlines, kept, lifecycle, limits, mail, storage
from webapp.core.audit import SYSTEM
from webapp.core.config import Settings
from webapp.core.db import db
from webapp.core.jobs import QUEUES, Job
from webapp.core.operations import Operation
from webapp.core.sessions import ABSOLUTE, WebSession
from webapp.core.unit_of_work import unit_of_work, with_retries
from webapp.endings import actions as ending_actions
from webapp.ledger.jobs import watch_books
from webapp.payments import actions as payment_actions
from webapp.payments import jobs as payment_jobs
from webapp.postings import actions as posting_actions
from webapp.reviews import actions as review_actions
from webapp.stripe_events import actions as stripe_event_actions
from webapp.stripe_events import jobs as stripe_event_jobs
from webapp.submissions.models import SubmissionFile
from webapp.tasks.models import TaskFile, TaskMove

HEARTBEAT = 5  # seconds
STALLED_AFTER = 20
OPERATIONS_KEPT = timedelta(days=30)

RING: dict[tuple[str, str], Callable[[Any], None]] = {
    ("application", "lapse"): application_actions.lapse,
    ("application", "expire"): application_actions.expire,
    ("posting", "close"): posting_actions.close_by_time,
    ("posting", "send_back"): posting_actions.send_back_by_time,
    ("internship", "cancel_unfilled"): ending_actions.cancel_unfilled,
    ("internship", "sign"): ending_actions.unmatch_by_time,
    ("internship", "pay"): ending_actions.unmatch_by_time,
    ("internship", "secure"): ending_actions.unmatch_by_time,
    ("internship", "start"): ending_actions.unmatch_by_time,
    ("internship", "approve_by_silence"): review_actions.approve_by_silence,
    ("internship", "end_early"): ending_actions.end_early_by_time,
    ("internship", "return_remainder"): payment_actions.return_remainder_by_time,
    ("payout", "payout_due"): payment_actions.remind_due,
    ("payout", "payout_approved"): payment_actions.remind_due,
    ("payout", "payout_sending"): payment_actions.remind_due,
    ("payout", "unhold"): payment_actions.unhold_by_time,
    ("payout", "unblock"): payment_actions.unblock_by_time,
}
REMIND: dict[tuple[str, str], Callable[[Any, int], None]] = {
    ("application", "expire"): application_actions.remind_expire,
    ("application", "lapse"): application_actions.remind_lapse,
    ("posting", "close"): posting_actions.remind_close,
    ("posting", "send_back"): posting_actions.remind_send_back,
    ("internship", "approve_by_silence"): review_actions.remind_review,
    ("payout", "unblock"): payment_actions.remind_blocked,
}


def sweep_deadlines() -> int:
    """Ring every clock that is due; returns how many rang."""
    return deadlines.sweep(_locked, RING, REMIND)


def _locked(kind: str, thing_id: int) -> Any:
    thing = db.session.get_one(lifecycle.model_of(kind), thing_id)
    if kind == "internship":
        # What a clock of an internship entails may touch its posting, which is locked first.
        lifecycle.lock(thing.posting)
    lifecycle.lock(thing)
    return thing


def prune() -> None:
    """Forget what has served: old limits, kept forms, operation ids, sessions, files nobody names."""
    limits.prune()
    kept.prune()
    now = clock.real_now()
    db.session.execute(delete(Operation).where(Operation.done_at < now - OPERATIONS_KEPT))
    db.session.execute(delete(TaskMove).where(TaskMove.moved_at < clock.now() - OPERATIONS_KEPT))
    db.session.execute(delete(WebSession).where(WebSession.started_at < now - ABSOLUTE - timedelta(days=1)))
    stripe_event_actions.forget_old(actor=SYSTEM)
    storage.sweep(_is_named)


def _is_named(sha256: str) -> bool:
    """Is this content still a file of somebody's work or of a card?"""
    return any(
        db.session.scalar(select(model.id).where(model.sha256 == sha256).limit(1)) is not None
        for model in (SubmissionFile, TaskFile)
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

    queue.task(name=Job.SEND_MAIL, retry=patience)(in_app(mail.deliver))
    queue.task(name=Job.POSTING_SETTLED, retry=patience)(in_app(application_jobs.posting_settled))
    # They open transactions of their own, before and after what they ask of Stripe.
    for job, handle in (
        (Job.SEND_ATTEMPT, payment_jobs.send_attempt),
        (Job.READ_CHECKOUT, payment_jobs.read_checkout),
        (Job.END_CHECKOUT, payment_jobs.end_checkout),
        (Job.READ_ACCOUNT, payment_jobs.read_account),
        (Job.HANDLE_STRIPE_EVENT, stripe_event_jobs.handle),
    ):
        queue.task(name=job, retry=patience)(in_app(handle, own_transactions=True))
    queue.task(name=Job.CHECK_BOOKS)(in_app(_watch_books))
    queue.task(name=Job.PRUNE)(in_app(prune))
    queue.task(name=Job.SWEEP_DEADLINES)(in_app(sweep_deadlines, own_transactions=True))

    @queue.task(name=Job.SWEEP_STALLED, queueing_lock=Job.SWEEP_STALLED, pass_context=True)
    async def sweep_stalled(context: procrastinate.JobContext, timestamp: int) -> None:
        """Take up again what a killed worker left in the middle."""
        manager = context.app.job_manager
        for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_AFTER):
            try:
                await manager.retry_job(job)
            except procrastinate.exceptions.UniqueViolation:
                # The clock has put the same work into the queue meanwhile: one of the two is enough.
                await manager.finish_job_by_id_async(
                    job.id or 0, procrastinate.jobs.Status.FAILED, delete_job=True
                )

    every = queue.periodic
    every(cron="* * * * * */10")(_periodic(queue, Job.SWEEP_DEADLINES, app, sweep_deadlines))
    every(cron="* * * * * */20")(sweep_stalled)
    every(cron="* * * * * */10")(_periodic(queue, Job.RECOVER_MONEY, app, payment_jobs.recover))
    every(cron="* * * * * 30")(_periodic(queue, Job.POLL_STRIPE_EVENTS, app, stripe_event_jobs.poll))
    every(cron="7 * * * *")(_periodic(queue, Job.CHECK_BOOKS, app, _in_one(_watch_books)))
    every(cron="23 3 * * *")(_periodic(queue, Job.PRUNE, app, _in_one(prune)))
    return queue


def _watch_books() -> None:
    watch_books()


def _once(work: Callable[..., Any], ids: dict[str, int]) -> None:
    with unit_of_work():
        work(**ids)


def _in_one(work: Callable[[], Any]) -> Callable[[], None]:
    return lambda: with_retries(lambda: _once(work, {}))


def _periodic(queue: procrastinate.App, job: Job, app: Flask, work: Callable[[], Any]) -> Any:
    """A job that the queue starts by the clock; it waits for the one before (queueing lock), never piles up."""

    def run(timestamp: int) -> None:
        with app.app_context():
            work()

    name = f"{job.value}_periodic"
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
    from webapp.app import create_app

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    for chatty in ("procrastinate", "stripe", "transitions"):
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
