"""Six ways to move a card, one effect: the button, the sheet, the mouse, a finger, the keys, and no script at all."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.support import teams
from tests.support.application import Served
from tests.tasks.at_the_board import (
    FINGER,
    add_cards,
    axe_findings,
    drag,
    events,
    finger,
    grip,
    middle,
    open_board,
    rows,
)
from tests.tasks.seen import Axe, NewPage

WAYS = ["button", "sheet", "mouse", "finger", "keys", "no script"]


def go(way: str, page: Page) -> None:
    """Move card 1 from To do to Doing."""
    if way in ("button", "no script"):
        page.get_by_role("button", name="Start Table of prices").click()
    elif way == "sheet":
        page.locator("#mv-1").click()
        page.get_by_role("radio", name=re.compile("Doing")).check()
        page.get_by_role("button", name="Move", exact=True).click()
    elif way == "mouse":
        drag(page, 1, "doing")
    elif way == "finger":
        with finger(page) as touch:
            touch("touchStart", grip(page, 1))
            expect(page.locator(".drop-bar")).to_be_visible()
            touch("touchMove", middle(page, "[data-drop=doing]"))
            touch("touchEnd")
    else:
        page.locator("#mv-1").focus()
        page.keyboard.press("]")


@pytest.mark.point(2)
@pytest.mark.point(4)
@pytest.mark.point(6)
@pytest.mark.point(24)
@pytest.mark.parametrize("way", WAYS)
def test_six_ways_to_move_a_card_leave_the_same_row_and_event(
    live_server: Served, new_page: NewPage, axe: Axe, way: str
) -> None:
    team = teams.build(live_server.app)
    scripted = way != "no script"
    page = new_page(**(FINGER if way == "finger" else {"java_script_enabled": scripted}))
    open_board(page, live_server, team, live=scripted)
    go(way, page)
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    expect(page.locator("#head-doing")).to_have_text("Doing 1")
    assert rows(team) == [(1, "doing", 2), (2, "todo", 1)]
    assert events(team, 1) == ["create", "start"]
    if scripted:
        expect(page.locator("#live")).to_have_text(
            "“Table of prices” moved from To do to Doing, position 1 of 1."
        )
        assert page.locator("[style], .card-ghost, .drop-gap, .drop-bar, .column-why").count() == 0
        assert axe_findings(axe, page) == []
        focused = page.evaluate("document.activeElement.id || document.activeElement.tagName")
        # After a drag nothing takes the focus: it is where it was, or on the board that was pressed.
        assert focused == {"mouse": "board", "finger": "board"}.get(way, "mv-1")


@pytest.mark.point(5)
def test_whatever_can_be_dragged_can_be_moved_by_a_menu_too(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    add_cards(team, "Third")
    open_board(page, live_server, team)
    dragged = page.locator('.card[data-targets]:not([data-targets=""])')
    assert dragged.count() == 3
    assert dragged.filter(has=page.get_by_role("link", name="Move…")).count() == 3


@pytest.mark.point(23)
@pytest.mark.point(8)
def test_a_double_click_moves_one_card_one_step_and_is_announced_once(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    page.evaluate(
        """() => { window.said = []; new MutationObserver(() => {
             const words = document.querySelector("#live").textContent.trim(); if (words) said.push(words);
           }).observe(document.querySelector("#live"), {childList: true, characterData: true, subtree: true}); }"""
    )
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    # Under the pointer, where the button was, there is that of the next card when the second click comes.
    page.get_by_role("button", name="Start Table of prices").dblclick()
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    assert len(posts) == 1
    page.locator("#mv-2").focus()
    page.keyboard.press("]")
    page.keyboard.press("]")  # the same card is still on its way, or already Doing and asks for words
    page.keyboard.press("Escape")
    expect(page.locator("#list-doing #card-2")).to_have_attribute("data-version", "2")
    assert (events(team, 1), events(team, 2)) == (["create", "start"], ["create", "start"])
    announced = page.evaluate("said")
    assert len([words for words in announced if "moved" in words]) == 2


@pytest.mark.point(37)
def test_on_a_phone_one_column_fills_the_view_and_every_target_fits_a_finger(
    live_server: Served, new_page: NewPage
) -> None:
    team = teams.build(live_server.app)
    page = new_page(**{**FINGER, "viewport": {"width": 320, "height": 640}})
    open_board(page, live_server, team)
    go("button", page)
    expect(page.locator("#card-1")).to_have_attribute("data-version", "2")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    board, column = page.locator("#board").bounding_box(), page.locator(".column").first.bounding_box()
    assert board and column and column["width"] == board["width"]
    small = page.locator("main :is(a, button, summary), #notices :is(a, button)").evaluate_all(
        """all => all.filter(e => e.checkVisibility() && !e.closest(".crumb")).map(e => [e.textContent.trim(), e.getBoundingClientRect()])
             .filter(([, b]) => b.width && (b.width < 44 || b.height < 43.9)).map(([words, b]) => `${words} ${b.width}×${b.height}`)"""
    )
    assert small == []
    page.get_by_role("link", name="Blocked", exact=True).click()
    expect(page.locator("#head-blocked")).to_be_in_viewport()


def test_under_reduced_motion_nothing_glides(live_server: Served, new_page: NewPage) -> None:
    team = teams.build(live_server.app)
    page = new_page(reduced_motion="reduce")
    open_board(page, live_server, team)
    page.evaluate('() => { Element.prototype.animate = () => { throw new Error("something glides") } }')
    go("button", page)
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
