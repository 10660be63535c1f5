"""One endpoint moves cards: what it does, what it refuses, and what it answers."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.notifications.models import Notice
from webapp.tasks.models import Task


def tasks(team: Team) -> list[dict[str, Any]]:
    with team.app.app_context(), unit_of_work():
        rows = db.session.scalars(
            select(Task).where(Task.internship_id == team.internship).order_by(Task.rank, Task.id)
        )
        return [
            {
                "id": t.id,
                "state": t.state,
                "move_version": t.move_version,
                "version": t.version,
                "title": t.title,
                "why": t.blocked_why,
                "on": t.blocked_on_id,
            }
            for t in rows
        ]


def moves(team: Team, task_id: int) -> list[str]:
    with team.app.app_context(), unit_of_work():
        return [entry.move for entry in history.of_subject("task", task_id)]


def send(browser: cast.Browser, task: dict[str, Any], to: str, **fields: Any) -> Any:
    fields = {"to": to, "before": "end", "move_version": task["move_version"], "view": "page", **fields}
    return browser.send(f"/tasks/{task['id']}/move", **fields)


@pytest.mark.move("task.start")
@pytest.mark.move("task.finish")
@pytest.mark.move("task.reopen")
@pytest.mark.move("task.put_back")
def test_the_intern_moves_a_card_through_the_columns(team: Team) -> None:
    intern = team.who(team.intern)
    first = tasks(team)[0]
    for seq, to in enumerate(("doing", "done", "doing", "todo"), start=1):
        answer = send(intern, first, to, move_version=seq)
        assert answer.status_code == 303
        assert answer.location.endswith(f"/internships/{team.internship}/board#card-{first['id']}")
    assert moves(team, first["id"]) == ["create", "start", "finish", "reopen", "put_back"]
    assert tasks(team)[-1] == {
        **first,
        "move_version": 5,
    }  # at the end of To do; moves do not count as edits


@pytest.mark.move("task.block")
@pytest.mark.move("task.unblock")
def test_a_block_names_who_is_waited_for_and_that_person_unblocks(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    refused = send(intern, first, "blocked", waits_for="")
    assert refused.status_code == 422
    assert "Choose who you're waiting for." in cast.visible_text(refused)
    refused = send(intern, first, "blocked", waits_for=team.outsider, why="The list of stalls")
    assert refused.status_code == 422
    refused = send(intern, first, "blocked", waits_for=team.reviewer, why="")
    assert refused.status_code == 422
    assert tasks(team)[0] == first

    answer = send(intern, first, "blocked", waits_for=team.reviewer, why="The list of stalls")
    assert answer.status_code == 303
    blocked = next(t for t in tasks(team) if t["id"] == first["id"])
    assert (blocked["state"], blocked["on"], blocked["why"]) == (
        "blocked",
        team.reviewer,
        "The list of stalls",
    )
    with team.app.app_context():
        notices = db.session.scalars(select(Notice).where(Notice.code == "task_blocked")).all()
        assert [notice.person_id for notice in notices] == [team.reviewer]

    assert send(team.who(team.owner), blocked, "doing").status_code == 403
    assert send(team.who(team.mentor), blocked, "doing").status_code == 403
    assert send(team.who(team.reviewer), blocked, "doing").status_code == 303
    after = next(t for t in tasks(team) if t["id"] == first["id"])
    assert (after["state"], after["on"], after["why"]) == ("doing", None, "")
    assert moves(team, first["id"]) == ["create", "block", "unblock"]


@pytest.mark.point(18)
def test_a_stale_tab_cannot_overwrite_a_move_and_hears_who_was_quicker(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    assert send(intern, first, "doing").status_code == 303
    for htmx in (False, True):
        answer = send(intern, first, "todo", htmx=htmx, view="card")
        assert answer.status_code == 409
        words = cast.visible_text(answer)
        assert "Lan moved “Table of prices” to Doing at" in words
        assert "your move to To do was not made" in words
        assert "Move to To do anyway" in words
        fresh = re.search(r'name="move_version" value="(\d+)"', answer.get_data(as_text=True))
        assert fresh
        assert fresh[1] == "2"
    body = answer.get_data(as_text=True)
    assert f'hx-target="#card-{first["id"]}" hx-swap="delete"' in body
    assert 'hx-target="#list-doing"' in body
    assert moves(team, first["id"]) == ["create", "start"]
    assert send(intern, {**first, "move_version": 2}, "todo").status_code == 303  # the choice "anyway"


@pytest.mark.abuse(7)
def test_a_step_that_the_machine_does_not_know_is_refused(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    assert send(intern, first, "done").status_code == 409
    assert send(intern, first, "paid").status_code == 422
    assert send(intern, first, "doing", move_version="x").status_code == 422
    assert send(intern, first, "doing", before="1; DROP TABLE task").status_code == 422
    assert tasks(team)[0] == first


def test_only_the_intern_moves_and_only_people_of_the_internship_see(team: Team) -> None:
    first = tasks(team)[0]
    for person, status in (
        (team.owner, 403),
        (team.mentor, 403),
        (team.finance, 403),
        (team.outsider, 404),
    ):
        assert send(team.who(person), first, "doing").status_code == status
    assert tasks(team)[0] == first


def test_a_card_is_placed_before_its_neighbour_at_the_top_or_at_the_end(team: Team) -> None:
    intern = team.who(team.intern)
    for title in ("Third", "Fourth"):
        assert intern.send(f"/internships/{team.internship}/tasks", title=title).status_code == 303
    one, two, three, four = tasks(team)
    assert send(intern, four, "todo", before=two["id"]).status_code == 303
    assert [t["id"] for t in tasks(team)] == [one["id"], four["id"], two["id"], three["id"]]
    assert send(intern, three, "todo", before="top").status_code == 303
    assert send(intern, one, "todo", before="end").status_code == 303
    assert [t["id"] for t in tasks(team)] == [three["id"], four["id"], two["id"], one["id"]]
    assert moves(team, four["id"]) == ["create", "place"]


def test_the_same_gap_can_be_halved_two_hundred_times(team: Team) -> None:
    with team.app.app_context(), unit_of_work():
        from webapp.tasks.actions import cards as task_cards
        from webapp.tasks.actions import moves as task_moves

        one, two = db.session.scalars(select(Task).order_by(Task.rank))
        intern = one.internship.intern
        assert intern
        for turn in range(200):
            moved, other = (one, two) if turn % 2 == 0 else (two, one)
            below = task_cards.add(one.internship, actor=intern, title=f"Gap {turn}", detail="")
            task_moves.move(
                below, actor=intern, to="todo", before=str(other.id), move_version=below.move_version
            )
            task_moves.move(
                moved, actor=intern, to="todo", before=str(below.id), move_version=moved.move_version
            )
        ranks = [t.rank for t in db.session.scalars(select(Task).order_by(Task.rank))]
        assert len(set(ranks)) == 202


@pytest.mark.abuse(8)
@pytest.mark.point(23)
def test_the_same_form_sent_five_times_at_once_moves_once(team: Team) -> None:
    first, op = tasks(team)[0], str(uuid4())
    browsers = [team.who(team.intern) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda browser: send(browser, first, "doing", operation_id=op), browsers))
    assert [answer.status_code for answer in answers] == [303] * 5
    assert len({answer.location for answer in answers}) == 1
    assert moves(team, first["id"]) == ["create", "start"]


def test_two_moves_at_once_from_one_sight_leave_one(team: Team) -> None:
    first = tasks(team)[0]
    browsers = [team.who(team.intern) for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda browser: send(browser, first, "doing"), browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409, 409, 409]
    assert moves(team, first["id"]) == ["create", "start"]


@pytest.mark.point(4)
def test_htmx_gets_only_what_changed_and_the_same_row_as_without_javascript(team: Team) -> None:
    intern, (first, second) = team.who(team.intern), tasks(team)
    assert send(intern, second, "doing").status_code == 303
    second = next(t for t in tasks(team) if t["id"] == second["id"])
    answer = send(intern, first, "doing", htmx=True, view="card", before=second["id"])
    assert answer.status_code == 200
    body = answer.get_data(as_text=True)
    targets = re.findall(r'<hx-partial hx-target="#([\w-]+)" hx-swap="(\w+)"', body)
    assert targets == [
        (f"card-{first['id']}", "delete"),
        (f"card-{second['id']}", "beforebegin"),
        ("head-todo", "outerHTML"),
        ("head-doing", "outerHTML"),
        ("live", "innerHTML"),
        ("notices", "innerHTML"),
    ]
    assert not re.sub(r"<hx-partial.*?</hx-partial>", "", body, flags=re.DOTALL).strip()
    assert f'id="mv-{first["id"]}"' in body
    assert "autofocus" in body
    assert "“Table of prices” moved from To do to Doing, position 1 of 2." in body
    assert '<h2 id="head-doing" tabindex="-1">Doing <span>2</span></h2>' in body
    assert moves(team, first["id"]) == moves(team, second["id"]) == ["create", "start"]


def test_a_replayed_move_answers_with_the_board_as_it_is(team: Team) -> None:
    intern, first, op = team.who(team.intern), tasks(team)[0], str(uuid4())
    assert send(intern, first, "doing", htmx=True, view="card", operation_id=op).status_code == 200
    again = send(intern, first, "doing", htmx=True, view="card", operation_id=op)
    assert again.status_code == 200
    body = again.get_data(as_text=True)
    assert f'id="card-{first["id"]}" data-version="2"' in body
    assert moves(team, first["id"]) == ["create", "start"]


def test_a_move_while_the_words_are_being_edited_spoils_nothing(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    assert send(intern, first, "doing").status_code == 303
    saved = team.who(team.owner).send(
        f"/tasks/{first['id']}/edit", version=first["version"], title="Price table", detail="One row a stall"
    )
    assert saved.status_code == 303
    assert send(intern, {**first, "move_version": 2}, "done").status_code == 303
    stale = intern.send(f"/tasks/{first['id']}/edit", version=first["version"], title="Other", detail="")
    assert stale.status_code == 409
    assert {"Price table"} == {t["title"] for t in tasks(team) if t["id"] == first["id"]}


def test_the_board_is_closed_when_the_work_is_over(team: Team) -> None:
    from webapp.internships.models import Internship

    intern, first = team.who(team.intern), tasks(team)[0]
    with team.app.app_context(), unit_of_work():
        db.session.execute(db.update(Internship).values(state="reviewed"))
    assert send(intern, first, "doing").status_code == 409
    assert intern.send(f"/internships/{team.internship}/tasks", title="More").status_code == 409
    page = intern.get(f"/internships/{team.internship}/board")
    assert "The board is closed" in cast.visible_text(page)
    assert "/move" not in page.get_data(as_text=True).partition("<main")[2]
