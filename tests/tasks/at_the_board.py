"""Hands before the board: how a person opens it, drags, touches and types, and what the database then says."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import CDPSession, Error, Page, expect
from sqlalchemy import select

from tests.support.application import Served
from tests.support.teams import Team
from tests.tasks.seen import Axe, sign_in
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.tasks.models import Task

FINGER = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}


def open_board(
    page: Page, served: Served, team: Team, person: int | None = None, *, live: bool = True
) -> None:
    """The board as this person (else the intern) sees it, with its script at work and its stream open where it is `live`."""
    sign_in(page, served, team, person or team.intern)
    narrow = (page.viewport_size or {"width": 0})["width"] < 640
    page.goto(f"{served.url}/internships/{team.internship}/board{'?view=board' if narrow else ''}")
    if live:
        expect(page.locator("#board-state")).to_have_text("Live updates")


def add_cards(team: Team, *titles: str) -> None:
    for title in titles:
        answer = team.who(team.intern).send(f"/internships/{team.internship}/tasks", title=title)
        assert answer.status_code == 303


def rows(team: Team) -> list[tuple[int, str, int]]:
    """(card, column, seq) in the order of the board."""
    with team.app.app_context(), unit_of_work():
        tasks = db.session.scalars(
            select(Task).where(Task.internship_id == team.internship).order_by(Task.rank, Task.id)
        )
        return [(task.id, task.state, task.move_version) for task in tasks]


def events(team: Team, card: int) -> list[str]:
    with team.app.app_context(), unit_of_work():
        return [entry.move for entry in history.of_subject("task", card)]


def in_column(page: Page, column: str) -> list[int]:
    """The numbers of the cards that the page shows in a column, from top to bottom."""
    cards = page.locator(f"#list-{column} > li").evaluate_all("cards => cards.map(c => +c.id.slice(5))")
    return [int(number) for number in cards]


BOX = """(element, show) => { if (show) element.scrollIntoView({ block: "nearest", inline: "nearest" });
  const { x, y, width, height } = element.getBoundingClientRect(); return { x, y, width, height }; }"""


def box_of(page: Page, selector: str, *, show: bool = False) -> dict[str, float]:
    """Where something is on the screen, in one look: between two looks it may be drawn again, and then was nowhere."""
    box: dict[str, float] = page.locator(selector).evaluate(BOX, show)
    return box


def middle(page: Page, selector: str) -> tuple[float, float]:
    box = box_of(page, selector)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def grip(page: Page, card: int) -> tuple[float, float]:
    """A place on the card that is neither a link nor a button."""
    box = box_of(page, f"#card-{card}", show=True)
    # Not too near the head of the column: a finger would find its button.
    return box["x"] + box["width"] - 6, box["y"] + min(30, box["height"] / 3)


def take(page: Page, card: int, *, sure: bool = True) -> bool:
    """Press on the card and pull it far enough to lift it; not `sure`: it may just be moved away, and then is not there."""
    try:
        x, y = grip(page, card)
    except Error:
        if sure:
            raise
        return False
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 10, y)
    if sure:
        expect(page.locator(".card-ghost")).to_be_visible()
    return True


def drag(page: Page, card: int, column: str, before: int | None = None, *, sure: bool = True) -> None:
    """Drag a card with the mouse: before that card, else under the last one of the column."""
    if not take(page, card, sure=sure):
        return
    if before is not None:
        box = box_of(page, f"#card-{before}")
        x, y = box["x"] + box["width"] / 2, box["y"] + 4
    else:
        box = box_of(page, f".column:has(#list-{column})")
        x, y = box["x"] + box["width"] / 2, min(box["y"] + box["height"], 860) - 8
    page.mouse.move(x, y, steps=3)
    page.mouse.up()


@contextmanager
def finger(page: Page) -> Iterator[Any]:
    """`touch(kind, (x, y)…)`: real touches, as the browser gets them from a screen."""
    line: CDPSession = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        spots = [{"x": x, "y": y, "id": number} for number, (x, y) in enumerate(points)]
        line.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": spots})

    yield touch
    line.detach()


def axe_findings(axe: Axe, page: Page) -> list[str]:
    """What the checker finds once nothing glides over something else any more."""
    page.wait_for_function("() => document.getAnimations().length === 0")
    return axe(page)


def layout_shift(page: Page) -> float:
    """How far things jumped since the page was opened, those within half a second of a click or a key left out."""
    return float(
        page.evaluate(
            """() => new Promise(done => {
              const seen = new PerformanceObserver(() => 0);
              seen.observe({type: "layout-shift", buffered: true});
              requestAnimationFrame(() => requestAnimationFrame(() => done(
                seen.takeRecords().reduce((sum, s) => sum + (s.hadRecentInput ? 0 : s.value), 0))));
            })"""
        )
    )
