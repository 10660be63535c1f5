"""The message of a change carries the card: each viewer gets it as they may see it, and no page has to ask."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support import teams
from tests.support.application import Served
from tests.support.teams import Team
from tests.tasks.at_the_board import add_cards, in_column, open_board
from tests.tasks.seen import NewPage
from tests.tasks.test_stream import Ear, listening
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.tasks.models import Check, Task


def set_person(app: Flask, person: int, **values: Any) -> None:
    with app.app_context(), unit_of_work():
        for name, value in values.items():
            setattr(db.session.get_one(Person, person), name, value)


def move(team: Team, card: int, to: str, version: int, **fields: Any) -> None:
    answer = team.who(team.intern).send(
        f"/tasks/{card}/move", to=to, before="end", move_version=version, **fields
    )
    assert answer.status_code == 303


def carried(team: Team, ears: list[Ear], card: int) -> list[str]:
    """The card as each of them hears of it, once it is known who they are: until then it comes empty."""
    version = 1
    for _try in range(40):
        move(team, card, "doing" if version % 2 else "todo", version)
        version += 1
        came = [str(ear.next()[1].get("html") or "") for ear in ears]
        if all(came):
            return came
    raise AssertionError("no card was carried")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0)])
def test_each_viewer_hears_a_card_in_their_own_rights_language_and_zone(
    live_server: Served, order: tuple[int, ...]
) -> None:
    """In whichever order they came, with every drawing kept from the one before."""
    app, team = live_server.app, teams.build(live_server.app)
    set_person(app, team.intern, locale="vi", zone="Asia/Ho_Chi_Minh")
    set_person(app, team.manager, locale="en", zone="UTC")
    with app.app_context(), unit_of_work():
        db.session.get_one(Task, 1).due_on = date(2031, 1, 2)
    people = [team.intern, team.manager, team.reviewer]
    with (
        listening(live_server, team, people[order[0]]) as first,
        listening(live_server, team, people[order[1]]) as second,
        listening(live_server, team, people[order[2]]) as third,
    ):
        came = dict(zip(order, carried(team, [first, second, third], 1), strict=True))
    assert "Chuyển" in came[0] and 'id="mv-1"' in came[0]
    assert "Đến hạn 03/01/2031 06:59" in came[0]  # where the intern is now, it is the next day
    for others in (came[1], came[2]):
        assert "Due 2 Jan 2031<" in others
        assert 'id="mv-1"' not in others and "formaction" not in others
    assert came[1] == came[2]


def test_only_whom_a_card_waits_for_gets_the_button_that_unblocks_it(live_server: Served) -> None:
    team = teams.build(live_server.app)
    with (
        listening(live_server, team, team.reviewer) as waited_for,
        listening(live_server, team, team.second_reviewer) as other,
    ):
        carried(team, [waited_for, other], 1)
        move(team, 2, "doing", 1)
        move(team, 2, "blocked", 2, waits_for=team.reviewer, why="A word")
        last = [[ear.next()[1]["html"] for _change in range(2)][-1] for ear in (waited_for, other)]
    assert "Unblock" in last[0]
    assert "Unblock" not in last[1]
    assert "Waiting for Rita" in last[1]


def test_a_card_on_screen_shows_what_is_on_it_now_however_often_it_was_drawn(app: Flask) -> None:
    """What is kept are drawings of contents, so that a new content is a new drawing: words, day, list, name, language."""
    team = teams.build(app)
    add_cards(team, "Third")
    path = f"/internships/{team.internship}/board"
    browser = team.who(team.intern)

    def card(number: int) -> str:
        body = browser.get(path).get_data(as_text=True)
        return body.split(f'id="card-{number}"')[1].split("</li>")[0]

    before = card(1)
    assert before == card(1)
    changes = (
        (
            "/tasks/1/edit",
            {"title": "Other words", "detail": "", "due_on": "2031-01-02", "labels": "ui, fast"},
        ),
        ("/tasks/1/checks", {"item": "Look twice"}),
        ("/checks/1/tick", {"done": "1"}),
        ("/tasks/1/move", {"to": "doing", "before": "end", "move_version": 1}),
    )
    for address, fields in changes:
        version = {"version": 1} if address.endswith("edit") else {}
        assert browser.send(address, **fields, **version).status_code == 303
        assert card(1) != before
        before = card(1)
    for words in ("Other words", "2 Jan 2031", "fast", "1 of 1 done", "Finish"):
        assert words in before
    move(team, 1, "blocked", 2, waits_for=team.reviewer, why="A word")
    assert "Waiting for Rita" in card(1)
    set_person(app, team.reviewer, preferred_name="Ruth")
    assert "Waiting for Ruth" in card(1)
    set_person(app, team.intern, locale="vi")
    assert "Ruth" in card(1) and "Waiting for" not in card(1)
    with app.app_context(), unit_of_work():
        assert db.session.scalars(db.select(Check)).one().done_at is not None
    seen = team.who(team.manager).get(path).get_data(as_text=True)
    assert "Waiting for Ruth" in seen and 'id="mv-1"' not in seen


def test_a_page_that_is_told_of_moves_asks_for_nothing_and_shows_what_a_new_page_would(
    live_server: Served, new_page: NewPage
) -> None:
    team = teams.build(live_server.app)
    add_cards(team, *(f"Card {number}" for number in range(3, 8)))
    page, fresh = new_page(), new_page()
    asked: list[str] = []
    open_board(page, live_server, team, team.mentor)
    page.on("request", lambda request: asked.append(request.url))
    version = dict.fromkeys(range(1, 8), 1)
    for card, to in ((1, "doing"), (2, "doing"), (1, "done"), (3, "doing"), (2, "todo")):
        move(team, card, to, version[card])
        version[card] += 1
        expect(page.locator(f"#list-{to} #card-{card}")).to_have_attribute("data-version", str(version[card]))
    assert [url for url in asked if url.endswith("/card")] == []
    open_board(fresh, live_server, team, team.mentor)
    for column in ("todo", "doing", "blocked", "done"):
        assert in_column(page, column) == in_column(fresh, column)
        expect(page.locator(f"#head-{column}")).to_have_text(fresh.locator(f"#head-{column}").inner_text())
    assert _cards(page) == _cards(fresh)


def test_a_filtered_page_asks_for_the_card_by_itself(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team, team.mentor)
    page.goto(f"{live_server.url}/internships/{team.internship}/board?q=table")
    with page.expect_request("**/tasks/1/card"):
        move(team, 1, "doing", 1)
    expect(page.locator("#list-doing #card-1")).to_be_visible()


def _cards(page: Page) -> list[str]:
    markup = page.locator("#board .card").evaluate_all("cards => cards.map(card => card.outerHTML)")
    return [re.sub(r' (data-history-number|style|class|aria-busy)="[^"]*"|\s+', " ", one) for one in markup]
