"""`make profile PAGE=/internships/1/board`: where the time of one page goes, on the database of the running demo world.

The page is opened in this process, `AS` a person (an address; otherwise the first of the demo's people who may see it):
first warm, then with every statement timed, then under Python's profiler. The profiler slows small functions most, so
its part of the figures says how the time is shared out, not how long it takes.
"""

from __future__ import annotations

import cProfile
import gzip
import hashlib
import os
import pstats
import secrets
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from werkzeug.test import TestResponse

from webapp.app import Stint, create_app
from webapp.core.config import Settings
from webapp.core.database.base import db

ROUNDS = 20
WIDTH = 100
PARTS = (  # the first that is in a function's file
    ("templates (their own code)", "/templates/"),
    ("templates (Jinja)", "/jinja2/"),
    ("escaping", "/markupsafe/"),
    ("translations and formats", "babel"),
    ("translations and formats", "/gettext.py"),
    ("ORM and statements", "/sqlalchemy/"),
    ("driver", "/psycopg"),
    ("forms", "/wtforms/"),
    ("forms", "/flask_wtf/"),
    ("session and tokens", "/itsdangerous/"),
    ("session and tokens", "/flask_login/"),
    ("serialisation", "/json/"),
    ("Flask and Werkzeug", "/flask/"),
    ("Flask and Werkzeug", "/werkzeug/"),
    ("our code", "/webapp/"),
    ("our code", "/workflows/"),
)
Timed = tuple[float, str]


def main(arguments: list[str]) -> int:
    """Print the tables, for the address of a database and a page; 1 where nobody may see it, or where none was named."""
    url, page = arguments[0], "".join(arguments[1:2])
    if not page.startswith("/"):
        print(
            'Name a page: make profile PAGE=/internships/1/board (and a reader: ARGS="AS=lan@demo.stint.example").'
        )
        return 1
    named = next((one.removeprefix("AS=") for one in arguments[2:] if one.startswith("AS=")), None)
    settings = {
        "STINT_ENV": "test",
        "SECRET_KEY": secrets.token_hex(32),
        "DATABASE_URL": url,
        "DATABASE_OWNER_URL": url,
    }
    app = create_app(Settings.from_environment({**os.environ, **settings}))
    with app.app_context():
        people = db.session.execute(
            text("SELECT id, email FROM person WHERE email = coalesce(:email, email) ORDER BY id"),
            {"email": named},
        ).all()
        db.session.rollback()
    for person, email in people:
        with signed_in(app, person) as client:
            if client.get(page).status_code == 200:
                print(f"{page} as {email}")
                for line in told(lambda client=client: client.get(page)):  # type: ignore[misc]
                    print(line)
                return 0
    print(f"Nobody of {len(people)} people may see {page}.")
    return 1


@contextmanager
def signed_in(app: Stint, person: int) -> Iterator[FlaskClient]:
    """A client with a session of this person, which is gone afterwards."""
    token = secrets.token_urlsafe(32)
    key = {"key": hashlib.sha256(token.encode()).digest(), "person": person}
    made = "INSERT INTO web_session (token_hash, person_id, started_at, seen_at, confirmed_at)"
    with app.app_context(), db.engine.begin() as connection:
        connection.execute(text(f"{made} VALUES (:key, :person, now(), now(), now())"), key)
    try:
        client = app.test_client()
        with client.session_transaction() as session:
            session.update({"_user_id": token, "_fresh": True})
        yield client
    finally:
        with app.app_context(), db.engine.begin() as connection:
            connection.execute(text("DELETE FROM web_session WHERE token_hash = :key"), key)


def told(ask: Callable[[], TestResponse]) -> Iterator[str]:
    """The lines of all tables about one page."""
    body = ask().get_data()
    taken = []
    for _round in range(ROUNDS):
        began = time.process_time()
        ask()
        taken.append((time.process_time() - began) * 1000)
    yield f"{statistics.median(taken):8.1f} ms of processor time, median of {ROUNDS}"
    yield f"{len(body):8,} bytes, {len(gzip.compress(body, 6)):,} gzipped"
    asked = statements(ask)
    yield f"\n{len(asked)} statements, {sum(ms for ms, _said in asked):.1f} ms with the way there and back"
    yield from (f"{ms:8.2f} ms  {' '.join(said.split())[:WIDTH]}" for ms, said in asked)
    profile = cProfile.Profile()
    profile.enable()
    for _round in range(ROUNDS):
        ask()
    profile.disable()
    yield from shares(pstats.Stats(profile))


def statements(ask: Callable[[], object]) -> list[Timed]:
    """What the page asks the database: milliseconds and text of each statement."""
    asked: list[Timed] = []
    began = 0.0

    def before(*_: object) -> None:
        nonlocal began
        began = time.perf_counter()

    def after(_connection: object, _cursor: object, said: str, *_: object) -> None:
        asked.append(((time.perf_counter() - began) * 1000, said))

    event.listen(Engine, "before_cursor_execute", before)
    event.listen(Engine, "after_cursor_execute", after)
    try:
        ask()
    finally:
        event.remove(Engine, "before_cursor_execute", before)
        event.remove(Engine, "after_cursor_execute", after)
    return asked


def shares(profile: pstats.Stats) -> Iterator[str]:
    """How the profiled time is shared out: by part, and by template with all that each one calls."""
    parts: dict[str, float] = defaultdict(float)
    templates: dict[str, float] = {}
    functions: dict[tuple[str, int, str], tuple[int, int, float, float, Any]] = profile.stats  # type: ignore[attr-defined]
    for (file, _line, name), (_calls, _all_calls, own, whole, _callers) in functions.items():
        parts[next((part for part, sign in PARTS if sign in file), "the rest of Python")] += own
        if "/templates/" in file and name == "root":
            templates[file.partition("/templates/")[2]] = whole
    total = sum(parts.values())
    yield "\nShare of the profiled time, by part"
    yield from (f"{own / total:8.0%}  {part}" for part, own in sorted(parts.items(), key=lambda one: -one[1]))
    yield "\nShare by template, with all that it includes and calls"
    ordered = sorted(templates.items(), key=lambda one: -one[1])
    yield from (f"{whole / total:8.0%}  {name}" for name, whole in ordered)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
