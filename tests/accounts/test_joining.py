"""Joining: an account waits for its address, and nobody learns which addresses are known."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from tests.accounts.people import (
    PASSWORD,
    knows,
    link_in,
    mails,
    newcomer,
    person_with,
    planted,
    sign_in,
    visitor,
)
from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.security import rate_limits
from webapp.core.security.rate_limits import RateLimit


def test_an_intern_joins_confirms_and_signs_in(app: Flask) -> None:
    browser = visitor(app)
    sent = browser.send("/join/intern", **newcomer())
    assert sent.status_code == 303
    assert "Check your inbox" in cast.visible_text(browser.get(sent.location))

    ((address, subject, text),) = mails(app)
    assert (address, subject) == ("lan@example.org", "Confirm your address for Stint")
    page = browser.get(link_in(text))
    assert "Yes, this account is mine" in cast.visible_text(page)
    refreshed = person_with(app, "lan@example.org")
    assert refreshed is not None
    assert refreshed.confirmed_at is None, "opening the link must not confirm: mail scanners open links"

    refused = browser.send(link_in(text), password="somebody else's password")
    assert refused.status_code == 422, "who opened the account with this address must know its password"
    assert browser.send(link_in(text), password=PASSWORD).location == "/sign-in"
    person = person_with(app, "lan@example.org")
    assert person is not None
    assert person.confirmed_at is not None
    assert person.is_intern
    assert (person.zone, person.country) == ("Asia/Bangkok", "VN")
    assert sign_in(browser, "lan@example.org", PASSWORD).status_code == 303
    assert knows(browser)


def test_a_confirmation_link_works_once(app: Flask) -> None:
    browser = visitor(app)
    browser.send("/join/intern", **newcomer())
    link = link_in(mails(app)[0][2])
    assert browser.send(link, password=PASSWORD).status_code == 303
    assert browser.send(link, password=PASSWORD).status_code == 410
    assert browser.get(link).status_code == 410


def test_a_good_confirmation_uses_up_no_try_to_sign_in(app: Flask) -> None:
    browser = visitor(app)
    browser.send("/join/intern", **newcomer())
    link = link_in(mails(app)[0][2])
    assert browser.send(link, password="somebody else's password").status_code == 422
    assert browser.send(link, password=PASSWORD).status_code == 303
    with app.app_context():
        bucket = rate_limits.bucket_of(rate_limits.SIGN_IN_BY_ACCOUNT, "lan@example.org")
        counted = db.session.scalars(select(RateLimit.count).where(RateLimit.bucket == bucket)).one()
    assert counted == 1, "only the wrong password"


@pytest.mark.abuse(29)
def test_signing_up_with_a_known_address_shows_the_same_and_mails_its_owner(app: Flask) -> None:
    known = planted(app, name="Mai Trần")
    first_visit, other = visitor(app), visitor(app)
    answers = [
        first_visit.send("/join/intern", **newcomer(known)),
        other.send("/join/intern", **newcomer("new@example.org")),
    ]
    assert len({(a.status_code, a.location, a.get_data()) for a in answers}) == 1
    subjects = {address: subject for address, subject, _text in mails(app)}
    assert subjects == {
        known: "You already have an account at Stint",
        "new@example.org": "Confirm your address for Stint",
    }
    person = person_with(app, known)
    assert person is not None
    assert person.full_name == "Mai Trần"
    assert sign_in(visitor(app), known).status_code == 303, "the old password still counts"


def test_signing_up_again_before_confirming_makes_the_first_link_dead(app: Flask) -> None:
    browser = visitor(app)
    browser.send("/join/intern", **newcomer(full_name="Somebody Else"))
    browser.send("/join/intern", **newcomer())
    first, second = (link_in(text) for _to, _subject, text in mails(app))
    assert browser.get(first).status_code == 410
    assert "Nguyễn Thị Lan" in browser.get(second).get_data(as_text=True)


def test_who_signs_in_before_confirming_gets_the_link_again(app: Flask) -> None:
    browser = visitor(app)
    browser.send("/join/intern", **newcomer())
    answer = sign_in(browser, "lan@example.org", PASSWORD)
    assert answer.location == "/join/sent"
    assert not knows(browser)
    assert len(mails(app)) == 2


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("password", "short"),
        ("password", "password1234"),
        ("password", "lan@example.org"),
        ("password", "aaaaaaaaaaaaa"),
        ("password", "x" * 5000),
        ("email", "no address"),
        ("email", "a@b"),
        ("email", "lan@example.org\r\nBcc: all@example.org"),
        ("email", "lan@exa\x00mple.org"),
        ("email", "a" * 250 + "@example.org"),
        ("full_name", ""),
        ("full_name", "x" * 500),
        ("full_name", "bad \x00 name"),
        ("country", ""),
        ("country", "XX"),
        ("locale", "de"),
        ("zone", "Mars/Olympus"),
    ],
)
@pytest.mark.abuse(33)
def test_what_cannot_be_is_refused_at_its_field_and_nothing_is_kept(
    app: Flask, field: str, value: str
) -> None:
    answer = visitor(app).send("/join/intern", **newcomer(**{field: value}))
    assert answer.status_code in (400, 422)
    assert person_with(app, "lan@example.org") is None
    assert mails(app) == []


@pytest.mark.abuse(33)
def test_a_name_with_line_ends_becomes_one_line_and_no_header(app: Flask) -> None:
    visitor(app).send("/join/intern", **newcomer(preferred_name="Lan\r\nBcc: all@example.org"))
    ((address, subject, text),) = mails(app)
    assert address == "lan@example.org"
    assert "\n" not in subject
    assert "Hello Lan Bcc: all@example.org," in text


def test_what_was_typed_stays_but_the_password_does_not(app: Flask) -> None:
    answer = visitor(app).send("/join/intern", **newcomer(country=""))
    page = answer.get_data(as_text=True)
    assert "Nguyễn Thị Lan" in page
    assert PASSWORD not in page
    assert "There is a problem" in page


def test_mails_are_written_in_the_readers_language(app: Flask) -> None:
    visitor(app).send("/join/intern", **newcomer(locale="vi"))
    person = person_with(app, "lan@example.org")
    assert person is not None
    assert person.locale == "vi"
    assert len(mails(app)) == 1


def test_a_form_whose_session_ended_comes_back_with_what_was_typed(app: Flask) -> None:
    browser = visitor(app)
    data = {**newcomer(), "csrf_token": "from.another.session"}
    answer = browser.client.post(
        "/join/intern", data=data, headers={"Referer": "http://localhost/join/intern"}
    )
    assert answer.location == "/join/intern"
    page = browser.get("/join/intern").get_data(as_text=True)
    assert "Nguyễn Thị Lan" in page
    assert PASSWORD not in page
    elsewhere = browser.client.post(
        "/join/intern", data=data, headers={"Referer": "http://localhost//evil.example/"}
    )
    assert elsewhere.location is None
