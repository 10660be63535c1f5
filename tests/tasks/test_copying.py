"""Taking tasks over from a board of before: which boards are offered, what comes along, and where it goes."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import insert, select, update

from tests.support import people as cast
from tests.support import teams
from tests.support.teams import Team
from tests.tasks.test_moves import tasks
from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.internships.models import Internship
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.actions import moves as task_moves
from webapp.tasks.actions import open_board as task_open_board
from webapp.tasks.models import Comment, Task


def address(team: Team) -> str:
    return f"/internships/{team.internship}/tasks/copy"


def titles(team: Team, internship: int | None = None) -> list[str]:
    """The cards of To do in their order."""
    with team.app.app_context(), unit_of_work():
        rows = db.session.scalars(
            select(Task)
            .where(Task.internship_id == (internship or team.internship), Task.state == "todo")
            .order_by(Task.rank, Task.id)
        )
        return [row.title for row in rows]


def another(team: Team, state: str = "paid", *, who: int | None = None, cards: int = 3) -> int:
    """Another internship at the same employer, with cards done, doing and to do."""
    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        intern = db.session.get_one(Person, who) if who else cast.intern("Anna Another")
        posting = cast.posting(
            internship.organisation,
            internship.programme,
            by=db.session.get_one(Person, team.owner),
            title="Map of the landings",
        )
        other = cast.internship("in_progress", of=posting, who=intern)
        for number in range(cards):
            task_cards.add(other, actor=intern, title=f"Card {number}", detail=f"Detail {number}")
        its = list(db.session.scalars(select(Task).where(Task.internship_id == other.id).order_by(Task.id)))
        if cards:
            task_cards.edit(
                its[0],
                actor=intern,
                version=1,
                title="Card 0",
                detail="Detail 0",
                due_on=date(2030, 1, 1),
                labels=("research", "giá"),
            )
            for line in ("Ask", "Count"):
                check = task_cards.add_check(its[0], actor=intern, text=line)
                task_cards.tick(check, actor=intern, done=True)
            task_cards.say(its[0], actor=intern, text="A secret of that board")
            task_moves.move(its[0], actor=intern, to="doing", before="end", move_version=1)
            task_moves.move(its[0], actor=intern, to="done", before="end", move_version=2)
        other_id = other.id
    with team.app.app_context(), unit_of_work():
        started = None if state == "matched" else clock.now()
        db.session.execute(
            update(Internship).where(Internship.id == other_id).values(state=state, started_at=started)
        )
    return other_id


def ids(team: Team, internship: int) -> dict[str, int]:
    with team.app.app_context(), unit_of_work():
        rows = db.session.scalars(select(Task).where(Task.internship_id == internship))
        return {row.title: row.id for row in rows}


def offered(team: Team, person: int) -> list[int]:
    """The boards that somebody may choose from, in their order."""
    answer = team.who(person).get(address(team))
    assert answer.status_code == 200
    return [int(n) for n in re.findall(r"\?from=(\d+)", answer.get_data(as_text=True))]


def copy(browser: cast.Browser, team: Team, board: Any, cards: Any, **fields: Any) -> Any:
    return browser.send(address(team), board=str(board), cards=[str(card) for card in cards], **fields)


def test_only_boards_that_one_works_with_are_offered_the_newest_first(app: Flask, team: Team) -> None:
    older = another(team)
    own = another(team, "in_progress", who=team.intern)
    newest = another(team)
    another(team, cards=0)
    another(team, "matched")
    elsewhere = teams.build(app)
    assert offered(team, team.intern) == [own]
    for person in (team.owner, team.reviewer, team.mentor):
        assert offered(team, person) == [newest, own, older]
    assert offered(elsewhere, elsewhere.owner) == []
    page = cast.visible_text(team.who(elsewhere.outsider).get(address(elsewhere)))
    assert "Map of the landings" not in page


def test_a_board_is_named_by_its_posting_its_intern_and_its_cards_but_never_to_another_intern(
    team: Team,
) -> None:
    another(team)
    words = cast.visible_text(team.who(team.mentor).get(address(team)))
    assert "Map of the landings Anna · Started on" in words
    assert "3 tasks" in words
    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        intern = db.session.get_one(Person, team.intern)
        cast.join(internship.organisation, intern, "reviewer")
    words = cast.visible_text(team.who(team.intern).get(address(team)))
    assert "Map of the landings" in words
    assert "Anna" not in words


def test_all_cards_of_a_board_are_chosen_at_first_and_those_that_stay_chosen_are_taken_over(
    team: Team,
) -> None:
    source, mentor = another(team), team.who(team.mentor)
    page = mentor.get(f"{address(team)}?from={source}").get_data(as_text=True)
    boxes = re.findall(r"<input[^>]*type=\"checkbox\"[^>]*>", page)
    assert len([box for box in boxes if 'name="cards"' in box and "checked" in box]) == 3
    cards, before = ids(team, source), titles(team)
    answer = copy(mentor, team, source, [cards["Card 0"], cards["Card 2"]])
    assert answer.status_code == 303
    assert answer.location.endswith(f"/internships/{team.internship}/board")
    assert titles(team) == [*before, "Card 2", "Card 0"]  # as on that board: what is done comes last
    assert titles(team, source) == ["Card 1", "Card 2"]


def test_words_labels_and_an_unticked_checklist_come_along_and_nothing_else(team: Team) -> None:
    source = another(team)
    cards = ids(team, source)
    assert copy(team.who(team.intern), team, source, cards.values()).status_code == 422  # not theirs
    assert copy(team.who(team.owner), team, source, cards.values()).status_code == 303
    copied = ids(team, team.internship)["Card 0"]
    with team.app.app_context(), unit_of_work():
        task = db.session.get_one(Task, copied)
        assert (task.title, task.detail, task.labels) == ("Card 0", "Detail 0", ["research", "giá"])
        assert [(check.text, check.done_at, check.done_by_id) for check in task.checks] == [
            ("Ask", None, None),
            ("Count", None, None),
        ]
        assert (task.state, task.due_on, task.deliverable, task.blocked_on_id) == ("todo", None, None, None)
        assert (task.move_version, task.version, task.created_by_id) == (1, 1, team.owner)
        assert (task.comments, task.files) == ([], [])
        assert len(list(db.session.scalars(select(Comment)))) == 1
        entries = history.of_subject("task", copied)
        assert [(entry.move, entry.actor_id, entry.params) for entry in entries] == [
            ("create", team.owner, {"copied_from": cards["Card 0"]})
        ]


def test_one_who_may_not_add_here_takes_nothing_over(team: Team) -> None:
    source = another(team)
    cards = ids(team, source).values()
    for person, status in ((team.finance, 403), (team.manager, 403), (team.outsider, 404)):
        browser = team.who(person)
        assert browser.get(address(team)).status_code == status
        assert browser.get(f"{address(team)}?from={source}").status_code == status
        assert copy(browser, team, source, cards).status_code == status
    assert len(tasks(team)) == 2


def test_a_board_that_is_not_theirs_not_started_or_this_one_is_not_there_to_choose(
    app: Flask, team: Team
) -> None:
    elsewhere = teams.build(app).internship
    owner, unstarted = team.who(team.owner), another(team, "matched")
    for wrong in (elsewhere, unstarted, team.internship, 0, 2**62, 2**63, -1, "x", "9e9"):
        assert owner.get(f"{address(team)}?from={wrong}").status_code == 404, wrong
        answer = copy(owner, team, wrong, [1])
        assert answer.status_code == 422, wrong
        assert "Choose the board" in cast.visible_text(answer)
    assert owner.get(f"{address(team)}?from=").status_code == 200
    assert len(tasks(team)) == 2


@pytest.mark.abuse(2)
def test_a_card_of_a_third_board_is_not_taken_along(team: Team) -> None:
    source, third, owner = another(team), another(team), team.who(team.owner)
    good, foreign = ids(team, source), ids(team, third)["Card 0"]
    for wrong in (foreign, tasks(team)[0]["id"], 0, 2**62, 2**63, -1, "x"):
        answer = copy(owner, team, source, [good["Card 1"], wrong])
        assert answer.status_code == 422, wrong
        assert "Choose tasks from the board shown." in cast.visible_text(answer)
    assert len(tasks(team)) == 2


def test_what_was_chosen_stays_chosen_when_it_is_refused_and_nothing_chosen_is_asked_for(
    team: Team,
) -> None:
    source, owner = another(team), team.who(team.owner)
    cards = ids(team, source)
    answer = copy(owner, team, source, [cards["Card 1"], 0], htmx=True)
    assert answer.status_code == 422
    boxes = re.findall(r"<input[^>]*type=\"checkbox\"[^>]*>", answer.get_data(as_text=True))
    checked = [box for box in boxes if "checked" in box]
    assert len(checked) == 1
    assert f'value="{cards["Card 1"]}"' in checked[0]
    answer = copy(owner, team, source, [])
    assert answer.status_code == 422
    assert "Choose at least one task." in cast.visible_text(answer)


def test_the_same_form_sent_twice_takes_them_over_once(team: Team) -> None:
    source, owner, op = another(team), team.who(team.owner), str(uuid4())
    cards = ids(team, source).values()
    for _ in range(2):
        assert copy(owner, team, source, cards, operation_id=op).status_code == 303
    assert copy(owner, team, source, [*cards, *cards]).status_code == 303  # a box named twice counts once
    assert len(tasks(team)) == 2 + 3 + 3


def test_a_board_does_not_grow_over_its_limit_also_when_two_add_at_once(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(task_open_board, "MOST_CARDS", 2 + 4)
    source = another(team)
    cards = list(ids(team, source).values())
    people = [team.who(person) for person in (team.owner, team.reviewer, team.mentor)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda browser: copy(browser, team, source, cards), people))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422]
    refused = next(answer for answer in answers if answer.status_code == 422)
    assert "This board has room for 1 more task." in cast.visible_text(refused)
    assert len(tasks(team)) == 5
    assert copy(people[0], team, source, cards[:1]).status_code == 303
    assert copy(people[0], team, source, cards[:1]).status_code == 422


def test_of_a_very_long_board_the_first_five_hundred_are_shown_and_taken_over(team: Team) -> None:
    source = another(team)
    with team.app.app_context(), unit_of_work():
        rows = [
            {"internship_id": source, "title": f"Long {n}", "rank": 10_000 + n, "created_at": clock.now()}
            for n in range(600)
        ]
        db.session.execute(insert(Task), rows)
    owner = team.who(team.owner)
    page = owner.get(f"{address(team)}?from={source}")
    assert "The board holds 603 tasks. The first 500 are shown." in cast.visible_text(page)
    shown = re.findall(r'name="cards"[^>]*value="(\d+)"', page.get_data(as_text=True))
    assert len(shown) == 500
    assert copy(owner, team, source, shown).status_code == 303
    assert len(tasks(team)) == 502


def test_a_closed_board_takes_nothing_over(team: Team) -> None:
    source, owner = another(team), team.who(team.owner)
    with team.app.app_context(), unit_of_work():
        db.session.execute(
            update(Internship).where(Internship.id == team.internship).values(state="reviewed")
        )
    assert copy(owner, team, source, ids(team, source).values()).status_code == 409
    page = cast.visible_text(owner.get(f"{address(team)}?from={source}"))
    assert "The board is closed" in page
    assert "Copy the tasks" not in page
    assert len(tasks(team)) == 2
