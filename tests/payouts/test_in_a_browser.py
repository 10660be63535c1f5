"""The pages of money in a browser: legible to a checker in every state, and worked by their buttons."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from tests.support import rail
from tests.support.application import Served

NewPage = Callable[..., Page]
Axe = Callable[[Page], list[str]]


def _as(page: Page, served: Served, money: rail.Rail, role: str) -> None:
    """Give the browser the session of one of the cast."""
    cookie = money.browser(role).client.get_cookie("stint")
    assert cookie is not None
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "stint", "value": cookie.value, "url": served.url}])


def _look(page: Page, served: Served, axe: Axe, *paths: str) -> None:
    for path in paths:
        answer = page.goto(served.url + path)
        assert answer is not None
        assert answer.status == 200, path
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"], path  # type: ignore[index]


@pytest.mark.point(1)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_a_checker_finds_nothing_on_the_pages_of_money(
    live_server: Served, new_page: NewPage, axe: Axe, width: int, scheme: str
) -> None:
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    money = rail.matched(live_server.app)
    funding, payout = f"/internships/{money.internship_id}/funding", "/finance/payouts/1"
    _as(page, live_server, money, "owner")
    _look(page, live_server, axe, funding)
    money.receive(10_000)
    _as(page, live_server, money, "first")
    _look(page, live_server, axe, "/fundings/1", "/finance", "/finance/ledger")
    money.receive(rail.TOTAL - 10_000, "BANK-2")
    money.fix(26_500)
    _look(page, live_server, axe, payout, "/fundings/1")
    money.name_account()
    money.return_remainder()
    money.approve("refund")
    money.approve()
    money.release()
    _look(page, live_server, axe, payout, "/finance/payouts/2", "/finance", "/finance/ledger/asset:bank:USD")
    _as(page, live_server, money, "intern")
    _look(page, live_server, axe, "/earnings", "/settings/payout-method", funding)


@pytest.mark.point(2)
@pytest.mark.point(26)
def test_finance_works_a_payment_by_its_buttons(live_server: Served, page: Page, axe: Axe) -> None:
    money = rail.due(live_server.app)
    _as(page, live_server, money, "first")
    page.goto(f"{live_server.url}/finance")
    page.get_by_role("link", name="Payment 1").click()
    page.get_by_role("button", name="Approve this payment").click()
    expect(page.locator("#live")).to_have_text("Approved. Now a second finance person releases it.")
    expect(page.get_by_role("button", name="Release this payment")).to_have_count(0)
    _as(page, live_server, money, "second")
    page.reload()
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Release this payment").click()
    expect(page.get_by_role("button", name="Record the transfer")).to_be_visible()
    page.get_by_label("Reference of the bank transfer").fill("OUT-77")
    page.get_by_role("button", name="Record the transfer").click()
    expect(page.locator("#error-summary")).to_be_focused()
    assert axe(page) == []
    expect(page.get_by_label("Reference of the bank transfer")).to_have_value("OUT-77")
    page.get_by_label("Date of the transfer").fill(datetime.now(UTC).date().isoformat())
    page.get_by_role("button", name="Record the transfer").click()
    expect(page.get_by_text("This payment is complete.")).to_be_visible()
    assert axe(page) == []
    money.check()
