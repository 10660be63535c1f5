"""Mails leave once and through SMTP; what a killed worker left in the middle is taken up again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import text

from tests.support import people as cast
from tests.support.application import Worker
from webapp.core.database.base import db
from webapp.core.database.jobs import SWEEP_STALLED, defer
from webapp.core.database.transactions import unit_of_work
from webapp.core.mail import sending as mail
from webapp.core.mail.sending import Mail


class Mailbox:
    """An SMTP server that keeps what it gets."""

    def __init__(self) -> None:
        self.letters: list[Any] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@contextmanager
def smtp_of(app: Flask) -> Iterator[Mailbox]:
    """The app mails through a real SMTP server on this machine."""
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    caught = app.extensions["settings"]
    app.extensions["settings"] = replace(caught, smtp_url=f"smtp://127.0.0.1:{port}")
    try:
        yield mailbox
    finally:
        app.extensions["settings"] = caught
        controller.stop()


def queue_mail(key: str = "one") -> None:
    person = cast.person("Lan Nguyễn", locale="vi")
    mail.send(
        "accounts/confirm",
        key=key,
        to=person.email,
        locale="vi",
        person_id=person.id,
        called="Lan",
        token="secret",
    )


@pytest.mark.point(35)
def test_a_mail_leaves_once_through_smtp_with_both_parts_in_the_readers_language(
    app: Flask, worker: Worker
) -> None:
    with smtp_of(app) as mailbox:
        with app.app_context(), unit_of_work():
            queue_mail()
        worker.run_due()
        with app.app_context(), unit_of_work():
            mail.deliver(db.session.scalars(db.select(Mail.id)).one())  # the job a second time
    (letter,) = mailbox.letters
    assert letter["Content-Language"] == "vi"
    assert "Xác nhận" in letter["Subject"]
    assert {part.get_content_type() for part in letter.iter_parts()} == {"text/plain", "text/html"}
    assert len(letter.as_bytes()) < 60_000
    with app.app_context():
        sent = db.session.scalars(db.select(Mail)).one()
        assert sent.state == "sent"
        assert sent.params == {}, "links in a mail are keys: they do not stay with us"


def test_one_event_is_mailed_once_whoever_asks_again(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        queue_mail("the same")
        queue_mail("the same")
        assert db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 1


def test_a_mail_whose_server_is_away_is_tried_again(app: Flask, worker: Worker) -> None:
    caught = app.extensions["settings"]
    app.extensions["settings"] = replace(caught, smtp_url="smtp://127.0.0.1:9")
    try:
        with app.app_context(), unit_of_work():
            queue_mail()
        worker.run_due()
    finally:
        app.extensions["settings"] = caught
    with app.app_context():
        assert db.session.scalars(db.select(Mail)).one().state == "queued"
        waiting = db.session.execute(
            text("SELECT status, attempts FROM procrastinate_jobs WHERE task_name = 'send_mail'")
        ).one()
        assert tuple(waiting) == ("todo", 1)


def stall(app: Flask, *, lock: str | None = None) -> None:
    """Leave one job as a worker that was killed in the middle of it leaves it."""
    with app.app_context(), unit_of_work():
        queue_mail()
        dead = db.session.scalar(
            text(
                "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 hour') RETURNING id"
            )
        )
        db.session.execute(
            text("UPDATE procrastinate_jobs SET status = 'doing', worker_id = :dead, queueing_lock = :lock"),
            {"dead": dead, "lock": lock},
        )


def sweep(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        connection = db.session.connection().connection.driver_connection
        from webapp.core.database.jobs import queue

        queue.configure_task(SWEEP_STALLED, allow_unknown=True, connection=connection).defer(timestamp=0)


def test_what_a_killed_worker_left_in_the_middle_is_taken_up_again(app: Flask, worker: Worker) -> None:
    stall(app)
    sweep(app)
    worker.run_due()
    worker.run_due()
    with app.app_context():
        assert db.session.scalars(db.select(Mail)).one().state == "caught"


def test_a_stalled_job_whose_work_waits_already_gives_way(app: Flask, worker: Worker) -> None:
    stall(app, lock="only one")
    with app.app_context(), unit_of_work():
        defer("check_books")
        db.session.execute(
            text("UPDATE procrastinate_jobs SET queueing_lock = 'only one' WHERE task_name = 'check_books'")
        )
    sweep(app)
    worker.run_due()
    with app.app_context():
        left: dict[str, str] = dict(
            iter(db.session.execute(text("SELECT task_name, status FROM procrastinate_jobs")))
        )
    assert "failed" not in left.values()
    assert left.get("check_books") == "succeeded"
