"""Statements: what each list page asks the database at 4, 40 and 400 rows. `make bench ARGS=statements` prints them.

Not in the file of figures: these are counts, and tests/architecture/test_statements.py holds them.
"""

from __future__ import annotations

from pathlib import Path

from tests.architecture.test_statements import PAGES
from tests.support import simulator
from tests.support.lists import Lists
from webapp.app import create_app
from webapp.core.config import Settings
from webapp.core.database.base import db

SIZES = (4, 40, 400)
NOTE = """What grows at 400 rows reads whole, related rows in batches of 500 ids: files (`view=csv`), and of a home what may be
the reader's own step. Everything else is read a page at a time."""


def table(app_url: str, owner_url: str, state_dir: Path) -> list[str]:
    """The lines of the table, over an empty database."""
    environment = {
        "STINT_ENV": "test",
        "DATABASE_URL": app_url,
        "DATABASE_OWNER_URL": owner_url,
        "STATE_DIR": str(state_dir),
        "SECRET_KEY": "a key for benchmarks only, of more than thirty-two characters",
        "STRIPE_SECRET_KEY": simulator.KEY,
        "STRIPE_API_BASE": "http://127.0.0.1:9",
        "STRIPE_WEBHOOK_SECRET": simulator.SECRETS["platform"],
        "STRIPE_CONNECT_WEBHOOK_SECRET": simulator.SECRETS["connected"],
        "STRIPE_THIN_WEBHOOK_SECRET": simulator.SECRETS["thin"],
    }
    app = create_app(Settings.from_environment(environment))
    lines = _lines(Lists(app))
    app.extensions["stream"].rest()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return lines


def _lines(lists: Lists) -> list[str]:
    found: dict[tuple[str, str], list[int]] = {page: [] for page in PAGES}
    for rows in SIZES:
        lists.grow(rows)
        for page in PAGES:
            found[page].append(len(lists.cost(*page)))
        print(
            f"{rows:,} rows: {sum(counts[-1] for counts in found.values()):,} statements on all pages",
            flush=True,
        )
    head = f"{'role':10} {'page':48}" + "".join(f"{rows:>7,}" for rows in SIZES)
    return [
        head,
        *(f"{role:10} {path:48}" + "".join(f"{one:7}" for one in found[role, path]) for role, path in PAGES),
        NOTE,
    ]
