"""The start page, the menu by role, and the pages for those who develop."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask

from tests.accounts.people import knows, newcomer, visitor
from tests.accounts.people import mails as delivered
from tests.support import people as cast
from webapp.core.database.transactions import unit_of_work


def menu(browser: cast.Browser, path: str = "/home") -> str:
    page = browser.get(path).get_data(as_text=True)
    return " ".join(page.split('<nav class="site-nav"')[1].split("</nav>")[0].split())


def test_a_visitor_is_received_and_a_member_goes_to_today(app: Flask) -> None:
    page = cast.visible_text(visitor(app).get("/"))
    assert "Short, paid work that counts" in page
    assert "Join" in page
    with app.app_context(), unit_of_work():
        person = cast.person("Mai Trần").id
    assert cast.signed_in(app, person).get("/").location == "/home"
    assert "Hello, Mai" in cast.visible_text(cast.signed_in(app, person).get("/home"))


def test_a_person_with_two_roles_switches_and_never_sees_both_menus(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        person = cast.intern()
        cast.join(cast.organisation(name="Saigon Roasters"), person, "owner")
        two = person.id
        person_id = cast.person(operator=True).id
    browser = cast.signed_in(app, two)
    assert "Earnings" in menu(browser)
    assert "Saigon Roasters" not in menu(browser)
    assert browser.send("/home/role", role="employer").location == "/home"
    assert "Saigon Roasters" in menu(browser)
    assert "Earnings" not in menu(browser)
    assert browser.send("/home/role", role="operator").status_code == 400
    assert "People" in menu(cast.signed_in(app, person_id))


def test_caught_mails_are_readable_while_developing_and_their_html_is_only_source(app: Flask) -> None:
    browser = visitor(app)
    browser.send("/join/intern", **newcomer(preferred_name="<script>alert(1)</script>"))
    assert "accounts/confirm" in cast.visible_text(browser.get("/development/mail"))
    delivered(app)
    assert "Confirm your address for Stint" in cast.visible_text(browser.get("/development/mail"))
    page = browser.get("/development/mail/1").get_data(as_text=True)
    assert "<script>alert" not in page
    assert "/confirmations/" in page
    assert browser.get("/development/mail/999").status_code == 404


def test_the_styleguide_is_there_while_developing(app: Flask) -> None:
    assert visitor(app).get("/styleguide").status_code == 200


def test_production_has_no_pages_for_those_who_develop(app: Flask) -> None:
    from webapp.app import create_app
    from webapp.core.config import Settings

    present: Settings = app.extensions["settings"]
    real = create_app(
        Settings(
            environment="production",
            database_url=present.database_url,
            database_owner_url=present.database_owner_url,
            base_url="https://stint.example",
            secret_key=present.secret_key,
            smtp_url="smtp://localhost",
            state_dir=present.state_dir,
        )
    )
    paths = {rule.rule for rule in real.url_map.iter_rules()}
    assert "/home" in paths
    assert not {"/development/mail", "/styleguide"} & paths


@pytest.mark.abuse(33)
def test_a_foreign_host_is_refused_in_production(app: Flask) -> None:
    from webapp.app import create_app
    from webapp.core.config import Settings

    present: Settings = app.extensions["settings"]
    real = create_app(
        Settings(
            environment="production",
            database_url=present.database_url,
            database_owner_url=present.database_owner_url,
            base_url="https://stint.example",
            secret_key=present.secret_key,
            smtp_url="smtp://localhost",
            state_dir=present.state_dir,
        )
    )
    assert real.test_client().get("/sign-in", base_url="https://evil.example").status_code == 400
    assert real.test_client().get("/sign-in", base_url="https://stint.example").status_code == 200


def test_a_demo_offers_its_people_with_one_click(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with app.app_context(), unit_of_work():
        person = cast.intern("Lan Nguyễn")
        email = person.email
    settings = app.extensions["settings"]
    listed = Path(settings.state_dir) / "demo.json"
    listed.write_text(json.dumps({"intern": {"email": email, "password": cast.PASSWORD}}), "utf-8")
    monkeypatch.setitem(app.extensions, "settings", type(settings)(**{**vars(settings), "demo": "1"}))
    browser = visitor(app)
    page = cast.visible_text(browser.get("/sign-in"))
    assert "Lan Nguyễn" in page
    assert "This is a demo" in page
    assert browser.send("/sign-in/demo", role="nobody").status_code == 400
    assert browser.send("/sign-in/demo", role="intern").status_code == 303
    assert knows(browser)


def test_two_roles_are_two_homes_and_one_switch(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        both = cast.intern("Both Roles")
        employer = cast.organisation()
        cast.join(employer, both, "owner")
        cast.internship(of=cast.posting(title="My own work"), who=both)
        cast.posting(employer, title="Our draft", state="draft")
        both_id = both.id
    browser = cast.signed_in(app, both_id)
    text = cast.visible_text(browser.get("/home"))
    assert "My own work" in text
    assert "Our draft" not in text
    assert browser.send("/home/role", role="employer").status_code == 303
    text = cast.visible_text(browser.get("/home"))
    assert "Our draft" in text
    assert "My own work" not in text
