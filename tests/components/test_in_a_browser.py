"""The components in a browser: calm, legible, operable by keyboard, and no worse off without scripts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, Route, expect

NewPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]


def focused(page: Page) -> str:
    """What has the focus: its id, or its tag."""
    return str(page.evaluate("document.activeElement.id || document.activeElement.tagName"))


def spoken(page: Page) -> str:
    return page.locator("#live").inner_text().strip()


@pytest.mark.point(1)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("lang", "width"), [("en", 1280), ("vi", 360)])
def test_a_checker_finds_nothing_on_any_component(
    new_page: NewPage, address: str, axe: Axe, scheme: str, lang: str, width: int
) -> None:
    page = new_page(color_scheme=scheme, viewport={"width": width, "height": 900})
    page.goto(f"{address}/styleguide?demo=1&lang={lang}")
    assert axe(page) == []


@pytest.mark.point(37)
@pytest.mark.parametrize("lang", ["en", "vi"])
@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways(new_page: NewPage, address: str, lang: str, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 700})
    for path in ("/styleguide", "/broken", "/desk"):
        page.goto(f"{address}{path}?lang={lang}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.point(37)
def test_what_a_finger_must_hit_is_large_enough(new_page: NewPage, address: str) -> None:
    page = new_page(viewport={"width": 360, "height": 800}, has_touch=True, is_mobile=True)
    page.goto(f"{address}/styleguide")
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .button, .input, .site-nav a, .tool, label.check")]
            .filter(e => e.offsetParent && !e.closest(".notice"))
            .filter(e => e.getBoundingClientRect().height < 43.9).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert small == []


@pytest.mark.point(32)
def test_stacked_marks_are_not_clipped(new_page: NewPage, address: str) -> None:
    page = new_page(viewport={"width": 360, "height": 800})
    page.goto(f"{address}/styleguide?lang=vi")
    page.evaluate(
        """() => document.querySelectorAll(".button-label, .status, .chip, .milestone-name, h1, h2, h3, .site-nav a, dt, th")
            .forEach(e => { e.lang = "vi"; e.textContent = "Ệ Ỗ Ẵ Ữ Ặ ế ẵ Ộ g y" })"""
    )
    clipped = page.evaluate(
        """() => [...document.querySelectorAll("body *")].filter(e => getComputedStyle(e).overflow !== "visible")
            .filter(e => !e.matches(".visually-hidden, .visually-hidden *, textarea, .board, .table-box, svg, symbol, thead"))
            .filter(e => e.scrollHeight > e.clientHeight + 1 && e.clientHeight > 1).map(e => e.outerHTML.slice(0, 80))"""
    )
    assert clipped == []


@pytest.mark.point(38)
def test_without_motion_nothing_moves_and_in_forced_colours_states_are_still_there(
    new_page: NewPage, address: str
) -> None:
    page = new_page(reduced_motion="reduce", forced_colors="active")
    page.goto(f"{address}/styleguide")
    assert page.evaluate("getComputedStyle(document.querySelector('.button')).transitionDuration").startswith(
        "0s"
    )
    assert page.evaluate("getComputedStyle(document.querySelector('.status')).borderTopWidth") == "1px"


@pytest.mark.point(8)
def test_a_save_is_shown_spoken_once_and_leaves_the_focus_on_its_button(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    page.evaluate(
        """() => { window.heard = []; new MutationObserver(() => {
            const words = document.getElementById("live").textContent.trim(); if (words) heard.push(words) })
            .observe(document.getElementById("live"), {childList: true, subtree: true, characterData: true}) }"""
    )
    page.get_by_label("Full name").fill("Mai")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("#saved")).to_have_text("Mai, version 7")
    assert focused(page) == "save"
    assert page.evaluate("heard") == ["Saved. Linh was told."]
    expect(page.locator("#notices")).to_contain_text("Linh was told")
    expect(page).to_have_title("Your tidy desk · Stint")


@pytest.mark.point(6)
def test_when_the_pressed_button_is_gone_the_focus_goes_to_the_heading(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    page.get_by_label("Full name").fill("Mai")
    page.get_by_role("button", name="Finish").press("Enter")
    expect(page.locator("#saved")).to_have_text("Mai, version 7")
    expect(page.locator("h1")).to_be_focused()
    page.get_by_role("button", name="Dismiss this notice").press("Enter")
    expect(page.locator("#notices .notice")).to_have_count(0)
    assert focused(page) != "BODY"


@pytest.mark.point(26)
def test_a_refused_form_puts_the_summary_first_focused_and_leading_to_the_field(
    page: Page, address: str, axe: Axe
) -> None:
    page.goto(f"{address}/desk")
    page.get_by_label("Note").fill("so much more than twenty characters")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page).to_have_title("Error: Your desk · Stint")
    expect(page.get_by_label("Note")).to_have_value("so much more than twenty characters")
    expect(page.locator("#note-count")).to_have_text("15 characters too many")
    assert axe(page) == []
    page.get_by_role("link", name="Full name: Enter your name.").click()
    assert focused(page) == "name"


def test_a_refusal_changes_nothing_on_the_screen_but_the_notices(page: Page, address: str, axe: Axe) -> None:
    page.goto(f"{address}/desk")
    page.get_by_label("Note").fill("not lost")
    page.get_by_role("button", name="Refuse").click()
    expect(page.locator("#notices")).to_contain_text("Linh moved this on in the meantime.")
    expect(page.get_by_label("Note")).to_have_value("not lost")
    expect(page).to_have_title("Your desk · Stint")
    assert "Linh moved this on" in spoken(page)
    assert axe(page) == []


@pytest.mark.point(9)
def test_notices_do_not_leave_by_themselves(page: Page, address: str) -> None:
    page.clock.install()
    page.goto(f"{address}/broken")
    page.clock.fast_forward(60_000)
    expect(page.locator("#notices .notice")).to_have_count(1)


@pytest.mark.point(21)
def test_when_the_network_is_away_it_says_so_and_keeps_what_was_typed(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    page.get_by_label("Full name").fill("Mai")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("You seem to be offline")
    expect(page.get_by_label("Full name")).to_have_value("Mai")
    assert "You seem to be offline" in spoken(page)
    page.context.set_offline(False)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#saved")).to_have_text("Mai, version 7")
    expect(page.locator("#notices")).not_to_contain_text("offline")


@pytest.mark.point(2)
def test_a_sheet_opens_over_the_page_and_gives_the_focus_back(page: Page, address: str, axe: Axe) -> None:
    page.goto(f"{address}/desk")
    page.locator("#opener").press("Enter")
    expect(page.locator("#sheet")).to_be_visible()
    assert page.evaluate("document.getElementById('sheet').contains(document.activeElement)")
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.locator("#sheet")).to_be_hidden()
    assert focused(page) == "opener"


def test_a_refusal_of_a_sheet_is_met_in_the_sheet(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    page.locator("#opener").click()
    sheet = page.get_by_role("dialog", name="Move the card")
    sheet.get_by_label("Place").fill("top")
    sheet.get_by_role("button", name="Move").click()
    expect(sheet.locator(".notice")).to_contain_text("Linh moved this on in the meantime.")
    expect(sheet.locator(".notice")).to_be_focused()
    expect(sheet.get_by_label("Place")).to_have_value("top")
    sheet.get_by_role("button", name="Cancel").click()
    expect(sheet).to_be_hidden()


def test_a_draft_saves_itself_and_hands_its_version_to_the_form(
    page: Page, address: str, components: Flask
) -> None:
    page.clock.install()
    page.goto(f"{address}/desk")
    form_op = page.locator("form.form input[name=operation_id]").input_value()
    page.get_by_label("Full name").fill("Mai")
    page.clock.fast_forward(1_000)
    assert components.extensions["drafts"] == []
    page.clock.fast_forward(1_500)
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved at")
    (draft,) = components.extensions["drafts"]
    assert draft["name"] == "Mai" and draft["operation_id"] != form_op
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#saved")).to_have_text("Mai, version 8")


def test_a_draft_that_cannot_be_saved_says_so(page: Page, address: str) -> None:
    page.clock.install()
    page.goto(f"{address}/desk")
    page.route("**/desk/draft", lambda route: route.abort())
    page.get_by_label("Full name").fill("Mai")
    page.clock.fast_forward(2_500)
    expect(page.locator("[data-draft-state]")).to_contain_text("isn't saved yet")


def test_a_slow_answer_shows_a_busy_word_and_the_button_cannot_send_twice(
    page: Page, address: str, complaints: list[str]
) -> None:
    held: list[Route] = []
    page.goto(f"{address}/desk")
    page.route("**/desk", lambda route: held.append(route))
    page.get_by_label("Full name").fill("Mai")
    button = page.locator("#save")
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    button.click()
    assert len(held) == 1
    held[0].continue_()
    expect(page.locator("#saved")).to_have_text("Mai, version 7")
    expect(page.locator("#save")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.point(10)
def test_without_scripts_the_form_works_as_a_page(new_page: NewPage, address: str) -> None:
    page = new_page(java_script_enabled=False)
    page.goto(f"{address}/desk")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#error-summary")).to_contain_text("Enter your name.")
    page.get_by_label("Full name").fill("Mai")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#saved")).to_have_text("Mai, version 7")
    expect(page.locator(".notice-close")).to_have_count(0)


@pytest.mark.point(11)
def test_with_the_htmx_file_missing_the_form_works_as_a_page(page: Page, address: str) -> None:
    page.route("**/htmx.min.*", lambda route: route.fulfill(status=404))
    page.goto(f"{address}/desk")
    page.get_by_label("Full name").fill("Mai")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#saved")).to_have_text("Mai, version 7")


def test_the_zone_of_the_browser_is_handed_over_as_a_guess(new_page: NewPage, address: str) -> None:
    page = new_page(timezone_id="Asia/Ho_Chi_Minh")
    page.goto(f"{address}/desk")
    cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
    # Chromium says Asia/Saigon, the older name of the same zone.
    assert cookies["zone"] in ("Asia/Ho_Chi_Minh", "Asia/Saigon")


def test_the_skip_link_is_the_first_stop_and_leads_past_the_menu(page: Page, address: str) -> None:
    page.goto(f"{address}/desk")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    assert focused(page) == "main"
