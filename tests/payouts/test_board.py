"""Finance's board: the same sums as the queue; a drop fires what needs nothing and leads to the form of everything else."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support import rail
from tests.support.application import Served
from tests.tasks.at_the_board import axe_findings, drag, middle, take
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.guards import Refusal
from webapp.payouts import guards
from webapp.payouts.labels import IN_THE_WAY
from webapp.payouts.models import Payout

Axe = Any


def due(app: Flask) -> rail.Rail:
    """A base payout that is due and may be approved, and money that goes back to the payer."""
    money = rail.matched(app)
    money.receive(rail.TOTAL)
    money.fix(26_500)
    money.name_account()
    return money


def state(app: Flask) -> str:
    with app.app_context(), unit_of_work():
        return str(db.session.get_one(Payout, 1).state)


def board(money: rail.Rail, role: str, query: str = "") -> str:
    answer = money.browser(role).get(f"/finance/board{query}")
    assert answer.status_code == 200
    return " ".join(answer.get_data(as_text=True).split())


def test_sums_stand_in_the_column_of_their_state_with_amount_payee_and_who_acts_next(app: Flask) -> None:
    money = due(app)
    body = board(money, "first")
    assert body.count('<section class="column"') == 6
    assert '<h2 id="head-due" tabindex="-1">Due <span>1</span></h2>' in body
    card = body.split('id="card-1"')[1].split("</li>")[0]
    assert "$265.00" in card and "Lan Nguyễn" in card
    assert "A first finance person approves it." in card
    assert 'data-targets="approved held"' in card
    money.approve()
    first, second = board(money, "first"), board(money, "second")
    assert "or the same person twice" in first.split('id="card-1"')[1].split(">")[0]
    assert 'data-targets="sending held"' in second.split('id="card-1"')[1].split(">")[0]


def test_filters_stand_in_the_address_and_say_what_they_hide(app: Flask) -> None:
    money = due(app)
    assert "1 card is hidden by the filters." in board(money, "first", "?q=zzzz")
    assert 'id="card-1"' in board(money, "first", "?q=lan&rail=manual")
    assert 'id="card-1"' not in board(money, "first", "?rail=stripe")
    assert 'id="card-1"' not in board(money, "first", "?due=overdue")
    assert "<table" in board(money, "first", "?view=list")


@pytest.mark.parametrize("htmx", [False, True])
def test_approving_needs_nothing_else_and_is_fired_by_the_move(app: Flask, htmx: bool) -> None:
    money = due(app)
    version = version_of(app)
    answer = money.browser("first").send(
        "/finance/payouts/1/move",
        htmx=htmx,
        seen_at="/finance/board",
        to="approved",
        move_version=version,
        view="card",
    )
    assert state(app) == "approved"
    if htmx:
        body = " ".join(answer.get_data(as_text=True).split())
        assert (
            'hx-target="#list-approved"' in body
            and '<h2 id="head-due" tabindex="-1">Due <span>0</span></h2>' in body
        )
        assert "moved from Due to Approved" in body
    else:
        assert answer.status_code == 303
        assert answer.headers["Location"].endswith("/finance/board#card-1")


def version_of(app: Flask) -> int:
    with app.app_context(), unit_of_work():
        return int(db.session.get_one(Payout, 1).version)


def test_what_needs_a_reason_or_a_second_factor_leads_to_its_form_and_changes_nothing(app: Flask) -> None:
    money = due(app)
    held = money.browser("first").send("/finance/payouts/1/move", to="held", move_version=version_of(app))
    assert (held.status_code, held.headers["Location"]) == (303, "/finance/payouts/1?intent=hold#do-hold")
    money.approve()
    answer = money.browser("second").send(
        "/finance/payouts/1/move", htmx=True, to="sending", move_version=version_of(app), view="card"
    )
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (
        204,
        "/finance/payouts/1?intent=release#do-release",
    )
    assert state(app) == "approved"


def test_the_same_person_twice_the_wrong_column_and_an_old_page_are_refused_in_words(app: Flask) -> None:
    money = due(app)
    old = version_of(app)
    money.approve()
    first = money.browser("first")
    twice = first.send("/finance/payouts/1/move", to="sending", move_version=version_of(app))
    assert twice.status_code == 422
    assert "or the same person twice" in twice.get_data(as_text=True)
    wrong = first.send("/finance/payouts/1/move", to="paid", move_version=version_of(app))
    assert wrong.status_code == 422
    assert "when the bank or Stripe has made the transfer" in wrong.get_data(as_text=True)
    nonsense = first.send("/finance/payouts/1/move", to="moon", move_version=version_of(app))
    assert nonsense.status_code == 422
    stale = first.send("/finance/payouts/1/move", to="approved", move_version=old)
    assert stale.status_code == 409
    assert "is in Approved now; your move was not made" in stale.get_data(as_text=True)
    assert state(app) == "approved"


def test_the_sheet_says_where_a_sum_can_go_and_why_not_elsewhere(app: Flask) -> None:
    money = due(app)
    body = money.browser("first").get("/finance/payouts/1/move").get_data(as_text=True)
    assert 'value="approved"' in body and 'value="held"' in body and 'value="paid"' not in body
    assert "Two people each time" in body
    assert money.browser("manager").get("/finance/payouts/1/move").status_code == 403
    assert money.browser("owner").get("/finance/payouts/1/move").status_code == 404


def _open(page: Page, served: Served, money: rail.Rail, role: str) -> None:
    cookie = money.browser(role).client.get_cookie("stint")
    assert cookie is not None
    page.context.clear_cookies()
    page.context.add_cookies([{"name": "stint", "value": cookie.value, "url": served.url}])
    page.goto(f"{served.url}/finance/board")
    expect(page.locator("#board-state")).to_have_text("Live updates")


@pytest.mark.point(2)
@pytest.mark.point(4)
@pytest.mark.point(19)
def test_two_people_of_finance_work_on_one_board(live_server: Served, new_page: Any, axe: Axe) -> None:
    money = due(live_server.app)
    one, two = (new_page(viewport={"width": 1600, "height": 900}) for _ in range(2))
    _open(one, live_server, money, "first")
    _open(two, live_server, money, "second")

    take(one, 1)
    one.mouse.move(*middle(one, ".column[data-column=paid]"))
    expect(one.locator(".column[data-column=paid] .column-why")).to_contain_text("has made the transfer")
    expect(one.locator(".column[data-column=sending] .column-why")).to_contain_text("Two people each time")
    one.keyboard.press("Escape")
    one.mouse.up()

    drag(one, 1, "approved")
    expect(one.locator("#list-approved #card-1")).to_have_attribute("data-column", "approved")
    expect(one.locator("#live")).to_contain_text("moved from Due to Approved")
    expect(two.locator("#list-approved #card-1")).to_be_visible()
    expect(two.locator("#head-due")).to_have_text("Due 0")
    assert axe_findings(axe, one) == []

    two.locator("#mv-1").click()
    expect(two.locator("#sheet")).to_contain_text("Why other columns are not available")
    assert axe_findings(axe, two) == []
    two.keyboard.press("Escape")
    asked: list[str] = []
    two.on("dialog", lambda dialog: asked.append(dialog.type))
    drag(two, 1, "sending")
    two.wait_for_url("**/finance/payouts/1?intent=release#do-release")
    assert asked == [], "nothing is unsaved, so nobody is asked whether to leave"
    expect(two.get_by_role("button", name="Release this payment")).to_be_visible()
    assert state(live_server.app) == "approved"


def test_everything_that_can_be_in_the_way_of_a_payment_has_words_for_who_clears_it() -> None:
    refusals = {one.code for one in vars(guards).values() if isinstance(one, Refusal)}
    assert refusals == set(IN_THE_WAY)
