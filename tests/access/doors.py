"""The world of the matrix behind its doors: an application over a fresh copy, and a session for each person."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from werkzeug.routing import Rule

from tests.access.matrix import Row
from tests.access.world import World, build
from tests.support import people as cast
from tests.support.application import Built, _build
from tests.support.postgres import TestDatabase, TestServer, addresses, recreate
from webapp.core.database.base import db

# What may change although somebody was refused: it is about the visit, not about the work.
NOT_THE_WORK = {
    "web_session",
    "idempotency_key",
    "rate_limit",
    "saved_form",
    "alembic_version",
    "refused_delivery",
}


@pytest.fixture(scope="session")
def matrix_world(
    test_server: TestServer, blank_template: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, World, Any]:
    """The world of the matrix, planted once a session: its template, who and what is in it, its files."""
    told, files = test_server.home / "matrix.json", test_server.home / "matrix-state"

    def plant(name: str) -> None:
        files.mkdir(exist_ok=True)
        built = _build(addresses(test_server, name), files, demo=False)
        try:
            with built.app.test_request_context():
                told.write_text(json.dumps(build().as_json()))
        finally:
            built.close()

    template = test_server.ensure_template("template_matrix", blank_template, plant)
    return template, World(**json.loads(told.read_text())), files


class Doors:
    """The application over a fresh copy of that world, and its people with a session each."""

    def __init__(self, built: Built, world: World, renew: Callable[[], None]) -> None:
        self.app, self.world, self._built, self._renew = built.app, world, built, renew
        self.people: dict[str, Any] = {}
        self.renew()

    def renew(self) -> None:
        """Begin again from the untouched world."""
        self._built.dispose()
        self._renew()
        self.people = {"anonymous": cast.Browser(self.app.test_client())}
        self._new = checksums(self.app)

    def as_(self, person: str) -> Any:
        if person not in self.people:
            self.people[person] = cast.signed_in(self.app, self.world.people[person])
        return self.people[person]

    def path(self, rule: Rule, row: Row, person: str) -> str:
        """The address of the scene; who belongs to both sides sees their own work in it."""
        values = dict(self.world.things.get(row.at, {}))
        if person == "self":
            values |= self.world.own.get(row.at, {})
        if unknown := rule.arguments - set(values):
            raise LookupError(
                f"{rule.endpoint}: the scene {row.at!r} of tests/access/world.py has no {sorted(unknown)}"
            )
        needed = {name: values[name] for name in rule.arguments}
        with self.app.test_request_context():
            return str(self.app.url_for(rule.endpoint, **needed))

    def changed(self) -> list[str]:
        """The tables that are not as they were when the world was new."""
        return sorted(name for name, total in checksums(self.app).items() if total != self._new[name])


def checksums(app: Flask) -> dict[str, tuple[int, int]]:
    """How many rows each table has and what they come to; procrastinate's own tables are not ours."""
    with app.app_context():
        tables = [name for name in db.metadata.tables if name not in NOT_THE_WORK]
        query = " UNION ALL ".join(
            f"SELECT '{name}', count(*), coalesce(sum(hashtextextended(t::text, 0)), 0) FROM \"{name}\" t"
            for name in tables
        )
        found = {name: (int(count), int(total)) for name, count, total in db.session.execute(text(query))}
        db.session.rollback()
    return found


@pytest.fixture
def doors(
    _blank: Built,
    matrix_world: tuple[str, World, Any],
    worker_database: TestDatabase,
    _admin: Any,
) -> Iterator[Doors]:
    template, world, files = matrix_world
    shutil.copytree(files, _blank.state_dir, dirs_exist_ok=True)
    yield Doors(_blank, world, lambda: recreate(_admin, worker_database.name, template))
    _blank.dispose()
