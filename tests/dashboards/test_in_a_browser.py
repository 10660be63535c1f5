"""The homes of the demo world's people in a browser: nothing inaccessible, nothing wider than a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support.application import Served

ROLES = (
    "intern",
    "employer_owner",
    "employer_reviewer",
    "finance",
    "programme_manager",
    "mentor",
    "operator",
)


def _look(page: Page, axe: Callable[[Page], list[str]]) -> None:
    """Wide and light, then narrow and dark."""
    for width, scheme in ((1280, "light"), (360, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert axe(page) == []
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{page.url} is {wider} px wider than {width}"


@pytest.mark.point(1)
@pytest.mark.point(37)
def test_each_role_finds_a_home_that_anybody_can_use(
    live_demo: Served, new_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    for role in ROLES:
        page = new_page()
        page.goto(f"{live_demo.url}/sign-in")
        page.locator(f"form:has(input[name=role][value={role}]) button").click()
        page.wait_for_url("**/home")
        _look(page, axe)
        page.close()


@pytest.mark.point(1)
def test_the_front_page_and_help_are_for_everybody(
    live_demo: Served, page: Page, axe: Callable[[Page], list[str]]
) -> None:
    for path in ("/", "/help"):
        page.goto(live_demo.url + path)
        _look(page, axe)
    page.locator("summary").first.click()
    assert page.locator("details[open] .states-way").count() > 3
    assert axe(page) == []
