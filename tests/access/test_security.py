"""What an outside reviewer broke: each of these was possible once."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from psycopg import errors as pg
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from tests.accounts.people import planted, sign_in, visitor
from tests.endings.test_endings import Matched
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.applications.models import Application
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.security import rate_limits
from webapp.core.security.sessions import WebSession
from webapp.core.web.form_rescue import SavedForm
from webapp.endings import actions as ending_actions
from webapp.internships.models import Internship
from webapp.payouts.models import Payout
from webapp.postings.models import Posting

SETTINGS = {"Referer": "http://localhost/settings"}

SLOW = """
from webapp.core.files import blobs
from webapp.core.security import passwords
from webapp.core.web import preferences
marks = "a" + "\\u0301" * 200_000 + "\\u0323" * 200_000
preferences.PLAIN_PATH.fullmatch("/" + "a" * 900 + "!")
passwords._as_typed(marks)
blobs.clean_filename(marks + ".pdf")
"""


def person_id(app: Flask, email: str) -> int:
    with app.app_context():
        return db.session.scalars(select(Person.id).where(Person.email == email)).one()


def kept_forms(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SavedForm)) or 0


def lose_the_session(app: Flask) -> None:
    """Whoever is signed in has been away for too long."""
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(WebSession).values(ended_at=func.now()))


# Requests that cost too much


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


# Addresses and headers that nobody sends by accident


@pytest.mark.parametrize("number", ["9" * 19, "9" * 25, "9" * 5_000])
@pytest.mark.parametrize("path", ["/postings/%s", "/postings/%s/rehearsal"])
def test_a_number_that_no_row_can_have_names_no_page(app: Flask, path: str, number: str) -> None:
    assert app.test_client().get(path % number).status_code == 404


def test_a_word_of_the_program_is_no_filter_and_no_wish(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/sign-in?next=/postings%3Fendpoint%3Dx").status_code == 200
    with app.app_context(), unit_of_work():
        employer, programme = cast.organisation(), cast.programme()
        for _number in range(21):
            cast.posting(employer, programme)
    for word in ("endpoint", "_scheme", "_external", "_anchor", "_method"):
        answer = client.get(f"/postings?{word}=javascript")
        assert answer.status_code == 200
        assert "javascript:" not in answer.text


@pytest.mark.parametrize("came_from", ["http://[::1", "http://]", "http://localhost:x/settings"])
def test_a_referer_that_is_no_address_is_ignored(app: Flask, came_from: str) -> None:
    browser = visitor(app)
    typed = {"full_name": "Lan", "csrf_token": browser.token()}
    answer = browser.client.post("/settings", data=typed, headers={"Referer": came_from})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_a_field_whose_name_cannot_be_stored_is_not_kept(app: Flask) -> None:
    browser = visitor(app)
    typed = {"a\x00b": "x", "csrf_token": browser.token()}
    assert browser.client.post("/settings", data=typed, headers=SETTINGS).status_code == 303
    assert kept_forms(app) == 0


@pytest.mark.abuse(24)
def test_an_archive_whose_type_cannot_be_read_is_refused_in_words(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        work = cast.internship("in_progress")
        seat, intern = work.id, work.intern_id
    lan = cast.signed_in(app, intern or 0)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    raw = bytearray(file.getvalue())
    raw[6] |= 1  # "encrypted", said at the entry and in the directory
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    sent = {
        "csrf_token": lan.token(),
        "operation_id": str(uuid4()),
        "version": "0",
        "note": "Here it is",
        "links": "",
    }
    answer = lan.client.post(
        f"/internships/{seat}/submission",
        data={**sent, "files": (io.BytesIO(bytes(raw)), "report.odt")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert "Here it is" in answer.text


# What was typed before the session ended


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


# Who learns of whom


def test_the_intern_of_a_seat_does_not_learn_who_had_it_before(app: Flask) -> None:
    world = Matched(app)
    with app.test_request_context(), unit_of_work():
        seat = db.session.get_one(Internship, world.seat)
        ending_actions.unmatch(seat, actor=SYSTEM, reason="sign")
    minh = world.minh
    sent = world.applied(minh)
    assert world.as_(world.owner).send(f"/applications/{sent}/offer", version=1).status_code == 303
    assert world.as_(minh).send(f"/applications/{sent}/acceptance", version=2).status_code == 303
    page = world.as_(minh).get(f"/internships/{world.seat}").text
    assert "was matched" in page
    assert "Lan Nguyễn" not in page
    assert "Lan Nguyễn was matched" in world.as_(world.owner).get(f"/internships/{world.seat}").text


def test_a_rating_is_read_by_the_employers_people_only_and_never_by_whom_it_rates(app: Flask) -> None:
    world = Matched(app)
    sent = world.applied(world.minh)
    with app.test_request_context(), unit_of_work():
        db.session.get_one(Application, sent).rating = 2
        posting = db.session.get_one(Posting, world.posting)
        manager = cast.member(posting.programme, "manager").id
    path = f"/postings/{world.posting}/applications"
    assert "Rated 2 of 5" in world.as_(world.reviewer).get(path).text
    assert "Rated" not in world.as_(manager).get(path).text

    with app.test_request_context(), unit_of_work():
        cast.join(
            db.session.get_one(Posting, world.posting).organisation,
            db.session.get_one(Person, world.minh),
            "reviewer",
        )
    assert "Rated" not in world.as_(world.minh).get(path).text


@pytest.mark.abuse(6)
def test_a_finance_person_who_belongs_to_the_payer_neither_vouches_for_its_money_nor_sends_it_back(
    app: Flask,
) -> None:
    world = Matched(app)
    world.sign(world.lan, world.owner)
    world.begin_payment()
    with app.test_request_context(), unit_of_work():
        posting = db.session.get_one(Posting, world.posting)
        both = cast.member(posting.programme, "finance").id
        cast.join(posting.organisation, db.session.get_one(Person, both), "owner")
        funding, version = world.funding().id, world.funding().version
    receipt: dict[str, Any] = {
        "amount": "380.00",
        "received_on": str(clock.real_now().date()),
        "bank_reference": "BANK 7",
    }
    path = f"/fundings/{funding}/receipts"
    assert world.as_(both).send(path, version=version, **receipt).status_code == 403
    assert world.as_(world.finance).send(path, version=version, **receipt).status_code == 303

    with app.test_request_context(), unit_of_work():
        ending_actions.unmatch(db.session.get_one(Internship, world.seat), actor=SYSTEM, reason="start")
        refund = db.session.scalars(select(Payout).where(Payout.type == "refund")).one()
        back, version = f"/finance/payouts/{refund.id}/approval", refund.version
    assert world.as_(both).send(back, version=version).status_code == 403
    assert world.as_(world.finance).send(back, version=version).status_code == 303
