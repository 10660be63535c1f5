"""The board lives: other people's moves appear, one's own are not drawn twice, and a lost stream is taken up again."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support import teams
from tests.support.application import Served
from tests.tasks.at_the_board import add_cards, axe_findings, in_column, open_board, rows, take
from tests.tasks.seen import Axe, NewPage, sign_in
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.organisations.models import Membership

COUNT_WRITES = """() => { window.writes = []; new MutationObserver(all => writes.push(
  ...all.map(one => one.type + " " + (one.attributeName ?? "") + " " + (one.target.id || one.target.nodeName))
)).observe(document.querySelector("#board"), {childList: true, subtree: true, attributes: true, characterData: true}); }"""
HIDE = """hidden => { Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
  document.dispatchEvent(new Event("visibilitychange")); }"""
HEAR = """() => { window.heard = []; window.asked = [];
  addEventListener("htmx:before:request", e => asked.push(e.detail.ctx.request.action)); const Real = EventSource; window.EventSource = class extends Real {
  constructor(address) { super(address); this.addEventListener("card", e => heard.push(JSON.parse(e.data))); } }; }"""


@pytest.mark.point(6)
@pytest.mark.point(19)
def test_what_another_tab_moves_appears_here_and_the_own_echo_writes_nothing(
    live_server: Served, new_page: NewPage, axe: Axe
) -> None:
    team = teams.build(live_server.app)
    mine, theirs = new_page(), new_page()
    mine.add_init_script(f"({HEAR})()")
    open_board(mine, live_server, team)
    open_board(theirs, live_server, team, team.mentor)
    mine.get_by_role("button", name="Start Table of prices").click()
    expect(mine.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    mine.evaluate(COUNT_WRITES)
    # What another one sees has gone through the same stream: when it is there, the echo is here too.
    expect(theirs.locator("#list-doing #card-1")).to_have_attribute("data-version", "2", timeout=2_000)
    expect(theirs.locator("#head-doing")).to_have_text("Doing 1")
    mine.wait_for_function("() => heard.length === 1")
    assert mine.evaluate("writes") == []
    assert theirs.locator("#notices > *").count() == 0  # nobody else's moves are spoken or shown one by one
    assert axe_findings(axe, theirs) == []

    # Where the focus was on the card that is moved away, it stays with the card.
    theirs.locator("#card-2 h3 a").focus()
    assert (
        team.who(team.intern).send("/tasks/2/move", to="doing", before="1", move_version=1).status_code == 303
    )
    expect(theirs.locator("#list-doing #card-2")).to_be_visible()
    expect(mine.locator("#list-doing #card-2")).to_be_visible()
    assert in_column(theirs, "doing") == in_column(mine, "doing") == [2, 1]
    assert theirs.evaluate("document.activeElement.closest('#card-2') !== null")


@pytest.mark.point(19)
def test_changes_wait_while_a_card_is_in_the_hand_in_the_sheet_or_somebody_types(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    add_cards(team, "Third", "Fourth")
    other = team.who(team.intern)
    page.add_init_script(f"({HEAR})()")
    open_board(page, live_server, team)

    def elsewhere(card: int) -> None:
        heard = page.evaluate("heard.length")
        assert other.send(f"/tasks/{card}/move", to="doing", before="end", move_version=1).status_code == 303
        page.wait_for_function("count => heard.length > count", arg=heard)
        assert f"/tasks/{card}/card" not in page.evaluate("asked")

    take(page, 1)
    elsewhere(2)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(page.locator("#list-doing #card-2")).to_be_visible()

    page.locator("#mv-1").click()
    expect(page.locator("#sheet")).to_be_visible()
    elsewhere(3)
    page.keyboard.press("Escape")
    expect(page.locator("#list-doing #card-3")).to_be_visible()

    page.get_by_text("Add a task").first.click()
    page.get_by_label("What needs doing").focus()
    elsewhere(4)
    page.locator("#mv-1").focus()
    expect(page.locator("#list-doing #card-4")).to_be_visible()


@pytest.mark.point(19)
@pytest.mark.point(20)
def test_a_hidden_tab_lets_go_of_its_stream_and_catches_up_when_it_is_seen_again(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    page.evaluate(HIDE, True)
    expect(page.locator("#board-state")).to_contain_text("Paused, updated")
    assert (
        team.who(team.intern).send("/tasks/1/move", to="doing", before="end", move_version=1).status_code
        == 303
    )
    assert in_column(page, "doing") == []
    with page.expect_request("**/board/stream?since=*"):
        page.evaluate(HIDE, False)
    expect(page.locator("#list-doing #card-1")).to_be_visible()
    expect(page.locator("#board-state")).to_have_text("Live updates")


@pytest.mark.point(19)
def test_after_three_failures_the_page_asks_every_half_minute(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    tries: list[str] = []

    def cut(route: Route) -> None:
        tries.append(route.request.url)
        route.abort()

    page.clock.install()
    page.route("**/board/stream*", cut)
    open_board(page, live_server, team, live=False)
    expect(page.locator("#board-state")).to_contain_text("Offline, updated")
    assert (
        team.who(team.intern).send("/tasks/1/move", to="doing", before="end", move_version=1).status_code
        == 303
    )
    with page.expect_request("**/board/since?n=*"):
        while len(tries) < 3:
            page.clock.run_for(500)
    expect(page.locator("#list-doing #card-1")).to_be_visible()
    expect(page.locator("#board-state")).to_contain_text("Checked every 30 seconds")
    assert len(tries) == 3
    page.unroute("**/board/stream*")
    page.clock.run_for(30_000)
    expect(page.locator("#board-state")).to_have_text("Live updates")


def stream(*said: tuple[str, dict[str, Any]]) -> str:
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in said)


@pytest.mark.point(9)
@pytest.mark.point(19)
def test_more_than_ten_changes_at_once_are_told_in_one_notice(
    live_server: Served, page: Page, axe: Axe
) -> None:
    team = teams.build(live_server.app)
    add_cards(team, *(f"Card {number}" for number in range(10)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/card") else None)
    flood = [
        ("card", {"n": 1000 + card, "card": card, "version": 5, "actor": team.mentor})
        for card in range(1, 13)
    ]
    page.route(
        "**/board/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body=stream(*flood)),
    )
    open_board(page, live_server, team, live=False)
    expect(page.locator("#notices")).to_contain_text("The board changed.")
    expect(page.locator("#notices > .notice")).to_have_count(1)
    expect(page.locator("#board-state")).to_contain_text(re.compile("Offline|Checked"))
    assert len(asked) <= 10
    assert axe_findings(axe, page) == []
    page.locator("#card-1 button[formaction]").click()
    expect(page.locator("#notices")).to_contain_text("moved from")
    expect(page.locator("#notices")).to_contain_text("The board changed.")
    page.unroute("**/board/stream*")
    page.get_by_role("link", name="Refresh").click()
    expect(page.locator("#board-state")).to_have_text("Live updates")
    assert len(rows(team)) == 12


@pytest.mark.point(19)
def test_a_card_put_before_one_that_turns_out_to_have_moved_ends_in_its_place(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    add_cards(team, "Third")
    held: list[Route] = []
    page.route("**/board/stream*", lambda route: route.continue_() if held else held.append(route))
    open_board(page, live_server, team, live=False)
    other = team.who(team.intern)
    assert other.send("/tasks/1/move", to="todo", before="end", move_version=1).status_code == 303
    assert other.send("/tasks/2/move", to="todo", before="1", move_version=1).status_code == 303

    def tell(number: int, card: int) -> None:
        while not held:
            page.evaluate("0")  # let the browser get there
        change = {"n": number, "card": card, "version": 2, "actor": team.mentor}
        held.pop().fulfill(content_type="text/event-stream", body=stream(("card", change)))

    tell(1000, 2)
    expect(page.locator("#card-2")).to_have_attribute("data-version", "2")
    assert in_column(page, "todo") == [2, 1, 3]
    tell(1001, 1)
    page.wait_for_function(
        "() => [...document.querySelectorAll('#list-todo > li')].map(card => card.id).join() === 'card-3,card-2,card-1'"
    )
    assert [card for card, _, _ in rows(team)] == [3, 2, 1]


def test_a_stream_that_another_tab_needs_is_given_up_for_asking(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    page.route(
        "**/board/stream*",
        lambda route: route.fulfill(content_type="text/event-stream", body=stream(("bye", {"why": "limit"}))),
    )
    open_board(page, live_server, team, live=False)
    expect(page.locator("#board-state")).to_contain_text("Checked every 30 seconds")


@pytest.mark.point(19)
def test_a_list_lives_too_and_asks_a_server_in_trouble_only_after_a_while(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    page.clock.install()
    sign_in(page, live_server, team, team.owner)
    page.goto(f"{live_server.url}/internships/{team.internship}/board?view=list")
    expect(page.locator("#board-state")).to_have_text("Live updates")
    other = team.who(team.intern)
    assert other.send("/tasks/1/move", to="doing", before="end", move_version=1).status_code == 303
    expect(page.locator("#list-doing #card-1")).to_be_visible()

    asked: list[str] = []

    def broken(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=503, body="down", content_type="text/html")

    page.route("**/board?view=list", broken)
    assert other.send("/tasks/2/move", to="doing", before="end", move_version=1).status_code == 303
    page.wait_for_timeout(1_500)
    assert len(asked) == 1
    page.unroute("**/board?view=list")
    page.clock.run_for(11_000)
    expect(page.locator("#list-doing #card-2")).to_be_visible()


@pytest.mark.point(19)
def test_a_whole_board_that_arrives_late_takes_no_move_back(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    held: list[Route] = []
    page.route(
        f"**/internships/{team.internship}/board",
        lambda route: route.continue_() if held else held.append(route),
    )
    page.evaluate(
        "document.querySelector('#notices').append(Object.assign(document.createElement('a'), {id: 'again', href: '#', textContent: 'again'}))"
    )
    page.evaluate("document.querySelector('#again').dataset.refresh = ''")
    page.locator("#again").click()
    page.wait_for_timeout(300)
    old = held[0].fetch()
    page.get_by_role("button", name="Start Table of prices").click()
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    page.evaluate(
        """() => { window.back = 0; new MutationObserver(() => { back += !!document.querySelector("#list-todo #card-1"); })
             .observe(document.querySelector("#board"), {childList: true, subtree: true}); }"""
    )
    held[0].fulfill(response=old)
    page.wait_for_timeout(1_500)
    expect(page.locator("#list-doing #card-1")).to_have_attribute("data-version", "2")
    assert in_column(page, "todo") == [2]
    assert page.evaluate("back") == 0


@pytest.mark.point(19)
def test_a_right_that_ended_while_there_was_no_network_takes_the_board_away(
    live_server: Served, page: Page
) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team, team.reviewer)
    page.context.set_offline(True)
    expect(page.locator("#board-state")).to_contain_text("Offline")
    with team.app.app_context(), unit_of_work():
        ended = db.update(Membership).where(Membership.person_id == team.reviewer)
        db.session.execute(ended.values(ended_at=datetime.now(UTC)))
    page.context.set_offline(False)
    expect(page.locator("#notices")).to_contain_text("You can't see this board any more", timeout=15_000)
    assert page.locator("#board .card").count() == 0
    expect(page.locator("#notices > .notice")).to_have_count(1)
