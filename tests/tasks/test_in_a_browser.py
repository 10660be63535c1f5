"""The board in a browser: legible, worked by its buttons and its sheet, with and without JavaScript."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support import teams
from tests.support.application import Served
from tests.tasks.at_the_board import axe_findings
from tests.tasks.seen import SIZES, Axe, NewPage, look, sign_in


@pytest.mark.point(1)
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_checker_finds_nothing_on_the_pages_of_the_board(
    live_server: Served, new_page: NewPage, axe: Axe, width: int, scheme: str
) -> None:
    team = teams.build(live_server.app)
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    sign_in(page, live_server, team, team.intern)
    look(
        page,
        live_server,
        axe,
        f"/internships/{team.internship}/board",
        "/tasks/1",
        "/tasks/1/move",
        "/tasks/1/edit",
    )
    sign_in(page, live_server, team, team.mentor)
    look(page, live_server, axe, f"/internships/{team.internship}/board", "/tasks/1")


@pytest.mark.point(2)
@pytest.mark.point(6)
def test_a_card_moves_by_its_button_and_by_its_sheet(live_server: Served, page: Page, axe: Axe) -> None:
    team = teams.build(live_server.app)
    sign_in(page, live_server, team, team.intern)
    page.goto(f"{live_server.url}/internships/{team.internship}/board")
    page.get_by_role("button", name="Start Table of prices").click()
    expect(page.locator("#list-doing #card-1")).to_be_visible()
    expect(page.locator("#head-todo")).to_have_text("To do 1")
    expect(page.locator("#head-doing")).to_have_text("Doing 1")
    expect(page.locator("#live")).to_have_text(
        "“Table of prices” moved from To do to Doing, position 1 of 1."
    )
    expect(page.locator("#mv-1")).to_be_focused()
    assert axe_findings(axe, page) == []

    page.get_by_role("button", name="Finish Table of prices").click()
    expect(page.locator("#list-done #card-1")).to_be_visible()

    page.locator("#mv-2").click()
    expect(page.locator("#sheet")).to_be_visible()
    assert axe_findings(axe, page) == []
    page.get_by_role("radio", name=re.compile("Blocked")).check()
    page.get_by_label("Who you're waiting for").select_option(label="Minh Mentor")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    page.get_by_label("What are you waiting for?").fill("The list of stalls")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#list-blocked #card-2")).to_contain_text("Waiting for Minh")
    expect(page.locator("#sheet")).not_to_be_visible()
    assert page.evaluate("document.activeElement !== document.body")
    assert axe_findings(axe, page) == []


@pytest.mark.point(18)
def test_a_stale_tab_hears_who_was_quicker_and_may_choose(live_server: Served, page: Page, axe: Axe) -> None:
    team = teams.build(live_server.app)
    sign_in(page, live_server, team, team.intern)
    page.route(
        re.compile(r"/board/(stream|since)"), lambda route: route.abort()
    )  # it does not hear of changes
    page.goto(f"{live_server.url}/internships/{team.internship}/board")
    other = team.who(team.intern)
    assert other.send("/tasks/1/move", to="doing", before="end", move_version=1).status_code == 303
    assert other.send("/tasks/1/move", to="todo", before="end", move_version=2).status_code == 303
    page.get_by_role("button", name="Start Table of prices").click()
    expect(page.locator("#notices")).to_contain_text("your move to Doing was not made")
    expect(page.locator("#list-todo #card-1")).to_have_attribute("data-version", "3")
    assert axe_findings(axe, page) == []
    page.get_by_role("button", name=re.compile("Move to Doing anyway")).click()
    expect(page.locator("#list-doing #card-1")).to_be_visible()


@pytest.mark.point(10)
def test_everything_works_without_javascript(live_server: Served, new_page: NewPage) -> None:
    team = teams.build(live_server.app)
    page = new_page(java_script_enabled=False)
    sign_in(page, live_server, team, team.intern)
    page.goto(f"{live_server.url}/internships/{team.internship}/board")
    page.get_by_text("Add a task").first.click()
    page.get_by_label("What needs doing").fill("Ask the last stalls")
    page.get_by_role("button", name="Add the task").click()
    expect(page.locator("#list-todo")).to_contain_text("Ask the last stalls")
    page.get_by_role("button", name="Start Table of prices").click()
    expect(page.locator("#list-doing #card-1")).to_be_visible()
    expect(page.locator("#notices")).to_contain_text("moved from To do to Doing")
    page.locator("#mv-1").click()
    page.get_by_role("radio", name=re.compile("Done")).check()
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#list-done #card-1")).to_be_visible()
