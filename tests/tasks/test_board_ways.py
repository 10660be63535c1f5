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
    in_column,
    layout_shift,
    middle,
    open_board,
    rows,
    take,
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


@pytest.mark.point(15)
def test_a_card_is_dropped_between_two_others_and_nothing_jumps(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    add_cards(team, "Third", "Fourth")
    open_board(page, live_server, team)
    drag(page, 4, "todo", before=2)
    expect(page.locator("#card-4")).to_have_attribute("data-version", "2")
    assert in_column(page, "todo") == [1, 4, 2, 3] == [card for card, _, _ in rows(team)]
    assert events(team, 4) == ["create", "place"]
    drag(page, 4, "doing")
    expect(page.locator("#card-4")).to_have_attribute("data-version", "3")
    assert layout_shift(page) <= 0.02


def test_a_drop_that_changes_nothing_sends_nothing(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    drag(page, 1, "todo", before=2)
    drag(page, 2, "todo")
    x, y = grip(page, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 5, y)  # within the slop: a click, not a drag
    assert page.locator(".card-ghost").count() == 0
    page.mouse.up()
    take(page, 1)
    page.mouse.move(*middle(page, ".column:has(#list-doing)"))
    expect(page.locator(".column[data-over] #list-doing")).to_be_attached()
    page.keyboard.press("Escape")
    expect(page.locator(".card-ghost")).to_have_count(0)
    page.mouse.up()
    assert not posts
    assert rows(team) == [(1, "todo", 1), (2, "todo", 1)]


def test_a_column_where_the_card_may_not_go_says_why_and_takes_nothing(
    live_server: Served, page: Page, axe: Axe
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    take(page, 1)
    shut = page.locator(".column[data-shut]")
    expect(shut).to_have_count(1)
    expect(shut.locator(".column-why")).to_have_text(re.compile("can't go to Done in one step"))
    page.mouse.move(*middle(page, ".column:has(#list-done)"))
    assert axe_findings(axe, page) == []
    page.mouse.up()
    expect(page.locator("#live")).to_have_text(re.compile("can't go to Done"))
    expect(page.locator(".column[data-shut]")).to_have_count(0)
    page.locator("#mv-1").focus()
    page.keyboard.press("[")  # there is no column before
    page.keyboard.press("l")  # nor a card beside
    expect(page.locator("#mv-1")).to_be_focused()
    assert rows(team)[0] == (1, "todo", 1)


def test_a_drop_that_needs_words_opens_the_sheet_that_asks_for_them(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    drag(page, 1, "blocked")
    expect(page.locator("#sheet")).to_be_visible()
    assert in_column(page, "todo") == [1, 2]
    expect(page.locator("#sheet")).not_to_contain_text(
        "There is a problem"
    )  # nobody has left anything out yet
    page.locator("#sheet").get_by_label("Who you're waiting for").select_option(label="Minh Mentor")
    page.locator("#sheet").get_by_label("What are you waiting for?").fill("The list of stalls")
    page.locator("#sheet").get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("#list-blocked #card-1")).to_contain_text("Waiting for Minh")


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


def test_a_finger_that_rests_lifts_the_card_a_second_one_is_ignored_and_one_that_moves_scrolls(
    live_server: Served, new_page: NewPage
) -> None:
    team = teams.build(live_server.app)
    page = new_page(**FINGER)
    open_board(page, live_server, team)
    with finger(page) as touch:
        x, y = grip(page, 1)
        touch("touchStart", (x, y))
        expect(page.locator(".card-ghost")).to_be_visible()
        bar = page.locator(".drop-bar > div")
        expect(bar).to_have_count(4)
        assert all(
            (box := spot.bounding_box()) and box["height"] >= 44 and box["width"] >= 44 for spot in bar.all()
        )
        expect(page.locator(".drop-bar [data-drop=done]")).to_contain_text("can't go to Done")
        touch("touchStart", (x, y), (x - 90, y + 30))
        touch("touchMove", (x, y), (x - 90, y + 90))
        ghost = page.locator(".card-ghost").bounding_box()
        card = page.locator("#card-1").bounding_box()
        assert ghost and card and ghost["y"] == card["y"]
        touch("touchCancel")
        expect(page.locator(".card-ghost")).to_have_count(0)
        touch("touchStart", (x, y))
        touch("touchMove", (x, y - 40))
        touch("touchMove", (x, y - 80))
        touch("touchEnd")
        page.wait_for_function("() => scrollY > 0")
        assert page.locator(".card-ghost").count() == 0
    assert rows(team) == [(1, "todo", 1), (2, "todo", 1)]


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


@pytest.mark.point(3)
def test_the_board_is_worked_with_keys_alone(live_server: Served, page: Page, axe: Axe) -> None:
    team = teams.build(live_server.app)
    add_cards(team, "Third")
    open_board(page, live_server, team)
    press, board = page.keyboard.press, page.locator("#board")
    press("j")  # outside the board a letter is only a letter
    assert page.evaluate("document.activeElement === document.body")
    board.focus()
    press("j")
    expect(page.locator("#mv-1")).to_be_focused()
    press("j")
    expect(page.locator("#mv-2")).to_be_focused()
    press("Shift+J")
    expect(page.locator("#card-2")).to_have_attribute("data-version", "2")
    expect(page.locator("#mv-2")).to_be_focused()
    assert in_column(page, "todo") == [1, 3, 2]
    press("Shift+K")
    expect(page.locator("#card-2")).to_have_attribute("data-version", "3")
    assert in_column(page, "todo") == [1, 2, 3]
    press("]")
    expect(page.locator("#list-doing #card-2")).to_have_attribute("data-version", "4")
    expect(page.locator("#mv-2")).to_be_focused()
    press("h")
    expect(page.locator("#mv-1")).to_be_focused()
    press("l")
    press("[")
    expect(page.locator("#list-todo #card-2")).to_have_attribute("data-version", "5")
    press("m")
    expect(page.locator("#sheet")).to_contain_text("Move:")
    press("Escape")
    expect(page.locator("#mv-2")).to_be_focused()

    press("?")
    expect(page.get_by_role("dialog", name="Keys of the board")).to_be_visible()
    assert axe_findings(axe, page) == []
    page.get_by_label("Use these keys").press("Space")
    press("Escape")
    expect(page.locator("#mv-2")).to_be_focused()
    press("k")
    press("[")
    expect(page.locator("#mv-2")).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Keys").click()
    expect(page.get_by_label("Use these keys")).not_to_be_checked()
    assert rows(team)[-1] == (2, "todo", 5)


def test_under_reduced_motion_nothing_glides(live_server: Served, new_page: NewPage) -> None:
    team = teams.build(live_server.app)
    page = new_page(reduced_motion="reduce")
    open_board(page, live_server, team)
    page.evaluate('() => { Element.prototype.animate = () => { throw new Error("something glides") } }')
    go("button", page)
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")


def test_who_may_not_move_cards_drags_nothing(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team, team.mentor)
    x, y = grip(page, 1)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 300, y, steps=3)
    assert page.locator(".card-ghost").count() == 0
    page.mouse.up()
    page.locator("#card-1 a").first.focus()
    page.keyboard.press("]")
    expect(page.locator("#notices")).to_contain_text("can't go to Doing")
    assert rows(team)[0] == (1, "todo", 1)


@pytest.mark.point(4)
@pytest.mark.point(22)
def test_a_key_takes_the_last_move_back_to_its_very_place(live_server: Served, page: Page, axe: Axe) -> None:
    team = teams.build(live_server.app)
    add_cards(team, "Third")
    open_board(page, live_server, team)
    drag(page, 2, "doing")
    expect(page.locator("#card-2")).to_have_attribute("data-version", "2")
    page.keyboard.press("u")  # the focus is on the board, where the mouse was pressed
    expect(page.locator("#list-todo #card-2")).to_have_attribute("data-version", "3")
    assert in_column(page, "todo") == [1, 2, 3] == [card for card, _, _ in rows(team)]
    assert page.evaluate("document.activeElement !== document.body")
    assert axe_findings(axe, page) == []


def test_a_sorted_board_says_why_it_takes_no_other_order_and_still_changes_columns(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    page.goto(page.url + "?sort=due")
    expect(page.locator("#board-state")).to_have_text("Live updates")
    drag(page, 2, "todo", before=1)
    expect(page.locator("#notices")).to_contain_text("Sorted by due date")
    page.locator("#mv-1").focus()
    page.keyboard.press("Shift+J")
    expect(page.locator("#live")).to_contain_text("Sorted by due date")
    assert rows(team) == [(1, "todo", 1), (2, "todo", 1)]
    page.keyboard.press("/")
    expect(page.locator(".board-filters [name=q]")).to_be_focused()
    drag(page, 2, "doing")
    expect(page.locator("#list-doing #card-2")).to_have_attribute("data-version", "2")
