"""The intern's own board: the tasks of all their work that is going on, each labelled with its internship, by day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support import people as cast
from tests.support import teams
from tests.support.application import Served
from tests.tasks.at_the_board import axe_findings, in_column
from tests.tasks.seen import Axe, NewPage, sign_in
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.internships.models import Internship
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.models import Task


@dataclass(frozen=True)
class Two:
    """An intern with two internships going on, and one that is over."""

    first: teams.Team
    second: int
    over: int


def build(app: Flask) -> Two:
    first = teams.build(app)
    with app.app_context(), unit_of_work():
        intern = db.session.get_one(cast.Person, first.intern)
        second, over = cast.internship(who=intern), cast.internship(who=intern)
        for internship in (second, over):
            task_cards.seed_board(internship, actor=SYSTEM)
        db.session.execute(db.update(Internship).where(Internship.id == over.id).values(state="reviewed"))
        tasks = db.session.scalars(db.select(Task).order_by(Task.id)).all()
        today = datetime.now(UTC).date()
        # The second card of each comes first by its day; the first ones have none.
        for number, task in enumerate(tasks):
            task.due_on = today + timedelta(days=10 - number) if number % 2 else None
        return Two(first, second.id, over.id)


def tasks_of(app: Flask, internship: int) -> list[int]:
    with app.app_context(), unit_of_work():
        return list(
            db.session.scalars(db.select(Task.id).where(Task.internship_id == internship).order_by(Task.id))
        )


def test_the_cards_of_all_own_work_stand_by_day_and_name_their_internship(app: Flask) -> None:
    two = build(app)
    first, second = tasks_of(app, two.first.internship), tasks_of(app, two.second)
    body = two.first.who(two.first.intern).get("/tasks").get_data(as_text=True)
    shown = [int(part.split('"')[0]) for part in body.split('id="card-')[1:]]
    assert shown == [second[1], first[1], first[0], second[0]]
    assert body.count(f"/internships/{two.second}/board#card-") == 2
    assert f"/internships/{two.over}/board" not in body
    only = two.first.who(two.first.intern).get(f"/tasks?of={two.second}").get_data(as_text=True)
    assert only.count('<li class="card"') == 2
    nothing = two.first.who(two.first.intern).get("/tasks?label=x").get_data(as_text=True)
    assert nothing.count("4 cards are hidden by the filters.") == 1


def test_without_work_that_is_going_on_it_says_so(app: Flask) -> None:
    team = teams.build(app, "reviewed")
    assert "No work in progress" in team.who(team.intern).get("/tasks").get_data(as_text=True)


def test_nobody_orders_it_by_hand_and_others_have_none(app: Flask) -> None:
    two = build(app)
    browser = two.first.who(two.first.intern)
    sheet = browser.get(
        f"/tasks/{tasks_of(app, two.second)[0]}/move", headers={"Referer": "http://localhost/tasks"}
    )
    assert "By due date" in sheet.get_data(as_text=True)
    assert two.first.who(two.first.owner).get("/tasks").status_code == 403


@pytest.mark.parametrize("htmx", [False, True])
def test_a_move_made_there_leads_back_there(app: Flask, htmx: bool) -> None:
    two = build(app)
    card = tasks_of(app, two.second)[0]
    seen_at = f"/tasks?of={two.second}"
    answer = two.first.who(two.first.intern).send(
        f"/tasks/{card}/move",
        htmx=htmx,
        seen_at=seen_at,
        to="doing",
        before="end",
        move_version=1,
        view="card",
    )
    if htmx:
        body = answer.get_data(as_text=True)
        assert 'hx-target="#list-doing"' in body
        assert f"/internships/{two.second}/board#card-{card}" in body  # the card carries its label
        assert '<h2 id="head-doing" tabindex="-1">Doing <span>1</span></h2>' in " ".join(body.split())
    else:
        assert answer.headers["Location"].endswith(f"/tasks?of={two.second}#card-{card}")


@pytest.mark.point(19)
@pytest.mark.point(2)
def test_it_lives_and_lets_go_of_what_is_over(live_server: Served, new_page: NewPage, axe: Axe) -> None:
    two = build(live_server.app)
    page = new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, live_server, two.first, two.first.intern)
    page.goto(f"{live_server.url}/tasks")
    expect(page.locator("#board-state")).to_have_text("Live updates")
    assert axe_findings(axe, page) == []
    card = tasks_of(live_server.app, two.second)[1]
    elsewhere(two, card, to="doing")
    expect(page.locator(f"#list-doing #card-{card}")).to_be_visible()
    expect(page.locator("#head-doing")).to_have_text("Doing 1")

    with live_server.app.app_context(), unit_of_work():
        from webapp.core.lifecycle import history
        from webapp.core.lifecycle import transitions as lifecycle

        gone = db.session.get_one(Internship, two.second)
        lifecycle.lock(gone)
        db.session.execute(db.update(Internship).where(Internship.id == gone.id).values(state="reviewed"))
        db.session.expire(gone)
        history.record(gone, gone, "end_early", actor=SYSTEM)
    expect(page.locator(f"#card-{card}")).to_have_count(0)
    assert in_column(page, "todo") == list(reversed(tasks_of(live_server.app, two.first.internship)))


def elsewhere(two: Two, card: int, **move: Any) -> None:
    answer = two.first.who(two.first.intern).send(f"/tasks/{card}/move", before="end", move_version=1, **move)
    assert answer.status_code == 303


@pytest.mark.point(4)
def test_dragging_works_across_the_internships_and_says_why_nothing_is_put_in_order(
    live_server: Served, page: Page
) -> None:
    from tests.tasks.at_the_board import drag

    two = build(live_server.app)
    sign_in(page, live_server, two.first, two.first.intern)
    page.goto(f"{live_server.url}/tasks")
    first, second = tasks_of(live_server.app, two.first.internship), tasks_of(live_server.app, two.second)
    drag(page, first[0], "doing")
    expect(page.locator("#list-doing > li")).to_have_attribute("data-version", "2")
    drag(page, second[0], "doing")
    expect(page.locator("#list-doing > li")).to_have_count(2)
    expect(page.locator(f"#card-{second[0]}")).to_have_attribute("data-version", "2")
    page.locator(f"#mv-{second[0]}").press("Shift+K")
    expect(page.locator("#notices")).to_contain_text("Sorted by due date")
