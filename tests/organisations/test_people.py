"""Organisations and who belongs to them: registering, roles, and what changes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from tests.accounts.people import PASSWORD, knows, link_in, mails, newcomer, person_with, sign_in, visitor
from tests.organisations.firm import Firm, roles
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import of_root
from webapp.organisations import policy as organisation_policy
from webapp.organisations.models import Membership, Organisation


def test_an_employer_joins_and_its_owner_manages_it(app: Flask) -> None:
    browser = visitor(app)
    fields = newcomer("linh@example.org", organisation="Saigon Roasters", website="https://roasters.example")
    assert browser.send("/join/employer", **fields).location == "/join/sent"
    ((_to, _subject, text),) = mails(app)
    browser.send(link_in(text), password=PASSWORD)
    sign_in(browser, "linh@example.org", PASSWORD)
    with app.app_context():
        organisation = db.session.scalars(select(Organisation)).one()
        owner = db.session.scalars(select(Person)).one()
        assert (organisation.org_kind, organisation.zone, organisation.country) == (
            "employer",
            "Asia/Bangkok",
            "VN",
        )
        assert organisation_policy.holds(owner, organisation.id, "owner")
        assert not owner.is_intern
        assert [entry.move for entry in history.of_root("organisation", organisation.id)] == [
            "create",
            "join",
        ]
        assert history.broken_entries([organisation]) == []
        employer_id = organisation.id
    page = cast.visible_text(browser.get(f"/organisations/{employer_id}"))
    assert "Saigon Roasters" in page
    assert "Invite someone" in page
    assert "registered the organisation" in page


@pytest.mark.abuse(29)
def test_an_employer_with_a_known_address_makes_nothing_and_looks_the_same(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        known = cast.person().email
    fields = {"organisation": "Copycat", "website": ""}
    answers = {
        (answer.status_code, answer.location)
        for answer in (
            visitor(app).send("/join/employer", **newcomer(email, **fields))
            for email in (known, "new@example.org")
        )
    }
    assert answers == {(303, "/join/sent")}
    with app.app_context():
        assert len(db.session.scalars(select(Organisation)).all()) == 1


@pytest.mark.abuse(3)
def test_two_organisations_may_have_one_name(app: Flask) -> None:
    for email in ("a@example.org", "b@example.org"):
        visitor(app).send("/join/employer", **newcomer(email, organisation="Same", website=""))
    with app.app_context():
        assert [organisation.name for organisation in db.session.scalars(select(Organisation))] == [
            "Same",
            "Same",
        ]


def _reviewer(app: Flask, firm: Firm) -> tuple[int, int, cast.Browser]:
    with app.app_context(), unit_of_work():
        organisation = db.session.get_one(Organisation, firm.id)
        person = cast.member(organisation, "reviewer", "Huy Lê").id
        membership = db.session.scalars(select(Membership.id).where(Membership.person_id == person)).one()
    return person, membership, cast.signed_in(app, person)


@pytest.mark.abuse(34)
def test_a_new_role_counts_from_the_next_request(app: Flask, firm: Firm) -> None:
    person, membership, browser = _reviewer(app, firm)
    assert browser.get(f"{firm.page}/profile").status_code == 403
    assert firm.owner.send(f"{firm.page}/members/{membership}/role", role="owner").status_code == 303
    assert roles(app, firm.id) == [(firm.owner_id, "owner"), (person, "owner")]
    assert browser.get(f"{firm.page}/profile").status_code == 200
    assert "Your role at Saigon Roasters changed" in cast.visible_text(browser.get("/inbox"))
    assert firm.owner.send(f"{firm.page}/members/{membership}/role", role="reviewer").status_code == 404


@pytest.mark.abuse(34)
def test_an_ended_membership_is_over_at_the_next_request(app: Flask, firm: Firm) -> None:
    _person, membership, browser = _reviewer(app, firm)
    assert "People" in cast.visible_text(browser.get(firm.page))
    assert firm.stranger.send(f"{firm.page}/members/{membership}/end").status_code == 404
    assert firm.owner.send(f"{firm.page}/members/{membership}/end").status_code == 303
    assert "Linh Trần" not in cast.visible_text(browser.get(firm.page))
    assert knows(browser)
    assert roles(app, firm.id) == [(firm.owner_id, "owner")]
    with app.app_context():
        assert [entry.move for entry in history.of_root("organisation", firm.id)] == ["leave"]


def test_a_member_may_leave_but_the_last_owner_may_not(app: Flask, firm: Firm) -> None:
    person, membership, browser = _reviewer(app, firm)
    with app.app_context():
        last = db.session.scalars(select(Membership.id).where(Membership.person_id == firm.owner_id)).one()
    assert firm.owner.send(f"{firm.page}/members/{last}/end").status_code == 409
    assert firm.owner.send(f"{firm.page}/members/{last}/role", role="reviewer").status_code == 409
    assert firm.owner.send("/settings/leaving").status_code == 409
    assert browser.send(f"{firm.page}/members/{last}/end").status_code == 403
    assert browser.send(f"{firm.page}/members/{membership}/end").status_code == 303
    assert roles(app, firm.id) == [(firm.owner_id, "owner")]
    assert browser.send("/settings/leaving").status_code == 303
    assert not knows(browser)
    with app.app_context():
        assert db.session.get_one(Person, person).deactivated_at is not None


def test_a_deactivated_owner_does_not_count_as_the_one_who_stays(app: Flask, firm: Firm) -> None:
    with app.app_context(), unit_of_work():
        second = cast.member(db.session.get_one(Organisation, firm.id), "owner")
        second.deactivated_at = second.confirmed_at
        last = db.session.scalars(select(Membership.id).where(Membership.person_id == firm.owner_id)).one()
    assert firm.owner.send(f"{firm.page}/members/{last}/end").status_code == 409


def test_an_owner_who_never_confirmed_their_address_does_not_count_either(app: Flask, firm: Firm) -> None:
    with app.app_context(), unit_of_work():
        cast.member(db.session.get_one(Organisation, firm.id), "owner").confirmed_at = None
        last = db.session.scalars(select(Membership.id).where(Membership.person_id == firm.owner_id)).one()
    assert firm.owner.send(f"{firm.page}/members/{last}/end").status_code == 409
    assert firm.owner.send(f"{firm.page}/members/{last}/role", role="reviewer").status_code == 409
    assert (firm.owner_id, "owner") in roles(app, firm.id)


@pytest.mark.parametrize("kind", ["employer", "programme"])
def test_an_operator_cannot_close_the_account_of_the_last_who_leads(app: Flask, kind: str) -> None:
    with app.app_context(), unit_of_work():
        place = cast.programme() if kind == "programme" else cast.organisation(name="Saigon Roasters")
        role = organisation_policy.leading_role(place)
        leader = cast.member(place, role, "Linh Trần").id
        place_id, name = place.id, place.name
        operator = cast.person(operator=True).id
    boss, page = cast.signed_in(app, operator), f"/people/{leader}/deactivation"
    refused = boss.send(page)
    assert refused.status_code == 409
    assert f"Linh Trần is the only one who leads {name}. Give that role to someone else first." in (
        cast.visible_text(refused)
    )
    assert f"/organisations/{place_id}" in refused.get_data(as_text=True), "the way on"
    with app.app_context(), unit_of_work():
        assert db.session.get_one(Person, leader).deactivated_at is None
        cast.member(db.session.get_one(Organisation, place_id), role)
    assert boss.send(page).status_code == 303
    with app.app_context():
        assert db.session.get_one(Person, leader).deactivated_at is not None


def test_an_operator_can_close_an_account_that_was_never_confirmed(app: Flask) -> None:
    visitor(app).send("/join/employer", **newcomer("junk@example.org", organisation="Junk", website=""))
    junk = person_with(app, "junk@example.org")
    assert junk is not None
    with app.app_context(), unit_of_work():
        operator = cast.person(operator=True).id
    assert cast.signed_in(app, operator).send(f"/people/{junk.id}/deactivation").status_code == 303


def test_an_operator_and_the_last_other_owner_cannot_close_both_accounts_at_once(
    app: Flask, firm: Firm
) -> None:
    with app.app_context(), unit_of_work():
        second = cast.member(db.session.get_one(Organisation, firm.id), "owner").id
        operator = cast.person(operator=True).id
    boss = cast.signed_in(app, operator)
    for browser in (firm.owner, boss):
        browser.token()
    with ThreadPoolExecutor(2) as threads:
        own = threads.submit(firm.owner.send, "/settings/leaving")
        others = threads.submit(boss.send, f"/people/{second}/deactivation")
    assert sorted([own.result().status_code, others.result().status_code]) == [303, 409]


def test_strangers_see_the_face_of_an_employer_but_not_its_people(app: Flask, firm: Firm) -> None:
    seen = cast.visible_text(firm.stranger.get(firm.page))
    assert "Saigon Roasters" in seen
    assert "Linh Trần" not in seen
    assert (
        firm.stranger.send(f"{firm.page}/invitations", email="a@example.org", role="owner").status_code == 404
    )
    assert firm.stranger.get(f"{firm.page}/profile").status_code == 404
    assert visitor(app).get(firm.page).location == "/sign-in"


def test_a_stale_profile_is_refused_and_a_fresh_one_is_kept(app: Flask, firm: Firm) -> None:
    fields = {
        "name": "Saigon Roasters Ltd",
        "website": "",
        "about": "Coffee.",
        "country": "VN",
        "zone": "Asia/Bangkok",
    }
    with app.app_context():
        before = db.session.get_one(Organisation, firm.id)
        name, zone = before.name, before.zone
    assert firm.owner.send(f"{firm.page}/profile", version="0", **fields).status_code == 303
    with app.app_context():
        entry = of_root("organisation", firm.id)[-1]
        assert entry.params["values"]["zone"] == [zone, "Asia/Bangkok"]
        assert "name" in entry.params["changed"]
        assert entry.text is not None and f"{name} → Saigon Roasters Ltd" in (entry.text.text or "")
    assert (
        firm.owner.send(f"{firm.page}/profile", version="0", **{**fields, "name": "Late"}).status_code == 409
    )
    assert "Saigon Roasters Ltd" in cast.visible_text(firm.owner.get(firm.page))
    words = f"{name} → Saigon Roasters Ltd"
    assert words in cast.visible_text(firm.owner.get(firm.page))
    assert words not in cast.visible_text(firm.stranger.get(firm.page))
    hostile = firm.owner.send(
        f"{firm.page}/profile", version="1", **{**fields, "website": "javascript:alert(1)//a.b"}
    )
    assert hostile.status_code == 422


def test_of_two_last_owners_who_go_at_the_same_moment_one_has_to_stay(app: Flask, firm: Firm) -> None:
    with app.app_context(), unit_of_work():
        second = cast.member(db.session.get_one(Organisation, firm.id), "owner").id
    browsers = [firm.owner, cast.signed_in(app, second)]
    for browser in browsers:
        browser.token()
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda browser: browser.send("/settings/leaving").status_code, browsers))
    assert sorted(answers) == [303, 409]
