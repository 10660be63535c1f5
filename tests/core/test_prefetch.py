"""Pages are light, stand still while they load, and the next one is there when its link is pressed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, request, request_started
from flask.testing import FlaskClient
from playwright.sync_api import Locator, Page

from tests.dashboards.test_in_a_browser import ROLES
from tests.support import people as cast
from tests.support.application import Served
from tests.tasks.at_the_board import layout_shift
from webapp.core.database.transactions import unit_of_work

PREFETCH = {"Sec-Purpose": "prefetch"}
WEIGHT = """() => performance.getEntriesByType("resource")
    .filter(({ name }) => /\\.(js|css)$/.test(name)).reduce((sum, { encodedBodySize }) => sum + encodedBodySize, 0)"""
LIGHT = 32 * 1024  # bytes of scripts and styles on a page for reading


def sign_in_as(page: Page, site: Served, role: str) -> None:
    page.goto(f"{site.url}/sign-in")
    page.locator(f"form:has(input[name=role][value={role}]) button").click()
    page.wait_for_url("**/home")


@contextmanager
def asked(app: Flask) -> Iterator[list[str]]:
    """The pages that are asked for meanwhile, those asked for beforehand with a sign."""
    seen: list[str] = []

    def note(_app: Flask, **_: object) -> None:
        if request.headers.get("Sec-Fetch-Dest") == "document":
            seen.append(f"{'beforehand ' if 'Sec-Purpose' in request.headers else ''}{request.path}")

    with request_started.connected_to(note, app):
        yield seen


def until(page: Page, true: Callable[[], bool], *, within: float = 10.0) -> None:
    end = time.monotonic() + within
    while not true():
        assert time.monotonic() < end
        page.wait_for_timeout(20)


@contextmanager
def pointed_at(live: Served, page: Page) -> Iterator[tuple[Locator, str | None, list[str]]]:
    """A link of the menu on which the pointer rests until its page was asked for; its address; what is asked for."""
    sign_in_as(page, live, "intern")
    link = page.locator(".site-nav a:not([aria-current])").first
    with asked(live.app) as seen:
        link.hover()
        until(page, lambda: bool(seen))
        yield link, link.get_attribute("href"), seen


def test_a_page_whose_link_is_pointed_at_is_there_when_the_link_is_pressed(
    live_demo: Served, page: Page
) -> None:
    with pointed_at(live_demo, page) as (link, address, seen):
        link.click()
        page.wait_for_url(f"**{address}")
    assert seen == [f"beforehand {address}"]


def test_what_is_sent_makes_the_browser_forget_the_pages_it_had_asked_for(
    live_demo: Served, page: Page
) -> None:
    with pointed_at(live_demo, page) as (link, address, seen):
        page.evaluate("fetch('/preferences/nothing', {method: 'POST'})")
        page.wait_for_timeout(300)
        link.evaluate("link => link.click()")
        page.wait_for_url(f"**{address}")
    assert seen == [f"beforehand {address}", address]


def test_nothing_is_asked_for_beforehand_that_is_a_file_or_opens_in_the_sheet(
    live_demo: Served, page: Page
) -> None:
    sign_in_as(page, live_demo, "intern")
    page.goto(f"{live_demo.url}/tasks")
    for link in (page.locator("a[hx-get]").first, page.locator("a[href^='#']").first):
        with asked(live_demo.app) as seen:
            link.hover(force=True)
            page.wait_for_timeout(600)
        assert seen == []


def test_a_sentence_is_not_spent_on_a_page_that_perhaps_nobody_opens(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        who = cast.person("Mai").id
    browser = cast.signed_in(app, who)
    with browser.client.session_transaction() as cookie:
        cookie["_flashes"] = [("done", "The card was moved.")]
    assert browser.client.get("/home", headers=PREFETCH).status_code == 503
    assert "The card was moved." in browser.client.get("/home").get_data(as_text=True)
    assert browser.client.get("/home", headers=PREFETCH).status_code == 200


@pytest.mark.parametrize(("mobile", "eagerness"), [("?0", "moderate"), ("?1", "conservative")])
def test_a_phone_asks_when_it_is_touched_and_a_pointer_when_it_rests(
    client: FlaskClient, mobile: str, eagerness: str
) -> None:
    answer = client.get("/", headers={"Sec-CH-UA-Mobile": mobile})
    rules = client.get(answer.headers["Speculation-Rules"].strip('"'))
    assert rules.content_type == "application/speculationrules+json"
    assert rules.get_json(force=True)["prefetch"][0]["eagerness"] == eagerness


@pytest.mark.parametrize("width", [360, 1280])
def test_pages_stand_still_while_they_load_and_those_for_reading_are_light(
    live_demo: Served, new_page: Callable[..., Page], width: int
) -> None:
    for role in ROLES if width == 360 else ("intern", "finance"):
        page = new_page(viewport={"width": width, "height": 800})
        sign_in_as(page, live_demo, role)
        for address in page.locator(".site-nav a").evaluate_all("links => links.map(link => link.href)"):
            page.goto(address)
            assert layout_shift(page) <= 0.02, (role, address)
            if not page.locator("#board").count():
                assert 0 < page.evaluate(WEIGHT) <= LIGHT, (role, address)
        page.context.close()
