"""Postings in a browser: legible to a checker, written without a script, quicker with one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.postings.conftest import Work, World, day, demand_approval
from tests.support import people as cast
from tests.support.application import Served
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.postings.actions import moves as posting_moves
from webapp.postings.forms.tasks import SECTIONS
from webapp.postings.models import Posting

NewPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]


def become(page: Page, served: Served, who: int) -> None:
    """Give the browser the session of one of the cast."""
    cookie = cast.signed_in(served.app, who).client.get_cookie("stint")
    assert cookie is not None
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "stint", "value": cookie.value, "url": served.url}])


def look(page: Page, served: Served, axe: Axe, *paths: str) -> None:
    for path in paths:
        answer = page.goto(served.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], path  # type: ignore[index]


def test_the_pay_per_hour_follows_what_is_typed(live_server: Served, world: World, page: Page) -> None:
    become(page, live_server, world.owner)
    page.goto(f"{live_server.url}/postings/{world.posting}/draft/pay")
    expect(page.locator("#fee-check")).to_contain_text("That is $15.00 per hour")
    write(page, "Hours of work", "30")
    expect(page.locator("#fee-check")).to_contain_text("That is $10.00 per hour", timeout=15_000)
    assert page.evaluate("document.activeElement.id") == "hours"


@pytest.mark.point(1)
@pytest.mark.parametrize(("width", "scheme", "locale"), [(1280, "light", "en"), (360, "dark", "vi")])
def test_a_checker_finds_nothing_on_the_pages_of_postings(
    live_server: Served,
    world: World,
    work: Work,
    new_page: NewPage,
    axe: Axe,
    width: int,
    scheme: str,
    locale: str,
) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale)
    with work():
        db.session.execute(db.update(Person).values(locale=locale))
    posting, employer = f"/postings/{world.posting}", f"/organisations/{world.employer}/postings"
    become(page, live_server, world.owner)
    look(
        page,
        live_server,
        axe,
        employer,
        f"{employer}/new",
        f"{posting}/draft",
        posting,
        f"{posting}/rehearsal",
    )
    look(page, live_server, axe, *(f"{posting}/draft/{section}" for section in SECTIONS))
    with work():
        demand_approval(world.programme)
        draft, owner = db.session.get_one(Posting, world.posting), db.session.get_one(Person, world.owner)
        posting_moves.propose(draft, actor=owner, version=draft.version)
    become(page, live_server, world.manager)
    look(page, live_server, axe, "/postings/approvals", f"{posting}/approval")
    page.locator(f'form[action="{posting}/approval"] button').click()
    expect(page.locator(".empty")).to_be_visible()
    assert axe(page) == []
    page.context.clear_cookies()
    look(page, live_server, axe, "/postings", "/postings?q=zzzz", posting, f"{posting}/rehearsal")


def write(page: Page, label: str, text: str) -> None:
    page.get_by_role("textbox", name=label, exact=True).fill(text)


def save(page: Page) -> None:
    page.get_by_role("button", name="Save and continue").last.click()
    expect(page.get_by_role("heading", name="What is missing")).to_be_visible()


@pytest.mark.point(10)
@pytest.mark.parametrize("script", [True, False])
def test_an_owner_writes_a_whole_posting_and_publishes_it(
    live_server: Served, world: World, work: Work, new_page: NewPage, script: bool
) -> None:
    page = new_page(java_script_enabled=script)
    become(page, live_server, world.owner)
    page.goto(f"{live_server.url}/organisations/{world.employer}/postings/new")
    write(page, "Title", "Map the wards")
    page.get_by_role("button", name="Create the draft").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Choose at least one skill.").first).to_be_visible()

    page.get_by_role("link", name="Title and brief").click()
    write(page, "Brief", "Walk each ward.\n\nDraw what you see.")
    save(page)
    page.get_by_role("link", name="Deliverables", exact=True).click()
    write(page, "Deliverable 1", "A map")
    page.get_by_role("button", name="Add a deliverable").click()
    write(page, "Deliverable 2", "A page about it")
    save(page)
    page.get_by_role("link", name="Priced rubric").click()
    for number, (title, weight) in enumerate((("Whole", "50"), ("Right", "30"), ("Clear", "20")), start=1):
        write(page, f"Criterion {number}", title)
        write(page, f"Weight of criterion {number}", weight)
    page.get_by_role("button", name="Move down").first.click()
    expect(page.get_by_role("textbox", name="Criterion 1", exact=True)).to_have_value("Right")
    save(page)
    page.get_by_role("link", name="Skills", exact=True).click()
    page.get_by_label("Skill 3").check()
    save(page)
    page.get_by_role("link", name="Hours and pay").click()
    for label, text in (("Hours of work", "20"), ("Base fee", "300"), ("Guaranteed part", "60")):
        write(page, label, text)
    save(page)
    page.get_by_role("link", name="Seats and dates").click()
    write(page, "First day", day(7))
    write(page, "Last day", day(21))
    save(page)
    page.get_by_role("link", name="Use of AI tools").click()
    page.get_by_label("AI tools may be used and are declared").check()
    save(page)
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Map the wards")
    expect(page.get_by_text("The posting is open.").first).to_be_visible()
    with work():
        posting = db.session.scalars(db.select(Posting).where(Posting.title == "Map the wards")).one()
        assert (posting.state, posting.base, posting.guaranteed, posting.hours) == ("open", 30_000, 6_000, 20)
        assert [(c.title, c.weight_bp) for c in posting.criteria] == [
            ("Right", 3000),
            ("Whole", 5000),
            ("Clear", 2000),
        ]


def test_a_draft_saves_itself_while_it_is_written(
    live_server: Served, world: World, work: Work, page: Page
) -> None:
    become(page, live_server, world.owner)
    page.goto(f"{live_server.url}/postings/{world.posting}/draft/brief")
    page.get_by_label("Title", exact=True).press_sequentially("!")
    expect(page.locator("[data-draft-state]")).to_have_text(re.compile("Draft saved at [0-9]{2}:[0-9]{2}"))
    with work():
        posting = db.session.get_one(Posting, world.posting)
        assert "!" in posting.title
        assert posting.version == 2
    save(page)


def test_the_rehearsal_follows_each_choice_and_keeps_the_focus(
    live_server: Served, app: Flask, world: World, page: Page, axe: Axe
) -> None:
    become(page, live_server, world.owner)
    page.goto(f"{live_server.url}/postings/{world.posting}/rehearsal")
    result = page.locator("#rehearsal")
    expect(result).to_contain_text("This result pays $250.00")
    for number in range(3):
        page.locator(f"#level_{number}-4").check()
    expect(result).to_contain_text("This result pays $300.00")
    page.get_by_label("Bonus").fill("10")
    page.get_by_label("Bonus").press("Enter")
    expect(result).to_contain_text("This result pays $310.00")
    page.locator("#level_2-0").check()
    expect(result).to_contain_text("This result pays $270.00")
    assert page.evaluate("document.activeElement.id") == "level_2-0"
    page.get_by_label("Bonus").fill("1000")
    page.get_by_label("Bonus").press("Enter")
    expect(result).to_contain_text("The bonus pot holds $50.00")
    assert axe(page) == []


def test_the_list_narrows_while_words_are_typed(
    live_server: Served, world: World, work: Work, page: Page
) -> None:
    with work():
        posting, owner = db.session.get_one(Posting, world.posting), db.session.get_one(Person, world.owner)
        posting_moves.publish(posting, actor=owner, version=posting.version)
    page.goto(f"{live_server.url}/postings")
    page.get_by_label("Search words").press_sequentially("zzz")
    expect(page.get_by_text("No posting matches")).to_be_visible()
    expect(page.locator("#count")).to_have_text("0 postings")
    assert "q=zzz" in page.url
    assert page.evaluate("document.activeElement.id") == "q"
    page.reload()
    expect(page.get_by_label("Search words")).to_have_value("zzz")
    page.get_by_label("Search words").fill("prices")
    expect(page.get_by_role("link", name="Survey of street-food prices")).to_be_visible()
