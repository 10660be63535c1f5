"""What goes wrong on the board: no network, a slow or broken server, a stale tab; and fifty acts at random."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support import teams
from tests.support.application import Served
from tests.support.chance import chance
from tests.tasks.at_the_board import add_cards, axe_findings, drag, events, in_column, open_board, rows
from tests.tasks.seen import Axe, NewPage

NOT_SAVED = "Your change was not saved. Try again."

NOTE_PRESSES = """addEventListener("pointerdown", ({ target }) => {
  window.pressedBesides ||= !target.closest("#board, #sheet, a, button, input, summary"); }, true);"""


@pytest.mark.point(2)
@pytest.mark.point(9)
@pytest.mark.point(21)
def test_a_move_without_a_network_goes_back_says_so_and_its_retry_applies_once(
    live_server: Served, page: Page, axe: Axe
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    page.evaluate(
        """() => { window.said = []; new MutationObserver(() => said.push(document.querySelector("#live").textContent))
             .observe(document.querySelector("#live"), {childList: true, characterData: true, subtree: true}); }"""
    )
    page.context.set_offline(True)
    expect(page.locator("#board-state")).to_contain_text("Offline, updated")
    drag(page, 1, "doing")
    expect(page.locator("#notices")).to_contain_text(NOT_SAVED)
    assert in_column(page, "todo") == [1, 2]
    assert page.locator("[data-pending], [aria-busy=true]").count() == 0
    assert page.evaluate("said") == [NOT_SAVED]
    assert axe_findings(axe, page) == []
    page.get_by_role("button", name="Try again").click()  # still no network
    expect(page.locator("#notices > .notice")).to_have_count(1)
    assert not page.evaluate(
        "dispatchEvent(new Event('beforeunload', {cancelable: true}))"
    )  # it would be lost

    page.context.set_offline(False)
    expect(page.locator("#board-state")).to_have_text("Live updates")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    expect(page.locator("#notices")).not_to_contain_text("not saved")
    assert events(team, 1) == ["create", "start"]
    assert page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    assert axe_findings(axe, page) == []


@pytest.mark.point(21)
@pytest.mark.point(23)
def test_a_move_whose_answer_was_lost_is_seen_where_it_is_and_is_not_made_twice(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)

    def lose_the_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.route("**/tasks/1/move", lose_the_answer)
    page.get_by_role("button", name="Start Table of prices").click()
    expect(page.locator("#notices")).to_contain_text(NOT_SAVED)
    expect(page.locator("#list-doing #card-1")).to_have_attribute(
        "data-version", "2"
    )  # the truth, read again
    page.unroute("**/tasks/1/move")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#notices")).to_contain_text("That was already done")
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    assert events(team, 1) == ["create", "start"]
    drag(page, 2, "doing")  # the board that came with that answer works as the first one did
    expect(page.locator("#list-doing #card-2")).to_have_attribute("data-version", "2")


@pytest.mark.point(21)
def test_two_moves_that_did_not_get_through_keep_a_retry_each(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    page.context.set_offline(True)
    for title in ("Table of prices", "One-page summary"):
        page.get_by_role("button", name=f"Start {title}").click()
    expect(page.get_by_role("button", name="Try again")).to_have_count(2)
    page.context.set_offline(False)
    page.evaluate("window.samePage = true")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#list-doing #card-2")).to_have_attribute("data-version", "2")
    assert rows(team) == [(1, "doing", 2), (2, "doing", 2)]
    assert page.evaluate("window.samePage"), "neither retry left the page"


@pytest.mark.parametrize("status", [403, 413, 429])
def test_a_refusal_that_is_none_of_ours_leaves_the_board(
    live_server: Served, page: Page, status: int
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    refusal = "<!doctype html><h1>Refused on the way</h1>"
    page.route(
        "**/tasks/1/move", lambda route: route.fulfill(status=status, content_type="text/html", body=refusal)
    )
    drag(page, 1, "doing")
    expect(page.locator("#notices")).to_contain_text(NOT_SAVED)
    assert in_column(page, "todo") == [1, 2]
    expect(page.get_by_role("heading", level=1)).to_have_text("Board")
    page.unroute("**/tasks/1/move")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")


def test_a_slow_answer_shows_that_it_saves_and_ten_seconds_are_enough(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    page.clock.install()
    held: list[Route] = []
    page.route("**/tasks/1/move", lambda route: held.append(route))
    open_board(page, live_server, team)
    page.get_by_role("button", name="Start Table of prices").click()
    card = page.locator("#list-doing #card-1")
    expect(card).to_have_attribute("aria-busy", "true")
    page.clock.run_for(160)
    expect(card).to_have_attribute("data-busy", "Saving…")
    assert not page.evaluate("dispatchEvent(new Event('beforeunload', {cancelable: true}))")
    drag(page, 2, "doing")  # other cards stay free
    expect(page.locator("#list-doing #card-2")).to_have_attribute("data-version", "2")
    expect(card).to_have_attribute("aria-busy", "true")
    page.clock.run_for(10_000)
    expect(page.locator("#notices")).to_contain_text(NOT_SAVED)
    expect(page.locator("#list-todo #card-1")).not_to_have_attribute("aria-busy", "true")
    page.unroute("**/tasks/1/move")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    assert events(team, 1) == ["create", "start"]


@pytest.mark.parametrize("body", ["partials", "a proxy's page"])
def test_a_broken_server_leaves_the_card_and_a_retry(live_server: Served, page: Page, body: str) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    answer = (
        '<hx-partial hx-target="#notices" hx-swap="innerHTML"><div class="notice notice-danger"><div class="notice-body">'
        "<p>Something broke. Reference: 7F</p></div></div></hx-partial>"
        if body == "partials"
        else "<h1>502 Bad Gateway</h1>"
    )
    page.route(
        "**/tasks/1/move", lambda route: route.fulfill(status=502, content_type="text/html", body=answer)
    )
    page.get_by_role("button", name="Start Table of prices").click()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    expect(page.locator("#notices")).to_contain_text("Reference: 7F" if body == "partials" else NOT_SAVED)
    assert in_column(page, "todo") == [1, 2]
    expect(page.get_by_role("heading", level=1)).to_have_text("Board")
    assert page.evaluate("document.activeElement !== document.body")
    page.unroute("**/tasks/1/move")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    expect(page.locator("#notices")).not_to_contain_text("Try again")


@pytest.mark.point(2)
@pytest.mark.point(6)
@pytest.mark.point(18)
def test_a_stale_tab_gets_the_truth_and_a_choice_and_both_tabs_converge(
    live_server: Served, new_page: NewPage, axe: Axe
) -> None:
    team = teams.build(live_server.app)
    stale, other = new_page(), new_page()
    stale.route("**/board/stream*", lambda route: route.abort())
    stale.route("**/board/since*", lambda route: route.abort())
    open_board(stale, live_server, team, live=False)
    open_board(other, live_server, team)
    other.locator("#mv-1").focus()
    other.keyboard.press("]")
    expect(other.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    stale.locator("#mv-1").focus()
    stale.keyboard.press("Shift+J")
    expect(stale.locator("#notices")).to_contain_text("your move to To do was not made")
    expect(stale.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    assert stale.evaluate("document.activeElement.matches('#notices .notice')")
    assert axe_findings(axe, stale) == []
    stale.get_by_role("button", name=re.compile("Move to To do anyway")).click()
    expect(stale.locator("#list-todo #card-1")).to_have_attribute("data-version", "3")
    expect(other.locator("#list-todo #card-1")).to_have_attribute("data-version", "3")
    assert in_column(stale, "todo") == in_column(other, "todo") == [card for card, _, _ in rows(team)]


def test_a_page_without_the_neighbour_still_shows_the_card(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    page.route("**/board/s*", lambda route: route.abort())
    open_board(page, live_server, team, live=False)
    add_cards(team, "Third")  # the page does not know of it
    page.get_by_role("button", name="Start One-page summary").click()
    expect(page.locator("#list-doing #card-2")).to_have_attribute("data-version", "2")
    page.keyboard.press("u")  # back to its place before the third
    expect(page.locator("#list-todo #card-2")).to_have_attribute("data-version", "3")
    assert in_column(page, "todo") == [1, 2]


@pytest.mark.point(4)
@pytest.mark.point(11)
def test_with_the_htmx_file_missing_a_drag_is_a_plain_form(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    page.route("**/assets/htmx*", lambda route: route.abort())
    open_board(page, live_server, team, live=False)
    drag(page, 1, "doing")
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    expect(page.locator("#notices")).to_contain_text("moved from To do to Doing")


@pytest.mark.point(6)
@pytest.mark.point(19)
@pytest.mark.point(24)
@pytest.mark.point(40)
def test_after_fifty_random_acts_page_and_database_agree_and_no_id_is_there_twice(
    live_server: Served, page: Page, axe: Axe
) -> None:
    dice = chance(40)
    team = teams.build(live_server.app)
    add_cards(team, "Third", "Fourth")
    other = team.who(team.intern)
    page.add_init_script(NOTE_PRESSES)
    open_board(page, live_server, team)
    page.locator("#board").focus()
    for _ in range(50):
        card, state, seq = dice.choice(rows(team))
        act = dice.choice(["key", "key", "button", "drag", "elsewhere", "help"])
        if act == "key":
            page.keyboard.press(dice.choice("jkhl[]JKu"))
        elif act == "button":
            # In one look: between two of them the card may be drawn anew.
            page.evaluate("id => document.querySelector(`#card-${id} button[formaction]`)?.click()", card)
        elif act == "drag":
            if page.locator(f"#card-{card}:not([data-pending])").count():
                drag(page, card, dice.choice(["todo", "doing"]), sure=False)
        elif act == "elsewhere":
            to = {"todo": "doing", "doing": "todo", "done": "doing"}.get(state, "doing")
            other.send(f"/tasks/{card}/move", to=to, before="top", move_version=seq)
        else:
            # A sheet that a move asked for may open at any moment, and would lie over the button.
            page.evaluate("document.querySelector('[data-board-help]').click()")
            page.keyboard.press("Escape")
        if page.locator("#sheet[open]").count():
            page.keyboard.press("Escape")
        if page.evaluate(
            "window.pressedBesides"
        ):  # the card had just moved away: who presses on nothing looks at nothing
            page.locator("#board").focus()
            page.evaluate("window.pressedBesides = false")
        assert page.evaluate("document.activeElement !== document.body"), act
    expect(page.locator("[data-pending]")).to_have_count(0)
    for column in ("todo", "doing", "blocked", "done"):
        stored = [card for card, state, _ in rows(team) if state == column]
        page.wait_for_function(
            """([column, cards]) => {
              document.querySelector("#notices [data-refresh]")?.click();  // too much at once to follow: the page asks
              return [...document.querySelectorAll(`#list-${column} > li`)].map(c => +c.id.slice(5)).join() === cards.join();
            }""",
            arg=[column, stored],
        )
    twice = page.evaluate(
        "[...document.querySelectorAll('[id]')].map(e => e.id).filter((id, at, all) => all.indexOf(id) !== at)"
    )
    assert twice == []
    assert page.locator("[style], [onclick]").count() == 0
    page.evaluate("scrollTo(0, 0)")
    assert axe_findings(axe, page) == []
