"""One of each of the four boards with something on it, and who looks at it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Page, expect

from tests.support import people as cast
from tests.support import rail, teams
from tests.support.application import Served
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.internships.models import Internship

KINDS = ("internship", "own", "pipeline", "finance")


@dataclass(frozen=True)
class Board:
    """Where a board is, who opens it, and a card on it with its column."""

    app: Flask
    path: str
    person: int
    card: int
    column: str

    def open(self, page: Page, served: Served, query: str = "", *, live: bool = True) -> None:
        """The board as this person sees it, with its stream open."""
        cookie = cast.signed_in(self.app, self.person).client.get_cookie("stint")
        assert cookie is not None
        page.context.clear_cookies()
        page.context.add_cookies([{"name": "stint", "value": cookie.value, "url": served.url}])
        page.goto(f"{served.url}{self.path}{query}")
        if live:
            expect(page.locator("#board-state")).to_have_attribute("data-state", "live")


def build(app: Flask, kind: str, *, empty: bool = False) -> Board:
    """The board of this kind; `empty`: without a card."""
    if kind == "finance":
        money = rail.matched(app)
        if not empty:
            money.receive(rail.TOTAL)
            money.fix(26_500)
            money.name_account()
        return Board(app, "/finance/board", money.first_id, 1, "due")
    team = teams.build(app, seeded=not empty)
    if kind == "internship":
        return Board(app, f"/internships/{team.internship}/board", team.intern, 1, "todo")
    if kind == "own":
        return Board(app, "/tasks", team.intern, 1, "todo")
    with app.app_context(), unit_of_work():
        employer_id = db.session.get_one(Internship, team.internship).organisation_id
        if empty:
            employer_id = cast.organisation(name="No one yet").id
            owner = cast.member(db.session.get_one(cast.Organisation, employer_id), "owner", "Nina New").id
            return Board(app, f"/organisations/{employer_id}/pipeline", owner, 0, "posted")
    return Board(app, f"/organisations/{employer_id}/pipeline", team.owner, team.internship, "in_progress")
