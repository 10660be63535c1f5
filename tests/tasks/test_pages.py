"""The pages of the board: what they show, who adds and words cards, and how the work begins."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import people as cast
from tests.support import teams
from tests.support.teams import Team
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import NotAllowed, NotNow
from webapp.core.lifecycle import history
from webapp.internships.models import Internship
from webapp.recipients.models import PayoutMethod
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.models import Task


def board(team: Team) -> str:
    return f"/internships/{team.internship}/board"


def test_the_board_has_four_columns_with_lists_and_counts(team: Team) -> None:
    body = team.who(team.intern).get(board(team)).get_data(as_text=True)
    assert re.findall(r'<h2 id="head-(\w+)"', body) == ["todo", "doing", "blocked", "done"]
    assert re.findall(r'<ol class="cards" id="list-(\w+)">', body) == ["todo", "doing", "blocked", "done"]
    assert re.findall(r'id="card-(\d+)" data-version="(\d+)"', body) == [("1", "1"), ("2", "1")]
    assert body.count(">Start<") == 2
    assert body.count(">Move…<") == 2
    assert "Deliverable 1" in body


def test_buttons_are_shown_only_to_those_for_whom_the_door_would_open(team: Team) -> None:
    for person in (team.owner, team.mentor, team.manager, team.finance):
        body = team.who(person).get(board(team)).get_data(as_text=True)
        assert ">Start<" not in body
        assert ">Move…<" not in body
    assert "Add a task" in cast.visible_text(team.who(team.mentor).get(board(team)))
    assert "Add a task" not in cast.visible_text(team.who(team.manager).get(board(team)))


def test_employer_and_mentor_add_cards_and_others_do_not(team: Team) -> None:
    path = f"/internships/{team.internship}/tasks"
    for person, status in (
        (team.owner, 303),
        (team.reviewer, 303),
        (team.mentor, 303),
        (team.intern, 303),
        (team.manager, 403),
        (team.finance, 403),
        (team.outsider, 404),
    ):
        assert team.who(person).send(path, title=f"By {person}", detail="").status_code == status
    with team.app.app_context():
        assert len(db.session.scalars(select(Task)).all()) == 6
        task = db.session.scalars(select(Task).order_by(Task.id.desc())).first()
        assert task
        assert [entry.move for entry in history.of_subject("task", task.id)] == ["create"]


@pytest.mark.point(26)
@pytest.mark.parametrize("title", ["", "   ", "x" * 201, "with NUL \x00", "turned \u202e round"])
def test_a_card_without_a_good_title_is_refused_and_what_was_typed_is_kept(team: Team, title: str) -> None:
    for htmx in (False, True):
        answer = team.who(team.intern).send(
            f"/internships/{team.internship}/tasks", htmx=htmx, title=title, detail="More about it here"
        )
        assert answer.status_code == 422
        body = answer.get_data(as_text=True)
        assert "There is a problem" in body
        assert "More about it here" in body
    with team.app.app_context():
        assert len(db.session.scalars(select(Task)).all()) == 2


@pytest.mark.abuse(22)
def test_words_of_a_card_are_only_words(team: Team) -> None:
    canary = "<img src=x onerror=alert(1)>{{ 7*7 }}"
    intern = team.who(team.intern)
    assert (
        intern.send(f"/internships/{team.internship}/tasks", title=canary, detail=canary).status_code == 303
    )
    for path in (board(team), "/tasks/3", "/tasks/3/edit", "/tasks/3/move"):
        body = intern.get(path).get_data(as_text=True)
        assert "<img src=x" not in body
        assert "&lt;img src=x" in body
    moved = intern.send("/tasks/3/move", htmx=True, to="doing", before="end", move_version=1, view="card")
    assert "<img src=x" not in moved.get_data(as_text=True)


@pytest.mark.point(16)
def test_a_column_of_many_cards_is_shown_by_pages_with_exact_counts(team: Team) -> None:
    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        intern = db.session.get_one(Person, team.intern)
        for number in range(61):
            task_cards.add(internship, actor=intern, title=f"Task {number}", detail="")
    browser, path = team.who(team.intern), board(team)
    seen: list[str] = []
    for left in (38, 13, 0):
        body = browser.get(path).get_data(as_text=True)
        assert '<h2 id="head-todo" tabindex="-1">To do <span>63</span></h2>' in body
        seen += re.findall(r'id="card-(\d+)"', body)
        further = re.search(r'class="more"><a href="(/internships/\d+/board\?todo_after=[\d.~]+)', body)
        assert bool(further) == bool(left)
        if further:
            assert f"{left} left" in body
            path = further[1]
    assert len(seen) == len(set(seen)) == 63
    strange = browser.get(f"{board(team)}?todo_after=99999999999999999999999&doing_after=x&done_after=-1")
    assert strange.status_code == 200


def test_the_sheet_offers_the_columns_that_the_door_would_open(team: Team) -> None:
    page = team.who(team.intern).get("/tasks/1/move")
    offered = re.findall(r'type="radio" value="(\w+)"', page.get_data(as_text=True))
    assert offered == ["todo", "doing", "blocked"]
    words = cast.visible_text(page)
    assert "To do (here now)" in words
    assert "Doing (0 tasks)" in words
    assert team.who(team.finance).get("/tasks/1/move").status_code == 403
    assert team.who(team.outsider).get("/tasks/1/move").status_code == 404


@pytest.mark.move("internship.start")
def test_the_work_begins_with_a_board_made_of_the_deliverables(app: Flask) -> None:
    team = teams.build(app, "matched", seeded=False, secured=True)
    with app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        intern = db.session.get_one(Person, team.intern)
        with pytest.raises(NotNow) as refused, unit_of_work():
            task_cards.begin_work(internship, actor=intern, version=internship.version)
        assert str(refused.value.sentence) == "Say first where your pay should go."
        assert "money" not in str(refused.value.sentence)
    with app.app_context(), unit_of_work():
        db.session.add(
            PayoutMethod(
                person_id=team.intern,
                country="VN",
                bank_name="Bank",
                account_holder="LAN NGUYEN",
                account_number="0123456789",
                added_at=db.func.now(),
            )
        )
    with app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        with pytest.raises(NotAllowed), unit_of_work():
            owner = db.session.get_one(Person, team.owner)
            db.session.execute(db.update(PayoutMethod).values(person_id=owner.id))
            task_cards.begin_work(internship, actor=owner, version=internship.version)
    with app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        intern = db.session.get_one(Person, team.intern)
        task_cards.begin_work(internship, actor=intern, version=internship.version)
        cards = db.session.scalars(select(Task).order_by(Task.rank)).all()
        assert internship.state == "in_progress"
        assert [(card.title, card.deliverable, card.state) for card in cards] == [
            ("Table of prices", 1, "todo"),
            ("One-page summary", 2, "todo"),
        ]


def test_what_is_missing_to_begin_is_named_all_at_once(app: Flask) -> None:
    team = teams.build(app, "matched", seeded=False, signed=False)
    with app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        intern = db.session.get_one(Person, team.intern)
        with pytest.raises(NotNow) as refused, unit_of_work():
            task_cards.begin_work(internship, actor=intern, version=internship.version)
        assert str(refused.value.sentence) == (
            "The work can start once both sides have accepted the agreement. "
            "The work can start once the money is secured. Say first where your pay should go."
        )
        assert internship.state == "matched"
    assert team.who(team.intern).get(board(team)).status_code == 404
