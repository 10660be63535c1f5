"""Telling people: once, in their inbox and by mail, in their own language."""

from __future__ import annotations

import re
import string
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from tests.accounts.people import mails as delivered
from tests.accounts.people import visitor
from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.pages import PAGE
from webapp.core.database.transactions import unit_of_work
from webapp.core.mail.sending import Mail
from webapp.core.money.amounts import Money
from webapp.core.slice import Slices
from webapp.notifications.actions import tell, tell_all
from webapp.notifications.models import Notice
from webapp.slices import SLICES

CODES = [(code, words) for code, words in Slices(SLICES).notices.items()]


def notified(app: Flask, *, times: int = 1, path: str = "/settings") -> tuple[int, str]:
    """Somebody who was told that they got a role; their id and address."""
    with app.app_context(), unit_of_work():
        person = cast.person("Mai Trần")
        for _time in range(times):
            tell(person, "role_given", key="role:1", path=path, by="Linh", organisation="Saigon <b>Roasters")
        return person.id, person.email


def test_a_notice_is_told_once_in_the_inbox_and_by_mail(app: Flask) -> None:
    person, email = notified(app, times=3)
    browser = cast.signed_in(app, person)
    page = browser.get("/inbox")
    assert cast.visible_text(page).count("Linh gave you a role") == 1
    assert "Saigon &lt;b&gt;Roasters" in page.get_data(as_text=True)
    assert "Inbox (1)" in cast.visible_text(page)
    ((to, subject, text),) = delivered(app)
    assert to == email
    assert subject == "You are now part of Saigon <b>Roasters"
    assert re.search(r"http://localhost:\d+/settings", text)
    with app.app_context():
        assert "Saigon &lt;b&gt;Roasters" in (db.session.scalars(select(Mail.html)).one() or "")


@pytest.mark.parametrize(("notices", "older"), [(PAGE, False), (PAGE + 1, True)])
def test_an_inbox_leads_on_only_where_there_is_more(app: Flask, notices: int, older: bool) -> None:
    with app.app_context(), unit_of_work():
        person = cast.person("Mai Trần")
        for number in range(notices):
            tell(
                person,
                "role_given",
                key=f"role:{number}",
                path="/settings",
                by=f"Linh{number}",
                organisation="X",
            )
        person_id = person.id
    browser = cast.signed_in(app, person_id)
    page = browser.get("/inbox").get_data(as_text=True)
    link = re.search(r'href="(/inbox\?before=[0-9]+)"', page)
    assert (link is not None) == older
    if link is not None:
        rest = cast.visible_text(browser.get(link[1]))
        assert rest.count("gave you a role") == 1
        assert "Linh0 gave you a role" in rest


def test_reading_and_opening_notices(app: Flask) -> None:
    person, _email = notified(app)
    browser = cast.signed_in(app, person)
    with app.app_context():
        notice = db.session.scalars(select(Notice.id)).one()
    assert browser.send(f"/inbox/{notice}/visit").location == "/settings"
    assert "Inbox (1)" not in cast.visible_text(browser.get("/inbox"))
    assert browser.send(f"/inbox/{notice}/reading", htmx=True).status_code == 200
    assert browser.send("/inbox/reading").status_code == 303


def test_somebody_elses_notice_is_not_there(app: Flask) -> None:
    notified(app)
    with app.app_context(), unit_of_work():
        notice, other = db.session.scalars(select(Notice.id)).one(), cast.person().id
    browser = cast.signed_in(app, other)
    assert browser.send(f"/inbox/{notice}/reading").status_code == 404
    assert browser.send(f"/inbox/{notice}/visit").status_code == 404
    assert "Nothing here yet" in cast.visible_text(browser.get("/inbox"))
    assert visitor(app).get("/inbox").location == "/sign-in"


def test_deactivated_people_get_no_mail(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        person = cast.person()
        person.deactivated_at = person.confirmed_at
        tell(person, "role_given", key="role:1", path="/home", by="Linh", organisation="X")
    assert delivered(app) == []


def test_everybody_in_a_list_is_told_once(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        one, two = cast.person(), cast.person()
        tell_all([one, two, one], "role_given", key="role:1", path="/home", by="Linh", organisation="X")
    assert len(delivered(app)) == 2


def test_an_unknown_code_a_missing_word_and_a_foreign_path_fail_where_they_are_told(app: Flask) -> None:
    with app.app_context():
        person = cast.person()
        with pytest.raises(LookupError):
            tell(person, "no_such_code", key="a", path="/home")
        with pytest.raises(LookupError):
            tell(person, "role_given", key="a", path="/home", by="Linh")
        with pytest.raises(ValueError, match="page of ours"):
            tell(person, "role_given", key="a", path="https://evil.example", by="Linh", organisation="X")


def test_parameters_are_written_as_the_reader_writes_them(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.extensions["slices"].notices, "sample", ("%(when)s", "%(day)s %(sum)s"))
    with app.app_context(), unit_of_work():
        person = cast.person(locale="vi", zone="Asia/Bangkok")
        tell(
            person,
            "sample",
            key="a",
            path="/home",
            when=datetime(2026, 11, 27, 18, 0, tzinfo=UTC),
            day=date(2026, 11, 30),
            sum=Money(4_500_000, "VND"),
        )
        reader = person.id
    page = cast.visible_text(cast.signed_in(app, reader).get("/inbox"))
    assert "28/11/2026 01:00" in page
    assert "30/11/2026 4.500.000" in page


def test_codes_are_unique_and_their_placeholders_are_named() -> None:
    names = [code for code, _words in CODES]
    assert len(names) == len(set(names))
    for code, words in CODES:
        for sentence in words:
            assert not list(string.Formatter().parse(re.sub(r"%\(\w+\)s", "", str(sentence))))[1:], code
            assert "%" not in re.sub(r"%\(\w+\)s|%%", "", str(sentence)), code


def test_a_message_with_line_ends_in_a_name_has_a_subject_of_one_line(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        person = cast.person()
        tell(person, "role_given", key="a", path="/home", by="x", organisation="A\r\nBcc: b@example.org")
    ((_to, subject, _text),) = delivered(app)
    assert subject == "You are now part of A Bcc: b@example.org"
