"""Organisations and who belongs to them: registering, inviting, roles, and what changes at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.accounts.people import PASSWORD, knows, link_in, mails, newcomer, person_with, sign_in, visitor
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import of_root
from webapp.organisations import policy as organisation_policy
from webapp.organisations import queries as organisation_queries
from webapp.organisations.models import Invitation, Membership, Organisation


@dataclass
class Firm:
    """An employer with an owner, and a stranger who belongs to another one."""

    id: int
    owner: cast.Browser
    owner_id: int
    stranger: cast.Browser

    @property
    def page(self) -> str:
        return f"/organisations/{self.id}"


@pytest.fixture
def firm(app: Flask) -> Firm:
    with app.app_context(), unit_of_work():
        employer, other = cast.organisation(name="Saigon Roasters"), cast.organisation()
        owner, stranger = cast.member(employer, "owner", "Linh Trần").id, cast.member(other, "owner").id
        employer_id = employer.id
    return Firm(employer_id, cast.signed_in(app, owner), owner, cast.signed_in(app, stranger))


def roles(app: Flask, organisation_id: int) -> list[tuple[int, str]]:
    with app.app_context():
        return [
            (membership.person_id, membership.role)
            for membership in organisation_queries.memberships(organisation_id).rows
        ]


def invited(app: Flask, firm: Firm, email: str, role: str = "reviewer") -> str:
    """Invite an address; the link in its mail."""
    assert firm.owner.send(f"{firm.page}/invitations", email=email, role=role).status_code == 303
    (text,) = [text for to, subject, text in mails(app)[-1:] if to == email and "invites you" in subject]
    return link_in(text)


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


def test_an_invited_newcomer_opens_an_account_and_belongs_at_once(app: Flask, firm: Firm) -> None:
    link = invited(app, firm, "huy@example.org")
    browser = visitor(app)
    assert "You are invited to Saigon Roasters" in cast.visible_text(browser.get(link))
    fields = newcomer()
    del fields["email"]
    assert browser.send(f"{link}/account", **fields).location == firm.page
    person = person_with(app, "huy@example.org")
    assert person is not None
    assert person.confirmed_at is not None
    assert (person.id, "reviewer") in roles(app, firm.id)
    assert "People" in cast.visible_text(browser.get(firm.page))
    assert any("joined Saigon Roasters" in subject for _to, subject, _text in mails(app))


@pytest.mark.abuse(33)
def test_an_invitation_is_for_one_address_one_role_and_one_time(app: Flask, firm: Firm) -> None:
    with app.app_context(), unit_of_work():
        guest, other = cast.person("Huy Lê"), cast.person("Not Invited")
        guest_id, other_id, email = guest.id, other.id, guest.email
    link = invited(app, firm, email)
    wrong, right = cast.signed_in(app, other_id), cast.signed_in(app, guest_id)
    assert "a different email address" in cast.visible_text(wrong.get(link))
    assert wrong.send(link, role="owner").status_code == 403
    assert wrong.send(f"{link}/account", **{**newcomer(), "email": "other@example.org"}).status_code == 422
    assert right.send(link, role="owner").location == firm.page
    assert roles(app, firm.id) == [(firm.owner_id, "owner"), (guest_id, "reviewer")]
    for again in (
        right.get(link),
        right.send(link),
        visitor(app).get(link),
        visitor(app).send(f"{link}/account"),
    ):
        assert again.status_code == 410
    assert visitor(app).get("/invitations/made-up-token").status_code == 404


@pytest.mark.abuse(33)
def test_an_invitation_dies_after_48_hours_when_taken_back_and_when_replaced(app: Flask, firm: Firm) -> None:
    first = invited(app, firm, "huy@example.org")
    second = invited(app, firm, "huy@example.org")
    assert visitor(app).get(first).status_code == 410
    assert visitor(app).get(second).status_code == 200
    with app.app_context():
        newest = db.session.scalars(select(Invitation.id).order_by(Invitation.id.desc())).first()
    assert firm.stranger.send(f"{firm.page}/invitations/{newest}/revocation").status_code == 404
    assert firm.owner.send(f"{firm.page}/invitations/{newest}/revocation").status_code == 303
    assert visitor(app).get(second).status_code == 410
    third = invited(app, firm, "huy@example.org")
    with app.app_context(), unit_of_work():
        db.session.execute(update(Invitation).values(expires_at=Invitation.expires_at - timedelta(hours=48)))
    assert visitor(app).get(third).status_code == 410


@pytest.mark.abuse(33)
@pytest.mark.parametrize(
    "email", ["", "nobody", "a@example.org\r\nBcc: b@example.org", "a@example.org,b@example.org"]
)
def test_an_invitation_goes_to_one_real_address_only(app: Flask, firm: Firm, email: str) -> None:
    assert firm.owner.send(f"{firm.page}/invitations", email=email, role="reviewer").status_code == 422
    assert mails(app) == []


@pytest.mark.parametrize("role", ["manager", "finance", "operator", ""])
def test_an_employer_can_invite_only_to_the_roles_of_employers(app: Flask, firm: Firm, role: str) -> None:
    answer = firm.owner.send(f"{firm.page}/invitations", email="huy@example.org", role=role)
    assert answer.status_code == 422
    assert "huy@example.org" in answer.get_data(as_text=True), "what was typed is kept"


def test_the_twenty_first_invitation_a_day_is_refused(app: Flask, firm: Firm) -> None:
    for number in range(organisation_policy.INVITATIONS.limit):
        sent = firm.owner.send(f"{firm.page}/invitations", email=f"p{number}@example.com", role="reviewer")
        assert sent.status_code == 303
    refused = firm.owner.send(f"{firm.page}/invitations", email="one.more@example.com", role="reviewer")
    assert refused.status_code == 429


def test_who_has_an_account_signs_in_and_comes_back_to_the_invitation(app: Flask, firm: Firm) -> None:
    with app.app_context(), unit_of_work():
        email = cast.person("Huy Lê").email
    link = invited(app, firm, email)
    browser = visitor(app)
    browser.get(link)
    assert sign_in(browser, email).location == link


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
    gone = person_with(app, f"p{person}@example.org")
    assert gone is None or gone.deactivated_at is not None


def test_a_deactivated_owner_does_not_count_as_the_one_who_stays(app: Flask, firm: Firm) -> None:
    with app.app_context(), unit_of_work():
        second = cast.member(db.session.get_one(Organisation, firm.id), "owner")
        second.deactivated_at = second.confirmed_at
        last = db.session.scalars(select(Membership.id).where(Membership.person_id == firm.owner_id)).one()
    assert firm.owner.send(f"{firm.page}/members/{last}/end").status_code == 409


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


def test_of_two_clicks_on_one_invitation_one_counts(app: Flask, firm: Firm) -> None:
    with app.app_context(), unit_of_work():
        guest = cast.person("Huy Lê")
        guest_id, email = guest.id, guest.email
    link = invited(app, firm, email)
    browsers = [cast.signed_in(app, guest_id) for _tab in range(4)]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda browser: browser.send(link).status_code, browsers))
    assert sorted(answers) == [303, 410, 410, 410]
    assert roles(app, firm.id) == [(firm.owner_id, "owner"), (guest_id, "reviewer")]
