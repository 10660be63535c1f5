"""A programme's rules, programmes registered by operators, and the set-up of an installation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from tests.accounts.people import PASSWORD, sign_in, visitor
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import SYSTEM
from webapp.organisations import queries as organisation_queries
from webapp.organisations.actions import members as organisation_members
from webapp.organisations.actions import registration as organisation_registration
from webapp.organisations.models import DEFAULT_CLOCKS, Organisation
from webapp.skills.models import Skill


@dataclass
class Programme:
    """A programme with its manager and its finance person."""

    id: int
    manager: cast.Browser
    finance: cast.Browser

    @property
    def page(self) -> str:
        return f"/organisations/{self.id}"


@pytest.fixture
def programme(app: Flask) -> Programme:
    with app.app_context(), unit_of_work():
        organisation = cast.programme()
        manager, finance, organisation_id = (
            cast.member(organisation, "manager").id,
            cast.member(organisation, "finance").id,
            organisation.id,
        )
    return Programme(organisation_id, cast.signed_in(app, manager), cast.signed_in(app, finance))


def rules(**changed: Any) -> dict[str, Any]:
    """The settings form as the page shows it, with some fields typed anew."""
    typed = {
        "version": "0",
        "fee": "12.5",
        "currencies": "usd, VND",
        "floor_USD": "6.50",
        "floor_VND": "60000",
        "bank_USD": "Stint Trust\nExample Bank\n0001",
        "bank_VND": "",
        "holidays": "2026-12-25\n2027-01-01",
        "approval_needed": "y",
        **{f"clock_{name}": str(days) for name, days in DEFAULT_CLOCKS.items()},
    }
    return {**typed, **changed}


@pytest.mark.parametrize("number", ["0071000123456", "0071.000.123456", "0071 0001 2345 6", "12-34/5678-90"])
def test_the_history_of_bank_details_holds_no_whole_account_number(number: str) -> None:
    words = organisation_registration._masked({"VND": ["Stint Trust", f"Account {number}"]})
    assert number not in words
    assert words.startswith("VND: Stint Trust, Account ••••")
    assert words.endswith(number[-4:])


def test_a_manager_sets_the_rules_for_later_agreements(app: Flask, programme: Programme) -> None:
    page = programme.manager.get(f"{programme.page}/settings").get_data(as_text=True)
    assert "Stint Trust Account" in page
    saved = programme.manager.send(f"{programme.page}/settings", **rules(clock_review_days="9"))
    assert saved.status_code == 303
    with app.app_context():
        settings = organisation_queries.settings_of(programme.id)
        assert settings.fee_bp == 1250
        assert settings.currencies == ["USD", "VND"]
        assert settings.pay_floor == {"USD": 650, "VND": 60_000}
        assert settings.approval_needed
        assert settings.clock("review_days") == 9
        assert settings.holidays == [date(2026, 12, 25), date(2027, 1, 1)]
        assert settings.bank_details["USD"] == ["Stint Trust", "Example Bank", "0001"]
        (entry,) = history.of_root("organisation", programme.id)
        assert entry.move == "settings"
        assert "fee_bp" in entry.params["changed"]
        assert "currencies" not in entry.params["changed"]
    assert programme.manager.send(f"{programme.page}/settings", **rules()).status_code == 409, "a stale tab"
    further = programme.manager.send(f"{programme.page}/settings", **rules(version="1", currencies="USD EUR"))
    assert further.status_code == 303
    assert "Minimum pay per hour in EUR" in cast.visible_text(
        programme.manager.get(f"{programme.page}/settings")
    )


def test_the_history_shows_bank_details_before_and_after_to_who_keeps_the_money(
    app: Flask, programme: Programme
) -> None:
    with app.app_context(), unit_of_work():
        mentor = cast.member(db.session.get_one(Organisation, programme.id), "mentor").id
        operator = cast.person(operator=True).id
    saved = programme.manager.send(
        f"{programme.page}/settings", **rules(bank_USD="Stint Trust\nNew Bank\n0071000123456")
    )
    assert saved.status_code == 303
    for reader in (programme.manager, programme.finance, cast.signed_in(app, operator)):
        page = cast.visible_text(reader.get(programme.page))
        assert "Example Bank, ••••2345" in page
        assert "→ USD: Stint Trust, New Bank, ••••3456" in page
        assert "0071000123456" not in page
    page = cast.visible_text(cast.signed_in(app, mentor).get(programme.page))
    assert "changed the settings" in page
    assert "New Bank" not in page


@pytest.mark.parametrize(
    "wrong",
    [
        {"fee": "-1"},
        {"fee": "101"},
        {"fee": "NaN"},
        {"fee": "1e308"},
        {"fee": "12.555"},
        {"fee": ""},
        {"currencies": "XXX"},
        {"currencies": " , "},
        {"floor_USD": "-5"},
        {"floor_USD": "1.234"},
        {"floor_VND": "0.5"},
        {"floor_USD": "9" * 40},
        {"clock_review_days": "0"},
        {"clock_review_days": "366"},
        {"clock_review_days": "seven"},
        {"holidays": "yesterday"},
        {"bank_USD": "x" * 1001},
        {"bank_USD": "a \x00 b"},
    ],
)
def test_rules_that_cannot_be_are_refused_and_nothing_changes(
    app: Flask, programme: Programme, wrong: dict[str, str]
) -> None:
    answer = programme.manager.send(f"{programme.page}/settings", **rules(**wrong))
    assert answer.status_code == 422
    assert "There is a problem" in cast.visible_text(answer)
    with app.app_context():
        assert organisation_queries.settings_of(programme.id).fee_bp == 1000
        assert history.of_root("organisation", programme.id) == []


def test_only_managers_and_operators_set_the_rules(app: Flask, programme: Programme) -> None:
    with app.app_context(), unit_of_work():
        outsider, operator = cast.intern().id, cast.person(operator=True).id
    assert programme.finance.send(f"{programme.page}/settings", **rules()).status_code == 403
    assert cast.signed_in(app, outsider).send(f"{programme.page}/settings", **rules()).status_code == 404
    assert cast.signed_in(app, operator).send(f"{programme.page}/settings", **rules()).status_code == 303


def test_the_last_manager_stays(app: Flask, programme: Programme) -> None:
    with app.app_context():
        manager = next(
            membership.id
            for membership in organisation_queries.memberships(programme.id).rows
            if membership.role == "manager"
        )
    assert programme.manager.send(f"{programme.page}/members/{manager}/end").status_code == 409
    assert (
        programme.manager.send(f"{programme.page}/members/{manager}/role", role="mentor").status_code == 409
    )


def test_an_operator_registers_a_further_programme(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        operator, other = cast.person(operator=True).id, cast.person().id
    fields = {"name": "Second", "website": "", "about": "", "country": "", "zone": "UTC", "currencies": "EUR"}
    assert cast.signed_in(app, other).send("/programmes", **fields).status_code == 403
    browser = cast.signed_in(app, operator)
    registered = browser.send("/programmes", **fields)
    assert registered.status_code == 303
    assert "Invite someone" in cast.visible_text(browser.get(registered.location))
    assert "Second" in cast.visible_text(browser.get("/organisations"))
    with app.app_context():
        organisation = db.session.scalars(select(Organisation)).one()
        assert organisation_queries.settings_of(organisation.id).currencies == ["EUR"]


def setup(app: Flask, **options: str) -> Any:
    answers = {
        "email": "boss@example.org",
        "name": "Bà Chủ",
        "password": PASSWORD,
        "programme": "First Programme",
        "currencies": "USD, VND",
        **options,
    }
    return app.test_cli_runner().invoke(
        args=["setup", *(part for name, value in answers.items() for part in (f"--{name}", value))]
    )


def test_setup_makes_the_first_operator_and_programme_once(app: Flask) -> None:
    assert setup(app).exit_code == 0
    browser = visitor(app)
    assert sign_in(browser, "boss@example.org", PASSWORD).status_code == 303
    assert browser.get("/people").status_code == 200
    with app.app_context():
        programme = organisation_queries.default_programme()
        assert programme is not None
        assert programme.name == "First Programme"
        assert len(db.session.scalars(select(Skill)).all()) >= 40
        operator = db.session.scalars(select(Person)).one()
        assert [entry.move for entry in history.of_root("account", operator.id)] == ["open", "make_operator"]
    again = setup(app, email="other@example.org")
    assert again.exit_code == 1
    assert "set up already" in again.output


@pytest.mark.parametrize(
    "wrong",
    [{"email": "nobody"}, {"password": "short"}, {"currencies": "XXX"}, {"zone": "Mars"}, {"name": " "}],
)
def test_setup_refuses_what_cannot_be_with_a_sentence(app: Flask, wrong: dict[str, str]) -> None:
    refused = setup(app, **wrong)
    assert refused.exit_code == 1
    assert "Error:" in refused.output
    with app.app_context():
        assert organisation_queries.default_programme() is None


def test_verify_history_says_when_an_entry_was_changed(app: Flask) -> None:
    setup(app)
    whole = app.test_cli_runner().invoke(args=["verify-history"])
    assert whole.exit_code == 0
    with app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE organisation SET history_number = history_number + 1"))
    broken = app.test_cli_runner().invoke(args=["verify-history"])
    assert broken.exit_code == 1
    assert "cut off" in broken.output


def test_an_appointment_is_recorded_once_and_after_what_others_wrote_meanwhile(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        programme, person = cast.programme(), cast.person()
        programme_id, person_id = programme.id, person.id
    with app.app_context(), unit_of_work():
        read_before = db.session.get_one(Organisation, programme_id)
        mentor = db.session.get_one(Person, person_id)
        with app.app_context(), unit_of_work():  # meanwhile another one writes into this history
            other = db.session.get_one(Organisation, programme_id)
            organisation_members.appoint(other, cast.person(), "manager", actor=SYSTEM)
        first = organisation_members.appoint(read_before, mentor, "mentor", actor=SYSTEM)
        assert organisation_members.appoint(read_before, mentor, "mentor", actor=SYSTEM) is first
    with app.app_context():
        entries = history.of_root("organisation", programme_id)
        assert [(entry.move, entry.params["role"]) for entry in entries] == [
            ("join", "manager"),
            ("join", "mentor"),
        ]
        assert history.broken_entries([db.session.get_one(Organisation, programme_id)]) == []
