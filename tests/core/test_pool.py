"""A database that was restarted: whoever comes next does not notice."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database import pool
from webapp.core.database.base import db
from webapp.core.database.transactions import reading, unit_of_work


def cut_all(app: Flask) -> None:
    """Cut every other connection to this database, as a restart does."""
    with app.app_context():
        db.session.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()"
            )
        )
        db.session.rollback()


@pytest.mark.parametrize("idle", [0.0, 60.0], ids=["after a pause", "at once"])
def test_a_page_is_answered_after_the_database_has_cut_its_connections(
    app: Flask, monkeypatch: pytest.MonkeyPatch, idle: float
) -> None:
    monkeypatch.setattr(pool, "IDLE", idle)
    with app.app_context(), unit_of_work():
        who = cast.person("Mai").id
    browser = cast.signed_in(app, who)
    assert browser.get("/home").status_code == 200
    cut_all(app)
    assert browser.get("/home").status_code == 200


def test_a_connection_in_steady_use_is_not_tried_each_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work():
        who = cast.person("Mai").id
    browser = cast.signed_in(app, who)
    browser.get("/home")
    tried: list[object] = []

    with app.app_context():
        dialect = db.engine.dialect
    monkeypatch.setattr(dialect, "do_ping", tried.append)
    assert browser.get("/home").status_code == 200
    assert tried == []


def test_what_the_database_has_planned_is_kept_from_page_to_page(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        who = cast.intern().id
    browser = cast.signed_in(app, who)
    for _ in range(8):  # the driver has a statement planned for good when it comes the sixth time
        assert browser.get("/home").status_code == 200
    with app.app_context(), db.engine.connect() as connection:
        kept = connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
    assert kept is not None
    assert kept > 10


def test_what_is_set_while_only_reading_is_not_kept(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        who = cast.person("Mai").id
    with app.app_context(), reading():
        db.session.get_one(Person, who).full_name = "Mallory"
    with app.app_context(), reading():
        assert db.session.get_one(Person, who).full_name == "Mai"
