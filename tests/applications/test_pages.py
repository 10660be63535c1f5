"""The pages of applications, as the intern and the employer's people meet them."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support import people as cast
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.postings.models import Posting, Question


class World:
    """A posting with two seats, its owner and reviewer, and two interns; everything committed."""

    def __init__(self, app: Flask, seats: int = 2) -> None:
        self.app = app
        with app.test_request_context(), unit_of_work():
            employer = cast.organisation(name="Kim Foods")
            owner = cast.member(employer, "owner", "Mai Owner")
            reviewer = cast.member(employer, "reviewer", "Rui Reviewer")
            posting = cast.posting(employer, seats=seats, by=owner)
            posting.questions = [Question(position=1, text="Which stalls do you know?")]
            for number in range(1, seats + 1):
                cast.seat(posting, number)
            lan, minh = cast.intern("Lan Nguyễn"), cast.intern("Minh Trần")
            db.session.flush()
            self.employer, self.posting, self.question = employer.id, posting.id, posting.questions[0].id
            self.owner, self.reviewer, self.lan, self.minh = owner.id, reviewer.id, lan.id, minh.id

    def as_(self, who: int) -> cast.Browser:
        return cast.signed_in(self.app, who)

    def application_of(self, who: int) -> Application:
        with self.app.app_context():
            return db.session.scalars(
                db.select(Application).where(
                    Application.posting_id == self.posting, Application.intern_id == who
                )
            ).one()

    def applied(self, who: int, state: str = "applied") -> int:
        with self.app.test_request_context(), unit_of_work():
            posting, intern = db.session.get_one(Posting, self.posting), db.session.get_one(cast.Person, who)
            return cast.application(posting, intern, state=state).id


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
            "operation_id": cast.uuid4(),
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
