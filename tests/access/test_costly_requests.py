"""Requests that cost too much: each was possible once."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from flask import Flask

from tests.access.kept_forms import SETTINGS, kept_forms
from tests.accounts.people import visitor
from webapp.core.database.base import db
from webapp.core.security import rate_limits

SLOW = """
from webapp.core.files import blobs
from webapp.core.security import passwords
from webapp.core.web import preferences
marks = "a" + "\\u0301" * 200_000 + "\\u0323" * 200_000
preferences.PLAIN_PATH.fullmatch("/" + "a" * 900 + "!")
passwords._as_typed(marks)
blobs.clean_filename(marks + ".pdf")
"""


@pytest.mark.abuse(30)
def test_no_short_request_keeps_a_processor_busy_for_long() -> None:
    """The way after signing in, a password and a file's name took exponential or quadratic time."""
    subprocess.run([sys.executable, "-c", SLOW], check=True, timeout=120)


def test_who_is_not_signed_in_cannot_fill_the_disk_with_kept_forms(app: Flask) -> None:
    browser = visitor(app)
    for number in range(rate_limits.SAVED_FORMS.limit + 3):
        typed = {"full_name": str(number), "csrf_token": browser.token()}
        assert browser.client.post("/settings", data=typed, headers=SETTINGS).status_code == 303
    assert kept_forms(app) == rate_limits.SAVED_FORMS.limit


def test_a_name_of_a_field_counts_like_its_value(app: Flask) -> None:
    browser = visitor(app)
    browser.client.post(
        "/settings", data={"a" * 100_000: "", "csrf_token": browser.token()}, headers=SETTINGS
    )
    assert kept_forms(app) == 0


def test_when_every_connection_is_taken_people_are_asked_to_wait(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context():
        pool = db.engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.1)
    taken: list[Any] = []
    try:
        while len(taken) < pool._max_overflow + pool.size():  # type: ignore[attr-defined]
            taken.append(pool.connect())
        answer = app.test_client().get("/postings")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"]
    finally:
        for connection in taken:
            connection.close()
