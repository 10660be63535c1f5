"""The page of the address in a real browser: made, copied, made anew and removed; usable by anybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.support import people as cast
from tests.support.application import Served
from webapp.core.database.transactions import unit_of_work


def _look(page: Page, name: str, axe: Callable[[Page], list[str]]) -> None:
    """Wide and light, then narrow and dark."""
    for width, scheme in ((1280, "light"), (360, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert axe(page) == [], name
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, f"{name} is {wider} px wider than {width}"


@pytest.mark.point(1)
def test_an_address_is_made_copied_made_anew_and_removed(
    live_server: Served, page: Page, axe: Callable[[Page], list[str]]
) -> None:
    with live_server.app.app_context(), unit_of_work():
        lan = cast.intern().id
    cookie = cast.signed_in(live_server.app, lan).client.get_cookie("stint")
    assert cookie is not None
    page.context.add_cookies([{"name": "stint", "value": cookie.value, "url": live_server.url}])
    page.goto(f"{live_server.url}/settings")
    page.get_by_role("link", name="Your dates in your calendar").click()
    _look(page, "none", axe)
    page.get_by_role("button", name="Create the address").click()
    field = page.get_by_label("Secret address")
    field.wait_for()
    _look(page, "made", axe)
    first = field.input_value()
    assert page.request.get(first).headers["content-type"].startswith("text/calendar")
    assert not field.is_editable()
    page.get_by_role("button", name="Create a new address").click()
    page.wait_for_function("old => document.querySelector('#address').value !== old", arg=first)
    assert page.request.get(first).status == 404
    page.get_by_role("button", name="Remove the address").click()
    page.get_by_role("button", name="Create the address").wait_for()
    assert field.count() == 0
