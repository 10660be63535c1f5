"""The demo world, told by calling the real actions, back-dated through the demo's clock."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event, select, update

from webapp.accounts.models import Person
from webapp.core.config import Settings
from webapp.core.database.base import db
from webapp.core.database.clock import ClockOffset
from webapp.core.database.transactions import unit_of_work
from webapp.seeds.people import DEMO_ROLES, PASSWORD
from webapp.seeds.story import Story
from webapp.worker import run_until_idle


def plant_if_empty(app: Flask) -> bool:
    """Plant the demo world when nobody lives in the database; returns whether it did.

    Its mails stay in the queue, for the worker to render while the first pages are served.
    """
    with app.app_context(), unit_of_work():
        empty = db.session.scalar(select(Person.id).limit(1)) is None
    if empty:
        plant(app, with_mails=False)
    elif not _list(app).exists():
        write_list(app)
    return empty


def plant(app: Flask, *, with_mails: bool = True) -> None:
    """Tell the demo world's story from its first day to today, and write the list of sign-ins."""
    with app.app_context(), _without_waiting_for_the_disk():
        Story().tell()
    if with_mails:
        run_until_idle(app)
    write_list(app)


@contextmanager
def _without_waiting_for_the_disk() -> Iterator[None]:
    """Commits of the story do not wait for the disk; the last one does, and so makes all of them lasting.

    A story that is cut short is planted again from its beginning.
    """

    def connected(connection: psycopg.Connection[Any], _: object) -> None:
        connection.autocommit = True  # for the session, not for a transaction that may be taken back
        connection.execute("SET synchronous_commit TO off")
        connection.autocommit = False

    engine = db.engine
    engine.dispose()
    event.listen(engine, "connect", connected)
    try:
        yield
    finally:
        event.remove(engine, "connect", connected)
        db.session.remove()
        engine.dispose()
    with unit_of_work():
        # A transaction that wrote nothing would wait for nothing.
        db.session.execute(update(ClockOffset).values(offset=ClockOffset.offset))


def write_list(app: Flask) -> None:
    """Write `$STATE_DIR/demo.json`: {role: {email, password}}."""
    people = {
        role: {"email": f"{key}@demo.example", "password": PASSWORD} for role, key in DEMO_ROLES.items()
    }
    path = _list(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(people, indent=2) + "\n")


def _list(app: Flask) -> Path:
    settings: Settings = app.extensions["settings"]
    return Path(settings.state_dir) / "demo.json"
