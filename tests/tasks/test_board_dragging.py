"""Cards are dragged with the mouse or a finger: where they may go, and what nothing comes of."""

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
