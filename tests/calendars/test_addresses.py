"""The secret address: who gets one, what it says, and when it stops working."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.calendars.reading import answer_at, entries_at, made_address, shown_address
from tests.dashboards.test_today import counted
from tests.support import people as cast
from tests.support.teams import Team
from webapp.accounts.models import Person
from webapp.calendars import policy as calendar_policy
from webapp.calendars.models import CalendarFeed
from webapp.core import config
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.security.rate_limits import Limit


def test_the_settings_lead_to_a_page_that_says_what_the_address_gives_away(team: Team) -> None:
    browser = team.who(team.intern)
    assert 'href="/settings/calendar"' in browser.get("/settings").get_data(as_text=True)
    page = cast.visible_text(browser.get("/settings/calendar"))
    assert "titles and dates only" in page
    assert "Anyone with the address can read these dates" in page
    assert "less than once a day" in page
    assert "You don't have an address right now" in page
    assert "Create a new address" not in page


def test_the_address_is_absolute_and_holds_nothing_that_can_be_guessed(app: Flask, team: Team) -> None:
    address = made_address(app, team.intern)
    with app.app_context():
        start = re.escape(config.current().base_url)
        secret = db.session.get_one(CalendarFeed, team.intern).secret
    assert re.fullmatch(rf"{start}/calendars/{team.intern}/[0-9a-f]{{64}}\.ics", address)
    assert secret.hex() not in address
    assert made_address(app, team.owner).rsplit("/", 1)[1] != address.rsplit("/", 1)[1]


def test_before_it_is_made_anew_the_page_says_that_the_old_one_stops_working(team: Team) -> None:
    made_address(team.app, team.intern)
    page = cast.visible_text(team.who(team.intern).get("/settings/calendar"))
    assert page.index("stops working immediately") < page.rindex("Create a new address")


@pytest.mark.parametrize("htmx", [False, True])
def test_a_new_address_kills_the_old_one(app: Flask, team: Team, htmx: bool) -> None:
    old = made_address(app, team.intern)
    browser = team.who(team.intern)
    answer = browser.send("/settings/calendar/address", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    new = shown_address(browser)
    assert new != old
    if htmx:
        assert new in answer.get_data(as_text=True)
    assert answer_at(app, old).status_code == 404
    assert answer_at(app, new).status_code == 200


@pytest.mark.parametrize("htmx", [False, True])
def test_a_removed_address_is_not_there_any_more(app: Flask, team: Team, htmx: bool) -> None:
    address = made_address(app, team.intern)
    browser = team.who(team.intern)
    answer = browser.send("/settings/calendar/address/removal", htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert answer_at(app, address).status_code == 404
    assert "You don't have an address right now" in cast.visible_text(browser.get("/settings/calendar"))
    with app.app_context():
        assert db.session.get(CalendarFeed, team.intern) is None
    # Once more changes nothing and is no error.
    assert browser.send("/settings/calendar/address/removal").status_code == 303


def test_the_history_of_the_account_says_when_an_address_was_made_and_removed(app: Flask, team: Team) -> None:
    browser = team.who(team.intern)
    for path in ("address", "address", "address/removal", "address/removal"):
        browser.send(f"/settings/calendar/{path}")
    with app.app_context(), unit_of_work():
        entries = history.of_root("account", team.intern)
        assert [(entry.move, entry.actor_id) for entry in entries] == [
            ("calendar_address", team.intern),
            ("calendar_address", team.intern),
            ("calendar_removed", team.intern),
        ]
        assert history.broken_entries([db.session.get_one(Person, team.intern)]) == []
        operator = cast.person(operator=True).id
    page = cast.visible_text(cast.signed_in(app, operator).get(f"/people/{team.intern}/history"))
    assert "removed the secret address for their calendar" in page


def test_the_same_form_sent_twice_makes_one_address(team: Team) -> None:
    browser, op = team.who(team.intern), "0b2f7e0c-32b6-4f3c-8d52-1f0f5d6f7a11"
    browser.send("/settings/calendar/address", operation_id=op)
    first = shown_address(browser)
    browser.send("/settings/calendar/address", operation_id=op)
    assert shown_address(browser) == first


@pytest.mark.abuse(1)
def test_a_wrong_address_is_not_there(app: Flask, team: Team) -> None:
    address, other = made_address(app, team.intern), made_address(app, team.owner)
    token, others = address.rsplit("/", 1)[1][:-4], other.rsplit("/", 1)[1][:-4]
    start = f"/calendars/{team.intern}"
    for path in (
        f"{start}/{others}.ics",
        f"{start}/{token.upper()}.ics",
        f"{start}/{token[:-1]}.ics",
        f"{start}/{token}0.ics",
        f"{start}/{token}",
        f"{start}/.ics",
        f"{start}/không.ics",
        f"{start}/{'0' * 64}.ics",
        f"/calendars/{team.reviewer}/{token}.ics",
        f"/calendars/0/{token}.ics",
        f"/calendars/{10**30}/{token}.ics",
    ):
        assert answer_at(app, path).status_code == 404, path
    assert app.test_client().post(f"{start}/{token}.ics").status_code in (400, 405)


def test_a_closed_account_has_no_calendar(app: Flask, team: Team) -> None:
    address = made_address(app, team.intern)
    with app.app_context(), unit_of_work():
        db.session.get_one(Person, team.intern).deactivated_at = datetime.now(UTC)
    assert answer_at(app, address).status_code == 404


def test_reading_looks_at_no_session_and_makes_none(app: Flask, team: Team) -> None:
    address = made_address(app, team.intern)
    browser = team.who(team.outsider)
    with counted(app) as statements:
        answer = browser.get(address)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert not [statement for statement in statements if "web_session" in statement]
    assert "private" in answer.headers["Cache-Control"]
    assert "public" not in answer.headers["Cache-Control"]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_what_has_not_changed_is_not_sent_again(app: Flask, team: Team) -> None:
    address = made_address(app, team.intern)
    first = answer_at(app, address)
    mark = first.headers["ETag"]
    assert mark.startswith('"')
    again = answer_at(app, address, **{"If-None-Match": mark})
    assert (again.status_code, again.data) == (304, b"")
    with app.app_context(), unit_of_work():
        db.session.get_one(Person, team.intern).locale = "vi"
        db.session.execute(db.text("UPDATE task SET title = 'Another', due_on = current_date WHERE id = 1"))
    assert answer_at(app, address, **{"If-None-Match": mark}).status_code == 200


def test_who_reads_too_often_waits_and_strangers_cannot_use_that_up(
    app: Flask, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_policy, "CALENDARS", Limit("calendars", 2, timedelta(hours=1)))
    monkeypatch.setattr(calendar_policy, "GUESSES", Limit("guessed_calendars", 3, timedelta(hours=1)))
    address, other = made_address(app, team.intern), made_address(app, team.owner)
    wrong = f"/calendars/{team.intern}/{'0' * 64}.ics"
    assert [answer_at(app, wrong).status_code for _time in range(4)] == [404, 404, 404, 429]
    assert [answer_at(app, address).status_code for _time in range(2)] == [200, 200]
    refused = answer_at(app, address)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert entries_at(app, other)
