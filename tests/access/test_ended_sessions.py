"""Sessions that end, and what was typed in them: each broke something once."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from flask import Flask
from psycopg import errors as pg
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.access.kept_forms import SETTINGS, kept_forms
from tests.accounts.people import planted, sign_in, visitor
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.security import rate_limits
from webapp.core.security.sessions import WebSession


def person_id(app: Flask, email: str) -> int:
    with app.app_context():
        return db.session.scalars(select(Person.id).where(Person.email == email)).one()


def lose_the_session(app: Flask) -> None:
    """Whoever is signed in has been away for too long."""
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(WebSession).values(ended_at=func.now()))


def typed_too_late(app: Flask, email: str, full_name: str) -> cast.Browser:
    """A browser in which somebody's session ended while they wrote their settings."""
    browser = visitor(app)
    sign_in(browser, email)
    lose_the_session(app)
    typed = {
        "full_name": full_name,
        "preferred_name": "L",
        "csrf_token": browser.token(),
        "operation_id": str(uuid4()),
    }
    assert browser.client.post("/settings", data=typed, headers=SETTINGS).headers["Location"] == "/sign-in"
    return browser


def test_what_was_typed_comes_back_to_its_writer_until_it_is_saved(app: Flask) -> None:
    email = planted(app, name="Lan Stored")
    browser = typed_too_late(app, email, "Lan Typed")
    sign_in(browser, email)
    assert "Lan Typed" in browser.get("/settings").text

    saved = {"preferred_name": "Lan", "locale": "en", "zone": "UTC", "theme": "auto"}
    answer = browser.client.post(
        "/settings",
        data={**saved, "full_name": "Lan Saved", "csrf_token": browser.token(), "operation_id": str(uuid4())},
        headers=SETTINGS,
    )
    assert answer.status_code == 303
    shown = browser.get("/settings").text
    assert "Lan Saved" in shown
    assert "Lan Typed" not in shown
    assert kept_forms(app) == 0


def test_what_was_typed_is_not_shown_to_the_next_who_signs_in(app: Flask) -> None:
    lan, ben = planted(app, name="Lan"), planted(app, name="Ben")
    browser = typed_too_late(app, lan, "Lan's secret")
    sign_in(browser, ben)
    shown = browser.get("/settings")
    assert shown.status_code == 200
    assert "secret" not in shown.text


@pytest.mark.abuse(31)
def test_signing_in_anew_ends_the_session_that_the_browser_had(app: Flask) -> None:
    email = planted(app)
    browser, thief = visitor(app), visitor(app)
    sign_in(browser, email)
    copied = browser.client.get_cookie("stint")
    assert copied is not None
    thief.client.set_cookie("stint", copied.value)
    assert thief.get("/settings").status_code == 200
    sign_in(browser, email)
    assert browser.get("/settings").status_code == 200
    assert thief.get("/settings").status_code == 303


@pytest.mark.abuse(30)
def test_a_stranger_who_guesses_locks_nobody_out_of_a_device_they_know(app: Flask) -> None:
    email = planted(app)
    browser, other = visitor(app), visitor(app)
    assert sign_in(browser, email).status_code == 303
    browser.send("/sign-out")
    for number in range(rate_limits.SIGN_IN_BY_ACCOUNT.limit):
        there = {"REMOTE_ADDR": f"192.0.2.{number}"}
        typed = {"email": email, "password": "a guess too many", "csrf_token": other.token()}
        assert other.client.post("/sign-in", data=typed, environ_base=there).status_code == 422
    assert sign_in(other, email).status_code == 429
    assert sign_in(browser, email).status_code == 303

    other.client.set_cookie("device", "0" * 64)
    assert sign_in(other, email).status_code == 429


@pytest.mark.abuse(31)
def test_an_idle_browser_of_finance_or_an_operator_is_signed_out_sooner(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        programme = cast.programme()
        soon = [cast.member(programme, "finance").id, cast.person(operator=True).id]
        later = [cast.member(programme, "mentor").id, cast.intern().id]
    browsers = {who: cast.signed_in(app, who) for who in (*soon, *later)}

    def idle_for(minutes: int) -> dict[int, int]:
        with app.app_context(), unit_of_work():
            seen = clock.real_now() - timedelta(minutes=minutes)
            db.session.execute(db.update(WebSession).values(seen_at=seen))
        return {who: browser.get("/settings").status_code for who, browser in browsers.items()}

    assert set(idle_for(29).values()) == {200}
    assert idle_for(31) == {**dict.fromkeys(soon, 303), **dict.fromkeys(later, 200)}


def test_a_form_that_met_a_deadlock_while_its_answer_was_made_is_taken_the_second_time(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = cast.signed_in(app, person_id(app, planted(app, name="Before")))
    view = app.view_functions["accounts.settings"]
    met: list[bool] = []

    def unlucky(**values: object) -> object:
        if not met:
            met.append(True)
            raise OperationalError("", {}, pg.DeadlockDetected())
        return view(**values)

    monkeypatch.setitem(app.view_functions, "accounts.settings", unlucky)
    answer = browser.send(
        "/settings",
        htmx=True,
        full_name="After",
        preferred_name="A",
        locale="en",
        zone="UTC",
        theme="auto",
    )
    assert answer.status_code == 200
    assert met
    monkeypatch.undo()
    assert "After" in browser.get("/settings").text
