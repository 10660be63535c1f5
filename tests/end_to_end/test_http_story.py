"""One micro-internship from posted to paid, by the forms found on the pages, with and without htmx."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.end_to_end.people import Story
from tests.end_to_end.steps import STEPS, tell
from tests.support.application import Built, Worker
from tests.support.postgres import TestDatabase, recreate
from webapp.ledger import queries as ledger_queries

# What the spine of the one internship went through, in order.
SPINE = [
    ("create", None, "posted"),
    ("match", "posted", "matched"),
    ("start", "matched", "in_progress"),
    ("submit", "in_progress", "submitted"),
    ("request_changes", "submitted", "in_progress"),
    ("submit", "in_progress", "submitted"),
    ("review", "submitted", "reviewed"),
    ("settle", "reviewed", "paid"),
]


@pytest.mark.point(10)
@pytest.mark.point(27)
@pytest.mark.move("posting.publish")
@pytest.mark.move("application.send")
@pytest.mark.move("application.accept")
@pytest.mark.move("internship.settle")
@pytest.mark.move("funding.settle")
def test_with_and_without_htmx_the_way_leads_to_the_same_history_and_the_same_ledger(
    app: Flask,
    worker: Worker,
    _blank: Built,  # noqa: PT019
    worker_database: TestDatabase,
    blank_template: str,
    _admin: Any,  # noqa: PT019
) -> None:
    plain = Story(app, worker, htmx=False)
    tell(plain)
    history, ledger = plain.history(), plain.ledger()
    assert all(walker.swaps == 0 for walker in plain.people.values())
    assert [
        (move, before, after)
        for _, _, _, kind, move, before, after in history
        if kind == "internship" and (before or after)
    ] == SPINE
    assert _standing(plain) == {"asset:bank:USD": 3_000, "inc:platform_fee:USD": 3_000}

    _blank.dispose()
    recreate(_admin, worker_database.name, blank_template)
    quick = Story(app, worker, htmx=True)
    tell(quick)
    assert sum(walker.swaps for walker in quick.people.values()) > len(STEPS)
    assert quick.history() == history
    assert quick.ledger() == ledger


def _standing(story: Story) -> dict[str, int]:
    """Every account on which something is left."""
    balances = story.read(ledger_queries.trial_balances)
    return {row.code: row.balance for book in balances for row in book.rows if row.balance}
