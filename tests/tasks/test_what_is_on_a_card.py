"""What stands on a card beside its title, how a board is narrowed to some cards, and how a move is taken back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from tests.support import people as cast
from tests.support.lists import counted
from tests.support.teams import Team
from tests.tasks.test_moves import moves, send, tasks
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.notifications.models import Notice
from webapp.tasks.models import Comment, Task


def board(team: Team, browser: cast.Browser, address: str = "") -> str:
    answer = browser.get(f"/internships/{team.internship}/board{address}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def cards(page: str) -> list[str]:
    """The numbers of the cards that a page shows, in its order."""
    return re.findall(r'id="card-(\d+)"', page)


def worded(browser: cast.Browser, task: dict[str, Any], **fields: Any) -> Any:
    sent = {"title": task["title"], "detail": "", "due_on": "", "labels": "", "version": task["version"]}
    return browser.send(f"/tasks/{task['id']}/edit", **{**sent, **fields})


def day(away: int) -> str:
    return (clock.real_now() + timedelta(days=away)).date().isoformat()


def ranked(team: Team) -> list[tuple[int, str, int | None]]:
    return [(task["id"], task["state"], task["on"]) for task in tasks(team)]


@pytest.mark.move("task.start")
@pytest.mark.move("task.block")
@pytest.mark.move("task.unblock")
def test_a_move_is_taken_back_to_the_very_place_with_whom_it_waited_for(team: Team) -> None:
    intern = team.who(team.intern)
    first, op = tasks(team)[0], str(uuid4())
    before = ranked(team)
    assert send(intern, first, "doing", operation_id=op).status_code == 303
    assert ranked(team) != before
    assert intern.send(f"/moves/{op}/undo", view="page").status_code == 303
    assert ranked(team) == before
    assert moves(team, first["id"]) == ["create", "start", "put_back"]

    waits = {"waits_for": team.reviewer, "why": "The list of stalls"}
    assert send(intern, first, "blocked", move_version=3, **waits).status_code == 303
    blocked, back = ranked(team), str(uuid4())
    reviewer = team.who(team.reviewer)
    assert send(reviewer, first, "doing", move_version=4, operation_id=back).status_code == 303
    assert reviewer.send(f"/moves/{back}/undo", view="page").status_code == 303
    assert ranked(team) == blocked
    assert tasks(team)[0]["why"] == "The list of stalls"


def test_a_move_is_not_taken_back_twice_nor_by_others_nor_after_something_followed(team: Team) -> None:
    intern, owner = team.who(team.intern), team.who(team.reviewer)
    first, op, later = tasks(team)[0], str(uuid4()), str(uuid4())
    send(intern, first, "doing", operation_id=op)
    assert owner.send(f"/moves/{op}/undo", view="page").status_code == 403
    assert intern.send(f"/moves/{uuid4()}/undo", view="page").status_code == 404
    assert intern.send("/moves/nonsense/undo", view="page").status_code == 404
    assert intern.send(f"/moves/{op}/undo", view="page").status_code == 303
    assert intern.send(f"/moves/{op}/undo", view="page").status_code == 409
    send(intern, first, "doing", move_version=3, operation_id=later)
    send(intern, first, "done", move_version=4)
    kept = ranked(team)
    answer = intern.send(f"/moves/{later}/undo", view="page")
    assert answer.status_code == 409
    assert "has changed since your move" in cast.visible_text(answer)
    assert ranked(team) == kept


def test_the_answer_to_a_move_offers_to_undo_it(team: Team) -> None:
    intern, first, op = team.who(team.intern), tasks(team)[0], str(uuid4())
    moved: Any = {"to": "doing", "before": "end", "move_version": 1, "view": "card"}
    answer = intern.send(f"/tasks/{first['id']}/move", htmx=True, operation_id=op, **moved)
    assert f'action="/moves/{op}/undo"' in answer.get_data(as_text=True)


def test_the_answer_to_an_undo_shows_whom_the_card_waits_for_now(team: Team) -> None:
    intern, first, block, unblock = team.who(team.intern), tasks(team)[0], str(uuid4()), str(uuid4())
    moved: Any = {"before": "end", "view": "card", "htmx": True}
    card = f"/tasks/{first['id']}/move"
    waits = {"waits_for": team.reviewer, "why": "The list of stalls"}
    answer = intern.send(card, to="blocked", move_version=1, operation_id=block, **waits, **moved)
    assert "Waiting for" in cast.visible_text(answer)
    answer = intern.send(card, to="doing", move_version=2, operation_id=unblock, **moved)
    assert "Waiting for" not in cast.visible_text(answer)
    assert "Waiting for" in cast.visible_text(intern.send(f"/moves/{unblock}/undo", view="card", htmx=True))


@pytest.mark.parametrize(("to", "steps"), [("todo", 1), ("doing", 1), ("blocked", 2)])
def test_each_step_of_an_undo_writes_the_card_once_together_with_its_history(
    team: Team, to: str, steps: int
) -> None:
    intern, first, op = team.who(team.intern), tasks(team)[0], str(uuid4())
    with team.app.app_context():
        rank = db.session.get_one(Task, first["id"]).rank
    moved: Any = {"before": "end", "move_version": 1, "waits_for": team.reviewer, "why": "The list of stalls"}
    intern.send(f"/tasks/{first['id']}/move", to=to, operation_id=op, view="card", htmx=True, **moved)
    with counted(team.app) as said:
        assert intern.send(f"/moves/{op}/undo", view="page").status_code == 303
    assert len([statement for statement in said if "UPDATE task SET" in statement]) == steps
    with team.app.app_context():
        task = db.session.get_one(Task, first["id"])
        assert (task.state, task.rank, task.move_version) == ("todo", rank, 3)
        assert (task.blocked_on_id, task.blocked_why, task.answer_by) == (None, "", None)


def test_a_day_and_labels_are_kept_and_shown(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    assert worded(intern, first, due_on=day(3), labels=" research,writing, research ,").status_code == 303
    with team.app.app_context(), unit_of_work():
        kept = db.session.get(Task, first["id"])
        assert kept is not None
        assert (kept.due_on.isoformat() if kept.due_on else None, kept.labels) == (
            day(3),
            ["research", "writing"],
        )
    assert "research" in board(team, intern)
    form = intern.get(f"/tasks/{first['id']}/edit").get_data(as_text=True)
    assert 'value="research, writing"' in form
    assert f'value="{day(3)}"' in form


@pytest.mark.parametrize(
    "labels", ["x" * 25, ",".join("abcdefghi"), "x" * 201], ids=["long", "many", "far too long"]
)
def test_labels_that_nobody_could_read_are_refused_and_stay_typed(team: Team, labels: str) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    answer = worded(intern, first, labels=labels)
    assert answer.status_code == 422
    assert labels in answer.get_data(as_text=True)
    assert tasks(team)[0] == first


def test_a_board_is_narrowed_by_words_day_and_label_and_says_how_many_are_hidden(team: Team) -> None:
    intern = team.who(team.intern)
    one, two = tasks(team)[:2]
    worded(intern, one, due_on=day(-2), labels="research")
    worded(intern, two, due_on=day(5))
    everything = cards(board(team, intern))
    first, second = str(one["id"]), str(two["id"])
    assert {first, second} <= set(everything)
    assert board(team, intern).count("Overdue since") == 1
    assert cards(board(team, intern, "?due=overdue")) == [first]
    assert cards(board(team, intern, "?due=week")) == [second]
    assert cards(board(team, intern, "?label=research")) == [first]
    assert cards(board(team, intern, "?due=none")) == [c for c in everything if c not in (first, second)]
    assert cards(board(team, intern, f"?q={one['title'][2:8].upper().replace(' ', '+')}")) == [first]
    nothing = board(team, intern, "?q=%25")
    assert cards(nothing) == []
    assert "hidden by the filters" in nothing


def test_sorted_by_day_the_earliest_comes_first_and_those_without_a_day_last(team: Team) -> None:
    intern = team.who(team.intern)
    one, two = tasks(team)[:2]
    worded(intern, one, due_on=day(9))
    worded(intern, two, due_on=day(1))
    sorted_ = board(team, intern, "?sort=due")
    assert cards(sorted_)[:2] == [str(two["id"]), str(one["id"])]
    assert "Sorted by due date" in sorted_


def test_the_list_shows_the_same_cards_as_a_table(team: Team) -> None:
    intern = team.who(team.intern)
    listed = board(team, intern, "?view=list")
    assert "<table" in listed
    assert cards(listed) == cards(board(team, intern))


@pytest.mark.parametrize(
    "address",
    ["?due=never", "?view=3d&sort=rank", "?q=" + "x" * 900, "?label=%00", "?todo_after=-1", "?q=a&q=b"],
)
def test_an_address_with_nonsense_shows_the_board_all_the_same(team: Team, address: str) -> None:
    answer = team.who(team.intern).get(f"/internships/{team.internship}/board{address}")
    assert answer.status_code == 200
    assert 'id="main"' in answer.get_data(as_text=True)


def test_a_checklist_is_ticked_and_its_ticks_are_taken_back(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    assert intern.send(f"/tasks/{first['id']}/checks", item="Ask the stalls").status_code == 303
    assert intern.send(f"/tasks/{first['id']}/checks", item="").status_code == 422
    assert team.who(team.reviewer).send("/checks/1/tick", done="1").status_code == 303
    assert "1 of 1 done" in board(team, intern)
    assert intern.send("/checks/1/tick", done="1").status_code == 303
    assert intern.send("/checks/1/tick", done="").status_code == 303
    assert "0 of 1 done" in board(team, intern)
    assert moves(team, first["id"]) == ["create", "check_added", "ticked", "unticked"]


def test_a_checklist_ends_somewhere(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    answers = [intern.send(f"/tasks/{first['id']}/checks", item=f"Line {n}").status_code for n in range(31)]
    assert answers == [303] * 30 + [422]


def test_whoever_is_named_in_a_comment_is_told_once_and_nobody_else(team: Team) -> None:
    intern, first = team.who(team.intern), tasks(team)[0]
    names = "@MinhMentor, look; @minhmentor and @Nobody and @everybody <b>x</b>"
    assert intern.send(f"/tasks/{first['id']}/comments", text=names).status_code == 303
    with team.app.app_context(), unit_of_work():
        notices = list(db.session.scalars(select(Notice).where(Notice.code == "task_mention")))
        assert [(row.person_id, row.path) for row in notices] == [(team.mentor, f"/tasks/{first['id']}")]
        assert [row.text for row in db.session.scalars(select(Comment))] == [names]
    page = team.who(team.mentor).get(f"/tasks/{first['id']}").get_data(as_text=True)
    assert "&lt;b&gt;x" in page
    assert "<b>x</b>" not in page


def test_an_outsider_neither_comments_nor_ticks(team: Team) -> None:
    first, outsider = tasks(team)[0], team.who(team.outsider)
    team.who(team.intern).send(f"/tasks/{first['id']}/checks", item="Ask the stalls")
    assert outsider.send(f"/tasks/{first['id']}/comments", text="Hello").status_code == 404
    assert outsider.send("/checks/1/tick", done="1").status_code == 404


def test_the_page_of_a_card_tells_what_happened_to_it(team: Team) -> None:
    browser = team.who(team.intern)
    assert browser.send("/tasks/1/move", to="doing", before="end", move_version=1).status_code == 303
    assert team.who(team.owner).send("/tasks/1/comments", text="Well done").status_code == 303
    page = cast.visible_text(browser.get("/tasks/1"))
    assert page.index("Olga Owner commented on a task.") < page.index("Lan Nguyễn started a task.")
