"""A person of the team before a real browser, and the checker's eye on a page."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.support.application import Served
from tests.support.teams import Team

NewPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]
SIZES = [(1280, "light"), (360, "dark")]


def sign_in(page: Page, served: Served, team: Team, person: int) -> None:
    """Give the browser the session of one of the team."""
    cookie = team.who(person).client.get_cookie("stint")
    assert cookie is not None
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "stint", "value": cookie.value, "url": served.url}])


def look(page: Page, served: Served, axe: Axe, *paths: str) -> None:
    """Each page answers, is legible to the checker, and fits its window."""
    for path in paths:
        answer = page.goto(served.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert axe(page) == [], path
        width = page.viewport_size["width"] if page.viewport_size else 0
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("[style]").count() == 0, path
