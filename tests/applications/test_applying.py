"""An intern writes an application and sends it: what is kept, refused, and seen by whom."""

from __future__ import annotations

from uuid import uuid4

import pytest
from flask import Flask

from tests.applications.world import World
from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.postings.models import Posting


@pytest.mark.move("application.send")
def test_an_intern_writes_a_draft_in_steps_checks_it_and_sends_it_once(app: Flask) -> None:
    world = World(app)
    lan = world.as_(world.lan)
    answer = lan.send(f"/postings/{world.posting}/application")
    assert answer.status_code == 303
    application = world.application_of(world.lan)
    assert lan.send(f"/postings/{world.posting}/application").location == answer.location, "one per posting"

    draft = f"/applications/{application.id}/draft"
    assert "Which stalls do you know?" in lan.get(draft).get_data(as_text=True)
    too_early = lan.send(f"/applications/{application.id}/sending", version=application.version)
    assert too_early.status_code == 422
    assert "still missing" in cast.visible_text(too_early)

    saved = lan.send(draft, htmx=True, version=application.version, pitch="I count well.")
    assert saved.status_code == 200, "the check page comes back"
    fields = {"pitch": "I count well.", f"answer_{world.question}": "Many.", "links": "https://example.org/a"}
    assert lan.send(draft, version=application.version, **fields).status_code == 409, (
        "an old version is refused"
    )
    assert lan.send(draft, version=application.version + 1, **fields).status_code == 303
    assert "Many." in cast.visible_text(lan.get(f"/applications/{application.id}/check"))
    assert (
        lan.send(f"/applications/{application.id}/sending", version=application.version + 2).status_code
        == 303
    )

    sent = world.application_of(world.lan)
    assert (sent.state, sent.links) == ("applied", ["https://example.org/a"])
    late = lan.send(draft, version=sent.version, **fields)
    assert late.status_code == 409, "what was sent stays as it is"
    assert "My applications" in cast.visible_text(lan.get("/applications"))
    assert "The employer answers by" in cast.visible_text(lan.get("/applications"))


def test_autosave_answers_with_the_new_version_and_nothing_else(app: Flask) -> None:
    world = World(app)
    lan = world.as_(world.lan)
    lan.send(f"/postings/{world.posting}/application")
    application = world.application_of(world.lan)
    answer = lan.client.post(
        f"/applications/{application.id}/draft",
        data={
            "csrf_token": lan.token(),
            "operation_id": uuid4(),
            "version": application.version,
            "pitch": "Half a sen",
        },
        headers={"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "autosave"},
    )
    assert answer.status_code == 204
    assert answer.headers["X-Version"] == str(application.version + 1)
    assert world.application_of(world.lan).pitch == "Half a sen"


@pytest.mark.parametrize(
    "links",
    [
        "javascript:alert(1)",
        "ftp://example.org",
        "example.org",
        "https://user:secret@example.org",
        "http://",
        "https://exa mple.org",
        "https://[::1",
        "\n".join(f"https://example.org/{n}" for n in range(6)),
    ],
)
@pytest.mark.abuse(5)
def test_a_link_that_is_no_web_address_is_refused_and_the_text_kept(app: Flask, links: str) -> None:
    world = World(app)
    lan = world.as_(world.lan)
    lan.send(f"/postings/{world.posting}/application")
    application = world.application_of(world.lan)
    answer = lan.send(
        f"/applications/{application.id}/draft", version=application.version, pitch="Kept words", links=links
    )
    assert answer.status_code == 422
    assert "Kept words" in answer.get_data(as_text=True)
    assert world.application_of(world.lan).links == []


@pytest.mark.abuse(1)
def test_the_employers_own_people_cannot_apply_nor_people_who_are_no_interns(app: Flask) -> None:
    world = World(app)
    with app.test_request_context(), unit_of_work():
        lan = db.session.get_one(cast.Person, world.lan)
        cast.join(db.session.get_one(cast.Organisation, world.employer), lan, "reviewer")
    assert world.as_(world.lan).send(f"/postings/{world.posting}/application").status_code == 403
    assert world.as_(world.owner).send(f"/postings/{world.posting}/application").status_code == 403


@pytest.mark.abuse(2)
def test_a_draft_is_seen_by_nobody_else_and_a_sent_one_only_by_those_who_weigh_it(app: Flask) -> None:
    world = World(app)
    draft = world.applied(world.lan, "draft")
    for who in (world.owner, world.reviewer, world.minh):
        assert world.as_(who).get(f"/applications/{draft}").status_code == 404
    sent = world.applied(world.minh)
    assert world.as_(world.lan).get(f"/applications/{sent}").status_code == 404
    assert world.as_(world.lan).get(f"/postings/{world.posting}/applications").status_code == 403
    assert world.as_(world.reviewer).get(f"/applications/{sent}").status_code == 200
    assert world.as_(world.reviewer).get(f"/applications/{sent}/offer").status_code == 403, (
        "only owners offer"
    )
    assert world.as_(world.minh).send(f"/applications/{sent}/shortlisting", version=1).status_code == 403


@pytest.mark.move("application.withdraw")
@pytest.mark.move("application.undo_withdraw")
def test_a_withdrawal_can_be_undone_while_the_posting_is_open(app: Flask) -> None:
    world = World(app)
    sent = world.applied(world.lan)
    lan = world.as_(world.lan)
    assert lan.send(f"/applications/{sent}/withdrawal", version=1).status_code == 303
    assert "Undo the withdrawal" in cast.visible_text(lan.get("/applications"))
    assert lan.send(f"/applications/{sent}/return", version=2).status_code == 303
    assert world.application_of(world.lan).state == "applied"
    lan.send(f"/applications/{sent}/withdrawal", version=3)
    with app.test_request_context(), unit_of_work():
        db.session.execute(db.update(Posting).where(Posting.id == world.posting).values(state="closing"))
    assert lan.send(f"/applications/{sent}/return", version=4).status_code == 409
    assert "Undo the withdrawal" not in cast.visible_text(lan.get("/applications"))


@pytest.mark.abuse(5)
def test_what_people_type_is_shown_as_text_never_as_markup(app: Flask) -> None:
    world = World(app)
    lan = world.as_(world.lan)
    lan.send(f"/postings/{world.posting}/application")
    application = world.application_of(world.lan)
    nasty = '<script>alert(1)</script> {{ 7*7 }} "><img src=x onerror=y>'
    lan.send(
        f"/applications/{application.id}/draft",
        version=application.version,
        pitch=nasty,
        **{f"answer_{world.question}": nasty},
    )
    lan.send(f"/applications/{application.id}/sending", version=application.version + 1)
    for page in (f"/applications/{application.id}", f"/postings/{world.posting}/applications"):
        html = world.as_(world.owner).get(page).get_data(as_text=True)
        assert "&lt;script&gt;" in html
        assert "<script>alert" not in html
        assert "<img src=x" not in html
    broken = lan.send(f"/applications/{application.id}/draft", version=3, pitch="a\x00b")
    assert broken.status_code == 422
