"""The internship's page: how far it is, whose turn it is, until when, and what happens otherwise."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from tests.endings.test_early_ends import start
from tests.endings.test_endings import Matched
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines
from webapp.dashboards.queries import by_role as dashboard_by_role
from webapp.dashboards.queries.shell import roles
from webapp.next_steps.queries import of_internship as next_step_of_internship
from webapp.next_steps.queries import page as next_step_page
from webapp.postings.queries.postings import posting_of
from webapp.tasks.models import Task


def in_their_role(who: int) -> tuple[Person, str]:
    person = db.session.get_one(Person, who)
    return person, roles(person)[0]


def labels(app: Flask, who: int) -> list[str]:
    with app.test_request_context():
        return [step.label for step in dashboard_by_role.dashboard(*in_their_role(who)).steps(0)]


def page(world: Matched, who: int) -> str:
    answer = world.as_(who).get(f"/internships/{world.seat}")
    assert answer.status_code == 200
    return cast.visible_text(answer)


def test_each_step_before_the_work_says_whose_turn_it_is_to_everybody(app: Flask) -> None:
    world = Matched(app)
    assert "Your turn" in page(world, world.lan)
    assert "Your turn" in page(world, world.owner)
    assert "Waiting for Lan Nguyễn and Kim Foods" in page(world, world.finance)
    assert labels(app, world.lan) == ["Read and accept", "Tell us where to send your pay"]

    world.sign(world.lan)
    assert "Waiting for Kim Foods" in page(world, world.lan)
    world.sign(world.owner)
    assert "See what to transfer" in page(world, world.owner)
    assert labels(app, world.owner) == ["See what to transfer"]
    assert labels(app, world.lan) == ["Tell us where to send your pay"]

    world.begin_payment()
    assert "Record the money" in page(world, world.finance)
    assert labels(app, world.owner) == []


def parts(world: Matched, who: int) -> list[str]:
    answer = world.as_(who).get(f"/internships/{world.seat}").get_data(as_text=True)
    links = re.search(r'<nav class="tabs".*?</nav>', answer, re.DOTALL)
    assert links is not None
    return re.findall(r">([^<>]+)</a>", links[0])


def test_the_parts_of_an_internship_are_linked_as_they_come_to_be(app: Flask) -> None:
    world = Matched(app)
    assert parts(world, world.lan) == ["Overview", "Agreement", "Funding"]
    world.sign(world.lan, world.owner)
    world.secure()
    start(app, world)
    assert parts(world, world.lan) == ["Overview", "Agreement", "Funding", "Board", "Hand in"]
    assert parts(world, world.owner) == ["Overview", "Agreement", "Funding", "Board"]


@pytest.mark.move("internship.start")
def test_the_intern_starts_once_everything_is_ready_and_finds_a_board(app: Flask) -> None:
    world = Matched(app)
    lan = world.as_(world.lan)
    early = lan.send(f"/internships/{world.seat}/start", version=2)
    assert early.status_code == 409
    assert "accepted the agreement" in cast.visible_text(early)
    world.sign(world.lan, world.owner)
    world.secure()
    assert "Tell us where to send your pay" in page(world, world.lan)
    assert world.as_(world.owner).send(f"/internships/{world.seat}/start", version=2).status_code == 403

    assert start(app, world).location.endswith("/board")
    with app.app_context():
        assert world.internship().state == "in_progress"
        assert db.session.scalar(db.select(db.func.count()).select_from(Task)) == 2
    assert "Hand in the work" in page(world, world.lan)
    assert lan.send(f"/internships/{world.seat}/start", version=2).status_code == 409


@pytest.mark.parametrize("state", ["matched", "in_progress", "submitted", "reviewed", "paid"])
def test_a_page_promises_only_clocks_that_run(app: Flask, state: str) -> None:
    with app.test_request_context(), unit_of_work():
        internship = cast.internship(state)
        promised = {row.due_at for row in deadlines.armed(internship).values()}
        assert internship.intern is not None
        for who in (internship.intern, db.session.get_one(Person, posting_of(internship).created_by_id)):
            step = next_step_of_internship.next_step(internship, who)
            if state == "in_progress":
                assert step.until == internship.submit_by, "the agreed end, and its clock in the sentence"
                assert "the internship ends" in step.otherwise
            else:
                assert step.until is None or step.until in promised
            assert bool(step.otherwise) <= (step.until is not None)
        db.session.rollback()


@pytest.mark.parametrize(
    ("state", "present"),
    [("matched", "Agreed"), ("in_progress", "Working"), ("submitted", "Review"), ("reviewed", "Approved")],
)
def test_the_progress_has_six_milestones_and_stands_at_the_present_one(
    app: Flask, state: str, present: str
) -> None:
    with app.test_request_context(), unit_of_work():
        internship = cast.internship(state)
        assert internship.intern is not None
        milestones = next_step_page.milestones(
            internship, next_step_of_internship.next_step(internship, internship.intern)
        )
        assert [milestone.label for milestone in milestones] == [
            "Applied",
            "Agreed",
            "Working",
            "Review",
            "Approved",
            "Paid",
        ]
        assert [milestone.label for milestone in milestones if milestone.state == "current"] == [present]
        db.session.rollback()


def test_the_page_shows_people_history_and_the_pay_date(app: Flask) -> None:
    world = Matched(app)
    text = page(world, world.lan)
    for words in ("When you get your money", "Mai Owner", "Lan Nguyễn was matched", "What was agreed"):
        assert words in text
    html = world.as_(world.lan).get(f"/internships/{world.seat}").get_data(as_text=True)
    assert len(re.findall(r'class="milestone ', html)) == 6


@pytest.mark.abuse(2)
def test_an_internship_is_seen_only_by_its_people(app: Flask) -> None:
    world = Matched(app)
    assert world.as_(world.minh).get(f"/internships/{world.seat}").status_code == 404
    assert world.as_(world.minh).send(f"/internships/{world.seat}/start", version=2).status_code == 404
    assert app.test_client().get(f"/internships/{world.seat}").status_code == 303


def test_the_employers_list_filters_by_state_and_pages(app: Flask) -> None:
    world = Matched(app)
    url = f"/organisations/{world.employer}/internships"
    owner = world.as_(world.owner)
    assert "Survey of street-food prices" in cast.visible_text(owner.get(url))
    assert "No internship is in this state now" in cast.visible_text(owner.get(f"{url}?state=paid"))
    assert "Survey" in cast.visible_text(owner.get(f"{url}?state=matched"))
    assert owner.get(f"{url}?state=nonsense&before=x").status_code == 200
    assert world.as_(world.lan).get(url).status_code in (403, 404)


def test_everything_that_waits_for_somebody_is_listed_with_the_oldest_deadline_first(app: Flask) -> None:
    world = Matched(app)
    with app.test_request_context(), unit_of_work():
        other = cast.posting(db.session.get_one(cast.Organisation, world.employer))
        cast.application(other, cast.intern("Somebody Else"))
        db.session.flush()
    assert labels(app, world.owner) == ["Read and accept", "Read the applications"]
    with app.test_request_context():
        steps = dashboard_by_role.dashboard(*in_their_role(world.owner)).steps(0)
        assert [step.until for step in steps] == sorted(step.until for step in steps if step.until)
