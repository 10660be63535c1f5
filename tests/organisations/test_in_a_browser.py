"""The pages of people and organisations in a real browser: usable, complained of by nobody."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.accounts.people import PASSWORD, link_in, mails
from tests.support import people as cast
from tests.support.application import Served
from webapp.core.database.transactions import unit_of_work

SHOTS = os.environ.get("STINT_SHOTS")


def look(page: Page, name: str, axe: Callable[[Page], list[str]]) -> None:
    """Nothing is wrong with this page; with STINT_SHOTS set, a picture of it is kept."""
    if SHOTS:
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
    assert axe(page) == [], name


def test_an_employer_joins_invites_and_is_joined(
    live_server: Served, new_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    url, app = live_server.url, live_server.app
    owner = new_page()
    owner.goto(f"{url}/")
    look(owner, "landing", axe)
    owner.get_by_role("link", name="Join").first.click()
    look(owner, "join", axe)
    owner.get_by_role("link", name="I have work to offer").click()
    owner.get_by_role("button", name="Create account").click()
    expect(owner).to_have_title(re.compile("^Error:"))
    look(owner, "join-errors", axe)
    owner.get_by_label("Name of the organisation").fill("Saigon Roasters")
    owner.get_by_label("Email address").fill("linh@example.org")
    owner.get_by_label("Full name").fill("Trần Mỹ Linh")
    owner.get_by_label("What should we call you?").fill("Linh")
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_label("Country").select_option("VN")
    owner.get_by_role("button", name="Create account").click()
    owner.get_by_role("heading", name="Check your inbox").wait_for()
    look(owner, "mail-sent", axe)

    owner.goto(url + link_in(in_thread(mails, app)[0][2]))
    look(owner, "confirm", axe)
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_role("button", name="Yes, this account is mine").click()
    owner.get_by_text("Your address is confirmed.").wait_for()
    look(owner, "sign-in", axe)
    owner.get_by_label("Email address").fill("linh@example.org")
    owner.get_by_label("Password").fill(PASSWORD)
    owner.get_by_role("button", name="Sign in").click()
    owner.get_by_role("link", name="Saigon Roasters").click()
    owner.get_by_label("Email address").fill("huy@example.org")
    owner.get_by_label("Reviewer").check()
    owner.get_by_role("button", name="Send the invitation").click()
    owner.get_by_text("We emailed an invitation").first.wait_for()
    look(owner, "organisation", axe)

    guest = new_page(viewport={"width": 360, "height": 800})
    guest.goto(url + link_in(in_thread(mails, app)[-1][2]))
    look(guest, "invitation", axe)
    guest.get_by_label("Full name").fill("Lê Quang Huy")
    guest.get_by_label("What should we call you?").fill("Huy")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_label("Country").select_option("VN")
    guest.get_by_role("button", name="Create account and join").click()
    guest.get_by_role("heading", name="Saigon Roasters", level=1).wait_for()
    look(guest, "organisation-member", axe)
    for path in ("settings", "settings/password", "settings/leaving", "inbox", "sign-in/again"):
        guest.goto(f"{url}/{path}")
        look(guest, path.replace("/", "-"), axe)
    owner.goto(f"{url}/inbox")
    owner.get_by_text("accepted the invitation").wait_for()
    look(owner, "inbox-owner", axe)


def test_a_manager_and_an_operator_look_after_the_programme(
    live_server: Served, new_page: Callable[..., Page], axe: Callable[[Page], list[str]]
) -> None:
    def plant() -> tuple[int, str]:
        with live_server.app.app_context(), unit_of_work():
            programme = cast.programme()
            boss = cast.member(programme, "manager", "Ana Ruiz")
            boss.is_operator = True
            return programme.id, boss.email

    programme_id, email = in_thread(plant)
    page = new_page(viewport={"width": 390, "height": 844}, color_scheme="dark")
    page.goto(f"{live_server.url}/sign-in")
    page.get_by_label("Email address").fill(email)
    page.get_by_label("Password").fill(cast.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{live_server.url}/organisations/{programme_id}/settings")
    page.get_by_label("Platform fee").fill("many")
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name="There is a problem").wait_for()
    look(page, "settings-errors", axe)
    page.get_by_label("Platform fee").fill("7.5")
    page.get_by_role("button", name="Save").click()
    page.get_by_text("Agreements made from now on").first.wait_for()
    for path in (
        "people",
        "organisations",
        "programmes/new",
        "development/mail",
        f"organisations/{programme_id}/profile",
    ):
        page.goto(f"{live_server.url}/{path}")
        look(page, path.replace("/", "-"), axe)


def in_thread(work: Callable[..., Any], *arguments: Any) -> Any:
    """The browser's library runs an event loop in this thread, so the database is asked in another."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(work, *arguments).result()
