"""The board under the keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.support import teams
from tests.support.application import Served
from tests.tasks.at_the_board import add_cards, axe_findings, drag, in_column, open_board, rows
from tests.tasks.seen import Axe


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
