"""New passwords, settings, and the switches in the head of every page."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.accounts.people import PASSWORD, knows, link_in, mails, person_with, planted, sign_in, visitor
from tests.support import people as cast
from webapp.accounts import policy as account_policy
from webapp.accounts.models import MailToken, Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.security import passwords, tokens


def test_a_forgotten_password_is_set_anew_once_and_ends_every_session(app: Flask) -> None:
    email = planted(app)
    signed_in, asking = visitor(app), visitor(app)
    sign_in(signed_in, email)
    assert asking.send("/resets", email=email).location == "/resets/sent"
    link = link_in(mails(app)[0][2])
    assert "Set a new password" in cast.visible_text(asking.get(link))
    assert asking.send(link, new_password="short").status_code == 422
    assert asking.send(link, new_password=PASSWORD).location == "/sign-in"
    assert not knows(signed_in)
    assert sign_in(visitor(app), email).status_code == 422, "the old password is dead"
    assert sign_in(visitor(app), email, PASSWORD).status_code == 303
    assert asking.get(link).status_code == 410
    assert asking.send(link, new_password="another fine password").status_code == 410
    assert mails(app)[-1][1] == "Your password at Stint was changed"


def test_a_reset_link_dies_after_an_hour(app: Flask) -> None:
    email = planted(app)
    browser = visitor(app)
    browser.send("/resets", email=email)
    with app.app_context(), unit_of_work():
        db.session.execute(update(MailToken).values(expires_at=MailToken.expires_at - timedelta(hours=1)))
    assert browser.get(link_in(mails(app)[0][2])).status_code == 410


def test_only_the_hash_of_a_mailed_link_is_stored(app: Flask) -> None:
    email = planted(app)
    visitor(app).send("/resets", email=email)
    token = link_in(mails(app)[0][2]).rsplit("/", 1)[1]
    with app.app_context():
        stored = db.session.scalars(select(MailToken)).one()
        assert bytes(stored.token_hash) == tokens.token_hash(token)


@pytest.mark.abuse(29)
def test_a_reset_for_an_unknown_address_looks_the_same_and_mails_nobody(app: Flask) -> None:
    known = planted(app)
    answers = {
        (answer.status_code, answer.location, answer.get_data())
        for answer in (visitor(app).send("/resets", email=email) for email in (known, "nobody@example.org"))
    }
    assert len(answers) == 1
    assert [address for address, _subject, _text in mails(app)] == [known]


@pytest.mark.abuse(30)
def test_the_sixth_reset_a_day_is_refused_for_known_and_unknown_alike(app: Flask) -> None:
    known = planted(app)
    for email in (known, "nobody@example.org"):
        for _try in range(account_policy.RESET.limit):
            assert visitor(app).send("/resets", email=email).status_code == 303
        assert visitor(app).send("/resets", email=email).status_code == 429


def test_a_password_is_changed_by_who_knows_it_and_other_browsers_are_signed_out(app: Flask) -> None:
    email = planted(app)
    current, there = visitor(app), visitor(app)
    sign_in(current, email)
    sign_in(there, email)
    wrong = current.send("/settings/password", current_password="certainly not this", new_password=PASSWORD)
    assert wrong.status_code == 422
    assert "That isn't your current password." in cast.visible_text(wrong)
    weak = current.send("/settings/password", current_password=cast.PASSWORD, new_password="1234567890")
    assert weak.status_code == 422
    good = current.send("/settings/password", current_password=cast.PASSWORD, new_password=PASSWORD)
    assert good.location == "/settings"
    assert knows(current)
    assert not knows(there)


def test_settings_are_kept_and_count_at_once(app: Flask) -> None:
    email = planted(app, name="Mai Trần")
    browser = visitor(app)
    sign_in(browser, email)
    saved = browser.send(
        "/settings",
        full_name="Trần Thị Mai",
        preferred_name="Mai",
        locale="vi",
        zone="Asia/Bangkok",
        theme="dark",
    )
    assert saved.status_code == 303
    page = browser.get("/settings").get_data(as_text=True)
    assert 'lang="vi"' in page
    assert 'data-theme="dark"' in page
    person = person_with(app, email)
    assert person is not None
    assert (person.full_name, person.zone) == ("Trần Thị Mai", "Asia/Bangkok")
    refused = browser.send(
        "/settings", full_name="", preferred_name="Mai", locale="xx", zone="Asia/Bangkok", theme="pink"
    )
    assert refused.status_code == 422


@pytest.mark.parametrize("signed_in", [True, False])
def test_the_switches_of_language_and_colours_work_signed_in_and_not(app: Flask, signed_in: bool) -> None:
    email = planted(app)
    browser = visitor(app)
    if signed_in:
        sign_in(browser, email)
    assert browser.send("/language", language="vi", next="/resets").location == "/resets"
    assert browser.send("/theme", theme="dark", next="https://evil.example").location == "/"
    page = browser.get("/resets").get_data(as_text=True)
    assert 'lang="vi"' in page
    assert 'data-theme="dark"' in page
    assert browser.send("/language", language="xx").status_code == 400
    person = person_with(app, email)
    assert person is not None
    assert (person.locale, person.theme) == (("vi", "dark") if signed_in else ("en", "auto"))
    browser.send("/theme", theme="dark")  # once more is no change
    with app.app_context():
        settings = [entry for entry in history.of_root("account", person.id) if entry.move == "settings"]
        assert [(entry.actor_id, entry.params["changed"]) for entry in settings] == (
            [(person.id, {"locale": ["en", "vi"]}), (person.id, {"theme": ["auto", "dark"]})]
            if signed_in
            else []
        )


def test_a_hash_of_weaker_parameters_is_made_anew_at_sign_in(app: Flask) -> None:
    from argon2 import PasswordHasher

    with app.app_context(), unit_of_work():
        person = cast.person()
        person.password_hash = PasswordHasher(time_cost=1, memory_cost=16, parallelism=2).hash(cast.PASSWORD)
        email, weak = person.email, person.password_hash
    assert sign_in(visitor(app), email).status_code == 303
    changed = person_with(app, email)
    assert changed is not None
    assert changed.password_hash != weak
    assert sign_in(visitor(app), email).status_code == 303


def test_the_same_letters_typed_by_another_keyboard_are_the_same_password(app: Flask) -> None:
    composed, apart = "một con trâu béo", "một con trâu béo"
    with app.app_context(), unit_of_work():
        email = cast.person().email
        person = db.session.scalars(select(Person).where(Person.email == email)).one()
        person.password_hash = passwords.hash_password(composed)
    assert sign_in(visitor(app), email, apart).status_code == 303


def test_real_hashes_cost_what_the_paper_asks(app: Flask) -> None:
    parameters = passwords._hasher("production")
    assert parameters.memory_cost >= 19 * 1024
    assert parameters.time_cost >= 2
    assert parameters.type.name == "ID"
