"""Signing in and out, sessions, limits, and where one lands."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.accounts.people import knows, planted, sign_in, visitor
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.security import passwords, rate_limits, tokens
from webapp.core.security.sessions import WebSession

ELSEWHERE = [
    "https://evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "/\tevil.example",
    "/home\n",
    "/home\r\nSet-Cookie: a=b",
    "/home#https://evil.example",
    " /home",
    "/%2f%2fevil.example",
    "/%5cevil.example",
    "/..//evil.example",
    "/home@evil.example/../",
    "//localhost@evil.example/home",
    "/there-is-no-such-page",
    "/sign-out",
    "/sign-in",
    "data:text/html,x",
    "/home\u2028",
    "/home\x00",
    "x" * 3000,
]


@pytest.mark.abuse(21)
@pytest.mark.abuse(20)
@pytest.mark.parametrize("wish", ELSEWHERE)
@pytest.mark.parametrize("htmx", [False, True])
def test_nobody_is_sent_elsewhere_after_signing_in(app: Flask, wish: str, htmx: bool) -> None:
    email = planted(app)
    answer = sign_in(visitor(app), email, next=wish, htmx=htmx)
    if "\x00" in wish or "\u2028" in wish:
        assert answer.status_code in (204, 303, 422)
    else:
        assert answer.status_code in (204, 303)
    assert answer.headers.get("Location", "/") == "/"
    assert answer.headers.get("HX-Redirect", "/") == "/"


def test_who_came_for_a_page_lands_there(app: Flask) -> None:
    email = planted(app)
    browser = visitor(app)
    assert browser.get("/inbox").location == "/sign-in"
    assert sign_in(browser, email).location == "/inbox"
    assert (
        sign_in(visitor(app), email, next="/people?search=Mai&before=3").location
        == "/people?search=Mai&before=3"
    )
    asked = visitor(app)
    assert 'value="/settings"' in asked.get("/sign-in?next=/settings").get_data(as_text=True)


@pytest.mark.abuse(21)
def test_a_forged_referer_does_not_become_the_way_back(app: Flask) -> None:
    email = planted(app)
    browser = visitor(app)
    browser.client.post(
        "/settings",
        data={"csrf_token": browser.token()},
        headers={"Referer": "http://localhost//evil.example/x"},
    )
    assert sign_in(browser, email).location == "/"


@pytest.mark.abuse(29)
def test_an_unknown_address_and_a_wrong_password_get_the_same_answer(app: Flask) -> None:
    known = planted(app)
    with app.app_context(), unit_of_work():
        gone = cast.person()
        gone.deactivated_at = gone.confirmed_at
        closed = gone.email
    answers = {
        cast.visible_text(sign_in(visitor(app), email, "certainly not this")).replace(email, "ADDRESS")
        for email in (known, closed, "nobody@example.org")
    }
    assert len(answers) == 1
    assert "don't match" in answers.pop()


@pytest.mark.abuse(29)
def test_as_much_is_hashed_for_an_unknown_address_as_for_a_known_one(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = planted(app)
    hashed: list[str] = []
    with app.app_context():
        hasher: Any = passwords._present_hasher()
    verify = type(hasher).verify

    def noted(self: Any, kept: str, typed: str) -> Any:
        hashed.append(kept)
        return verify(self, kept, typed)

    monkeypatch.setattr(type(hasher), "verify", noted)
    for email in (known, "nobody@example.org"):
        sign_in(visitor(app), email, "certainly not this")
    assert len(hashed) == 2
    assert {kept.rsplit("$", 2)[0] for kept in hashed} == {hashed[0].rsplit("$", 2)[0]}, "the same parameters"


@pytest.mark.abuse(30)
def test_the_eleventh_try_is_refused_before_any_hashing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    email = planted(app)
    for _try in range(rate_limits.SIGN_IN_BY_ACCOUNT.limit):
        assert sign_in(visitor(app), email, "certainly not this").status_code == 422
    monkeypatch.setattr(passwords, "_in_turn", lambda: pytest.fail("hashed beyond the limit"))
    refused = sign_in(visitor(app), email)
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) > 0


@pytest.mark.abuse(30)
def test_good_sign_ins_do_not_use_up_the_limit(app: Flask) -> None:
    email = planted(app)
    for _try in range(rate_limits.SIGN_IN_BY_ACCOUNT.limit + 3):
        assert sign_in(visitor(app), email).status_code == 303


@pytest.mark.abuse(30)
def test_who_is_signed_in_already_is_not_locked_out_by_somebody_elses_tries(app: Flask) -> None:
    email = planted(app)
    at_home = visitor(app)
    sign_in(at_home, email)
    for _try in range(rate_limits.SIGN_IN_BY_ACCOUNT.limit + 1):
        sign_in(visitor(app), email, "certainly not this")
    assert knows(at_home)


@pytest.mark.abuse(31)
def test_a_copied_cookie_is_dead_after_signing_out(app: Flask) -> None:
    email = planted(app)
    browser, thief = visitor(app), visitor(app)
    sign_in(browser, email)
    with browser.client.session_transaction() as kept:
        copied = dict(kept)
    with thief.client.session_transaction() as kept:
        kept.update(copied)
    assert knows(thief), "the copy works while the session lives"
    answer = browser.send("/sign-out")
    assert answer.status_code == 303
    assert "storage" in answer.headers["Clear-Site-Data"]
    assert not knows(thief)
    assert not knows(browser)


@pytest.mark.abuse(31)
def test_the_cookie_is_another_one_after_signing_in_and_only_its_hash_is_stored(app: Flask) -> None:
    email = planted(app)
    browser = visitor(app)
    browser.get("/sign-in")
    before = browser.client.get_cookie("stint")
    sign_in(browser, email)
    after = browser.client.get_cookie("stint")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    assert after.http_only
    with browser.client.session_transaction() as kept:
        token = kept["_user_id"]
    with app.app_context():
        stored = db.session.scalars(select(WebSession)).one()
        assert bytes(stored.token_hash) == tokens.token_hash(token)


@pytest.mark.abuse(31)
def test_proving_again_renews_the_proof_and_the_cookie(app: Flask) -> None:
    email = planted(app, operator=True)
    with app.app_context(), unit_of_work():
        other = cast.person("Huy Lê").id
    browser = visitor(app)
    sign_in(browser, email)
    with app.app_context(), unit_of_work():
        row = db.session.scalars(select(WebSession)).one()
        row.confirmed_at = row.confirmed_at.replace(year=2020)
    with browser.client.session_transaction() as kept:
        before = kept["_user_id"]
    assert browser.send(f"/people/{other}/operator").location == "/sign-in/again"
    assert browser.send("/sign-in/again", password="certainly not this").status_code == 422
    assert browser.send("/sign-in/again", password=cast.PASSWORD).status_code == 303
    with browser.client.session_transaction() as kept:
        assert kept["_user_id"] != before
    assert browser.send(f"/people/{other}/operator").location == "/people"
    with app.app_context():
        assert db.session.get_one(Person, other).is_operator


@pytest.mark.abuse(17)
def test_a_form_from_elsewhere_signs_nobody_in(app: Flask) -> None:
    email = planted(app)
    browser = visitor(app)
    data = {"email": email, "password": cast.PASSWORD}
    browser.client.post("/sign-in", data=data)
    browser.client.post("/sign-in", data={**data, "csrf_token": "made.up.token"})
    crossing = {**data, "csrf_token": browser.token()}
    assert (
        browser.client.post("/sign-in", data=crossing, headers={"Sec-Fetch-Site": "cross-site"}).status_code
        == 403
    )
    assert not knows(browser)


def test_a_deactivated_person_is_signed_out_everywhere_at_once(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        person, operator = cast.person("Huy Lê"), cast.person(operator=True)
        person_id, operator_id = person.id, operator.id
    victim, boss = cast.signed_in(app, person_id), cast.signed_in(app, operator_id)
    assert boss.send(f"/people/{person_id}/deactivation").status_code == 303
    assert not knows(victim)
    assert boss.send(f"/people/{person_id}/deactivation").status_code == 403
    assert boss.send(f"/people/{person_id}/reactivation").status_code == 303
    assert not knows(victim), "the old session stays dead"


def test_only_operators_see_the_list_of_people(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        person = cast.person("Huy Lê").id
        operator = cast.person(operator=True).id
    nobody = cast.signed_in(app, person)
    assert nobody.get("/people").status_code == 403
    assert nobody.send(f"/people/{operator}/deactivation").status_code == 404
    assert "Huy Lê" in cast.visible_text(cast.signed_in(app, operator).get("/people?search=huy"))
    assert "No one found" in cast.visible_text(cast.signed_in(app, operator).get("/people?search=%25"))
    assert cast.signed_in(app, operator).get("/people?search=%00").status_code == 200, (
        "no text of the database"
    )


def test_the_demo_sign_in_does_not_exist_outside_a_demo(app: Flask) -> None:
    assert visitor(app).send("/sign-in/demo", role="operator").status_code == 404


@pytest.mark.abuse(33)
def test_mails_lead_to_the_configured_address_whatever_host_was_asked(app: Flask) -> None:
    from tests.accounts.people import mails

    email = planted(app)
    browser = visitor(app)
    browser.client.post(
        "/resets", data={"csrf_token": browser.token(), "email": email}, headers={"Host": "evil.example"}
    )
    assert all("evil.example" not in text for _to, _subject, text in mails(app))


def test_a_signed_in_person_gets_a_page_that_says_so_when_the_database_is_down(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sqlalchemy import create_engine

    with app.app_context(), unit_of_work():
        person = cast.person().id
    browser = cast.signed_in(app, person)
    engine = create_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    monkeypatch.setitem(db._app_engines[app], None, engine)
    answers = [browser.get("/settings"), browser.send("/settings", preferred_name="x")]
    for answer in answers:
        assert answer.status_code == 503
        assert "too busy right now" in cast.visible_text(answer)
        assert answer.headers["Retry-After"]
