"""Invitations: to one address, for one role, for a time, and they count once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from tests.accounts.people import mails, newcomer, person_with, sign_in, visitor
from tests.organisations.firm import Firm, invited, roles
from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.organisations import policy as organisation_policy
from webapp.organisations.models import Invitation


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
