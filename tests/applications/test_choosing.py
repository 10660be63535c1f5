"""The employer's people weigh applications, offer a seat, and the intern answers."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.applications.world import World
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.internships.models import Internship
from webapp.organisations.models import Organisation
from webapp.postings.models import Posting


@pytest.mark.abuse(7)
def test_names_are_shown_to_the_employer_only_after_the_shortlist(app: Flask) -> None:
    world = World(app)
    world.applied(world.minh, "draft")
    sent = world.applied(world.lan)
    reviewer = world.as_(world.reviewer)
    pages = (
        f"/applications/{sent}",
        f"/postings/{world.posting}/applications",
        f"/applications/{sent}/rejection",
    )
    for page in pages:
        text = cast.visible_text(reviewer.get(page))
        assert "Applicant 2" in text
        assert "Nguyễn" not in text
    assert "The applicant started an application" in cast.visible_text(reviewer.get(pages[0]))
    assert reviewer.send(f"/applications/{sent}/shortlisting", version=1).status_code == 303
    for page in pages:
        assert "Lan Nguyễn" in cast.visible_text(reviewer.get(page))


@pytest.mark.move("application.shortlist")
@pytest.mark.move("application.unshortlist")
@pytest.mark.move("application.reject")
def test_a_reviewer_rates_shortlists_and_answers_no_with_a_reason(app: Flask) -> None:
    world = World(app)
    sent = world.applied(world.lan)
    reviewer = world.as_(world.reviewer)
    assert reviewer.send(f"/applications/{sent}/rating", rating="9").status_code == 422
    assert reviewer.send(f"/applications/{sent}/rating", rating="4").status_code == 303
    assert world.application_of(world.lan).rating == 4
    assert reviewer.send(f"/applications/{sent}/rating", rating="4").status_code == 303
    with app.app_context():
        rated = [entry for entry in history.of_subject("application", sent) if entry.move == "rate"]
        assert [(entry.actor_id, entry.params) for entry in rated] == [(world.reviewer, {"rating": 4})]
    assert "rated the application" in cast.visible_text(reviewer.get(f"/applications/{sent}"))
    assert "rated the application" not in cast.visible_text(world.as_(world.lan).get(f"/applications/{sent}"))
    assert reviewer.send(f"/applications/{sent}/shortlisting", version=1).status_code == 303
    assert reviewer.send(f"/applications/{sent}/unshortlisting", version=1).status_code == 409, (
        "an old version"
    )
    assert reviewer.send(f"/applications/{sent}/unshortlisting", version=2).status_code == 303
    assert world.application_of(world.lan).state == "applied"
    assert reviewer.send(f"/applications/{sent}/rejection", version=3).status_code == 422, "a reason is due"
    wordless = reviewer.send(f"/applications/{sent}/rejection", version=3, reason="other")
    assert "in your own words" in cast.visible_text(wordless)
    assert (
        reviewer.send(
            f"/applications/{sent}/rejection", version=3, reason="skills", text="Come again"
        ).status_code
        == 303
    )
    page = cast.visible_text(world.as_(world.lan).get(f"/applications/{sent}"))
    assert "Not chosen" in page
    assert "Come again" in page
    assert reviewer.send(f"/applications/{sent}/rejection", version=4, reason="skills").status_code == 409


def test_several_applicants_are_answered_at_once_or_none_is(app: Flask) -> None:
    world = World(app)
    first, second = world.applied(world.lan), world.applied(world.minh)
    owner, url = world.as_(world.owner), f"/postings/{world.posting}/rejections"
    assert owner.send(url, reason="seats_filled").status_code == 422, "somebody has to be chosen"
    assert owner.send(url, reason="seats_filled", chosen=["x"]).status_code == 400
    stale = owner.send(url, reason="seats_filled", chosen=[f"{first}.1", f"{second}.7"])
    assert stale.status_code == 409
    assert world.application_of(world.lan).state == "applied", "all of it or nothing"
    assert owner.send(url, reason="seats_filled", chosen=[f"{first}.1", f"{second}.1"]).status_code == 303
    assert {world.application_of(who).state for who in (world.lan, world.minh)} == {"rejected"}


def test_a_decision_made_in_the_list_leads_back_to_the_list(app: Flask) -> None:
    world = World(app)
    sent = world.applied(world.lan)
    owner, listed = world.as_(world.owner), f"/postings/{world.posting}/applications"
    assert 'name="view" value="list"' in owner.get(listed).get_data(as_text=True)
    answer = owner.send(f"/applications/{sent}/shortlisting", version=1, view="list")
    assert answer.location == listed
    assert "Lan Nguyễn" in cast.visible_text(
        owner.send(f"/applications/{sent}/unshortlisting", htmx=True, version=2, view="list")
    )


@pytest.mark.move("application.offer")
@pytest.mark.move("application.accept")
def test_what_is_decided_on_a_later_page_of_the_list_leads_back_to_it(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        posting = cast.posting()
        first, second = (cast.application(posting, cast.intern(name)).id for name in ("Ann", "Bao"))
        page = f"/postings/{posting.id}/applications?after={first}"
        owner = cast.signed_in(app, posting.created_by_id)
        rejections = f"/postings/{posting.id}/rejections"
    assert f"application-{second}" in owner.get(page).get_data(as_text=True)
    for htmx in (False, True):
        again = owner.send(rejections, seen_at=page, htmx=htmx, chosen=f"{second}.1")
        assert again.status_code == 422
        assert f"application-{second}" in again.get_data(as_text=True)
        assert f"application-{first}" not in again.get_data(as_text=True)
    done = owner.send(f"/applications/{second}/shortlisting", seen_at=page, version=1, view="list")
    assert done.status_code == 303 and done.location.endswith(page)


def test_an_owner_offers_a_seat_and_the_intern_accepts_it_on_the_check_page(app: Flask) -> None:
    world = World(app)
    sent = world.applied(world.lan)
    owner, lan = world.as_(world.owner), world.as_(world.lan)
    assert owner.get(f"/applications/{sent}/offer").status_code == 200
    assert owner.send(f"/applications/{sent}/offer", version=1, note="Welcome!").status_code == 303
    page = cast.visible_text(lan.get(f"/applications/{sent}/answer"))
    assert "Welcome!" in page
    assert "No payout method yet" in page
    answer = lan.send(f"/applications/{sent}/acceptance", version=2)
    assert answer.status_code == 303
    assert answer.location.endswith("/agreement")
    assert "MICRO-INTERNSHIP AGREEMENT" in lan.get(answer.location).get_data(as_text=True)
    assert world.application_of(world.lan).state == "accepted"
    assert lan.send(f"/applications/{sent}/acceptance", version=3).status_code == 409


@pytest.mark.move("application.decline")
def test_a_declined_offer_frees_the_seat_for_the_next(app: Flask) -> None:
    world = World(app, seats=1)
    first, second = world.applied(world.lan), world.applied(world.minh)
    owner = world.as_(world.owner)
    assert owner.send(f"/applications/{first}/offer", version=1).status_code == 303
    assert owner.send(f"/applications/{second}/offer", version=1).status_code == 409, "the seat is held"
    assert "Offer a seat" not in cast.visible_text(owner.get(f"/applications/{second}"))
    assert (
        world.as_(world.lan).send(f"/applications/{first}/refusal", version=2, text="Exams").status_code
        == 303
    )
    assert owner.send(f"/applications/{second}/offer", version=1).status_code == 303


def test_who_joined_the_employer_cannot_accept_its_offer(app: Flask) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan)
    world.as_(world.owner).send(f"/applications/{sent}/offer", version=1)
    with app.test_request_context(), unit_of_work():
        cast.join(
            db.session.get_one(Organisation, world.employer), db.session.get_one(Person, world.lan), "owner"
        )
    lan = world.as_(world.lan)
    assert "Accept" not in cast.visible_text(lan.get(f"/applications/{sent}/acceptance"))
    assert lan.send(f"/applications/{sent}/acceptance", version=2).status_code == 403


@pytest.mark.parametrize(
    ("posting", "state", "sentence"),
    [
        ("cancelled", "rejected", "The posting is cancelled."),
        ("open", "applied", "No seat is free. Each one is taken or offered to someone."),
        ("open", "withdrawn", "that step is no longer available"),
    ],
)
def test_the_page_of_an_offer_says_what_is_in_its_way(
    app: Flask, posting: str, state: str, sentence: str
) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan, state)
    with app.app_context(), unit_of_work():
        db.session.get_one(Posting, world.posting).state = posting
        if posting == "open":
            seat = db.session.scalars(db.select(Internship)).one()
            cast.application(seat.posting, db.session.get_one(Person, world.minh), state="offered", seat=seat)
    page = world.as_(world.owner).get(f"/applications/{sent}/offer")
    assert page.status_code == 409
    assert sentence in cast.visible_text(page)
