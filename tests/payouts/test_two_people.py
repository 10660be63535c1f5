"""Two persons for every sum that leaves, none of them the payee; by policy, and by the database itself."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.support import people as cast
from tests.support import rail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import AppError, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM
from webapp.notifications.models import Notice
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import sending as payout_sending


def _refused(money: rail.Rail, error: type[AppError], act: Callable[[], None]) -> None:
    """`act` is refused with `error`, and the payout is as before."""
    with money.app.app_context(), unit_of_work():
        payout = money.payout()
        before = (payout.state, payout.version)
    with money.app.app_context(), pytest.raises(error), unit_of_work():
        act()
    with money.app.app_context(), unit_of_work():
        payout = money.payout()
        assert (payout.state, payout.version) == before
    assert money.count("attempt") == 0
    money.check()


def _act(money: rail.Rail, verb: Callable[..., None], role: str, version: int) -> Callable[[], None]:
    return lambda: verb(money.payout(), actor=money.person(role), version=version)


def _make_intern_finance(money: rail.Rail) -> None:
    with money.app.app_context(), unit_of_work():
        cast.join(money.internship.programme, money.person("intern"), "finance")


@pytest.mark.abuse(6)
def test_the_one_who_approved_does_not_release(app: Flask) -> None:
    money = rail.due(app)
    money.approve(role="first")
    _refused(money, NotAllowed, _act(money, payout_sending.release, "first", 2))
    answer = money.browser("first").send("/finance/payouts/1/release", version=2)
    assert answer.status_code == 403


@pytest.mark.abuse(6)
def test_the_payee_neither_approves_nor_releases_their_own_money(app: Flask) -> None:
    money = rail.due(app)
    _make_intern_finance(money)
    _refused(money, NotAllowed, _act(money, payout_approval.approve, "intern", 1))
    money.approve()
    _refused(money, NotAllowed, _act(money, payout_sending.release, "intern", 2))
    page = money.browser("intern").get("/finance/payouts/1")
    assert page.status_code == 200
    assert "/finance/payouts/1/release" not in page.get_data(as_text=True)


@pytest.mark.parametrize("role", ["owner", "intern", "manager", "operator"])
def test_nobody_but_finance_moves_a_payment(app: Flask, role: str) -> None:
    money = rail.due(app)
    _refused(money, NotAllowed, _act(money, payout_approval.approve, role, 1))
    answer = money.browser(role).send("/finance/payouts/1/approval", version=1)
    assert answer.status_code == (403 if role in ("manager", "operator") else 404)


@pytest.mark.abuse(6)
@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("approved_by_id = :first, released_by_id = :first", "ck_payout_two_persons"),
        ("approved_by_id = payee_id", "ck_payout_not_the_payee"),
        ("released_by_id = payee_id", "ck_payout_not_the_payee"),
        ("state = 'sending'", "ck_payout_released"),
        ("state = 'paid'", "ck_payout_released"),
        ("amount = -1", "ck_payout_amount"),
        ("payer_id = 1", "ck_payout_one_payee"),
    ],
)
def test_the_database_itself_refuses_one_person_for_two(app: Flask, change: str, constraint: str) -> None:
    money = rail.due(app)
    with app.app_context(), pytest.raises(IntegrityError, match=constraint), unit_of_work():
        db.session.execute(text(f"UPDATE payout SET {change}"), {"first": money.first_id})


def test_the_database_lets_no_attempt_go_back_or_ask_for_something_else(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    money.release()
    for change in ("amount = 1", "key = 'another'", "params = '{}'"):
        with app.app_context(), pytest.raises(IntegrityError, match="never changes"), unit_of_work():
            db.session.execute(text(f"UPDATE attempt SET {change}"))
    money.confirm()
    with app.app_context(), pytest.raises(IntegrityError, match="never goes back"), unit_of_work():
        db.session.execute(text("UPDATE attempt SET state = 'sending'"))


def test_a_stale_page_neither_approves_nor_releases(app: Flask) -> None:
    money = rail.due(app)
    _refused(money, Stale, _act(money, payout_approval.approve, "first", 7))
    money.approve()
    _refused(money, Stale, _act(money, payout_sending.release, "second", 1))
    answer = money.browser("second").send("/finance/payouts/1/release", version=1)
    assert answer.status_code == 409


@pytest.mark.fault(22)
@pytest.mark.abuse(16)
@pytest.mark.move("payout.hold")
def test_another_account_after_the_approval_voids_it_and_holds_the_payment_for_72_hours(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    money.name_account("999888777")
    with app.app_context(), unit_of_work():
        payout = money.payout()
        assert (payout.state, payout.approved_by_id, payout.destination) == ("held", None, None)
        method_changed = payout.held_until
        assert method_changed is not None
    with app.app_context(), unit_of_work():
        told = db.select(Notice.person_id).where(Notice.code == "method_changed")
        assert list(db.session.scalars(told)) == [money.intern_id]
    _refused(money, NotNow, _act(money, payout_sending.release, "second", 3))
    # Ending the hold early does not shorten the time in which the intern can say that it was not them.
    with money.step():
        payout_approval.unhold(money.payout(), actor=money.person("first"), version=3)
    _refused(money, NotNow, _act(money, payout_approval.approve, "first", 4))


def test_a_change_shortly_before_the_result_is_cooled_off_too(app: Flask) -> None:
    money = rail.secured(app)
    money.name_account("999888777")
    money.fix(26_500)
    _refused(money, NotNow, _act(money, payout_approval.approve, "first", 1))


@pytest.mark.abuse(6)
@pytest.mark.parametrize("change", ["amount = 1", "payee_id = :other"])
def test_an_approval_is_for_exactly_this_sum_and_this_payee(app: Flask, change: str) -> None:
    money = rail.due(app)
    money.approve()
    with app.app_context(), unit_of_work():
        db.session.execute(text(f"UPDATE payout SET {change}"), {"other": money.owner_id})
    _refused(money, NotNow, _act(money, payout_sending.release, "second", 2))


@pytest.mark.fault(27)
def test_a_result_edited_after_the_approval_voids_it(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    with app.app_context(), unit_of_work():
        internship = money.internship
        lifecycle.lock(internship)
        edited = {**rail.CALCULATION, "parts": [15_000, 7_500, 3_999]}
        history.record(internship, internship, "conclude", actor=SYSTEM, params=edited)
    _refused(money, NotNow, _act(money, payout_sending.release, "second", 2))


@pytest.mark.fault(27)
@pytest.mark.parametrize("award", [-1, rail.BASE + rail.POT + 1])
def test_no_result_is_negative_or_above_what_was_funded(app: Flask, award: int) -> None:
    money = rail.secured(app)
    with pytest.raises(IntegrityError, match="ck_internship_award"):
        money.fix(award)
    assert money.count("payout") == 0
    money.check()


def test_without_an_account_a_payment_stays_due_and_the_page_says_so(app: Flask) -> None:
    money = rail.matched(app)
    money.receive()
    money.fix(26_500)
    _refused(money, NotNow, _act(money, payout_approval.approve, "first", 1))
    page = money.browser("first").get("/finance/payouts/1")
    assert "has to add a bank account first" in cast.visible_text(page)
    assert "/finance/payouts/1/approval" not in page.get_data(as_text=True)
    money.name_account()
    money.approve()


@pytest.mark.fault(13)
@pytest.mark.abuse(8)
def test_fifty_parallel_releases_of_one_payment_make_one_attempt(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    many = 50
    barrier = threading.Barrier(many)
    browsers = [money.browser("second") for _ in range(many)]
    forms = [
        {"csrf_token": browser.token(), "operation_id": str(uuid4()), "version": "2"} for browser in browsers
    ]

    def release(number: int) -> int:
        barrier.wait()
        answer = browsers[number].client.post("/finance/payouts/1/release", data=forms[number])
        return int(answer.status_code)

    with ThreadPoolExecutor(many) as pool:
        codes = sorted(pool.map(release, range(many)))
    assert codes.count(303) == 1
    assert set(codes) <= {
        303,
        409,
        503,
    }  # 503: the queue for the lock was too long, the same form may be sent again
    with app.app_context(), unit_of_work():
        assert [attempt.number for attempt in money.attempts()] == [1]
        assert money.payout().state == "sending"
    money.check()


@pytest.mark.abuse(8)
def test_one_form_sent_twice_releases_once(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    browser, op = money.browser("second"), str(uuid4())
    first = browser.send("/finance/payouts/1/release", operation_id=op, version=2)
    second = browser.send("/finance/payouts/1/release", operation_id=op, version=2)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert money.count("attempt") == 1
    money.check()
