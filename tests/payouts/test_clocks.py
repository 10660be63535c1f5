"""Nobody is exempt from a clock: holds end by themselves, and what waits too long climbs to the next one up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.support import rail
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import Invalid
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle import transitions as lifecycle
from webapp.notifications.models import Notice
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.queries import queue as payout_queue

RING = {
    ("payout", "unhold"): payout_approval.unhold_by_time,
    ("payout", "payout_due"): payout_approval.remind_due,
    ("payout", "payout_approved"): payout_approval.remind_due,
    ("payout", "payout_sending"): payout_approval.remind_due,
}


def _load(kind: str, thing_id: int) -> Any:
    thing = db.session.get_one(lifecycle.model_of(kind), thing_id)
    lifecycle.lock(thing)
    return thing


def _after(money: rail.Rail, days: float) -> None:
    """Let so many days pass since the test began, and ring what is due."""
    with money.app.app_context():
        with unit_of_work():
            clock.shift(timedelta(days=days))
        deadlines.sweep(_load, RING, {})
    money.check()


def _told_late(money: rail.Rail) -> list[int]:
    with money.app.app_context(), unit_of_work():
        late = select(Notice.person_id).where(Notice.code == "payout_late").order_by(Notice.id)
        return list(db.session.scalars(late))


def _hold(money: rail.Rail, days: int) -> None:
    with money.step():
        payout = money.payout()
        until = datetime.now(UTC).date() + timedelta(days=days)
        payout_approval.hold(
            payout, actor=money.person("first"), version=payout.version, until=until, reason="Ask the bank."
        )


@pytest.mark.move("payout.hold")
@pytest.mark.move("payout.unhold")
def test_a_hold_ends_by_itself_and_both_people_act_anew(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    _hold(money, 5)
    _after(money, 4)
    with app.app_context(), unit_of_work():
        assert money.payout().state == "held"
    _after(money, 6)
    with app.app_context(), unit_of_work():
        payout = money.payout()
        assert (payout.state, payout.approved_by_id, payout.held_until) == ("due", None, None)
    money.pay("base")
    assert money.state() == ("paid", "secured")


@pytest.mark.parametrize("days", [-1, 31, 2_000_000])
def test_a_hold_never_ends_in_the_past_nor_after_thirty_days(app: Flask, days: int) -> None:
    money = rail.due(app)
    with app.app_context(), pytest.raises(Invalid), unit_of_work():
        day = datetime.now(UTC).date() + timedelta(days=days)
        payout_approval.hold(money.payout(), actor=money.person("first"), version=1, until=day, reason="Why")


@pytest.mark.parametrize("zone", ["Asia/Ho_Chi_Minh", "America/New_York"])
def test_a_hold_ends_with_the_day_where_finance_sits(app: Flask, zone: str) -> None:
    from zoneinfo import ZoneInfo

    money = rail.matched(app, zone=zone)
    money.receive()
    money.fix(26_500)
    with money.step():
        day = clock.now().astimezone(ZoneInfo(zone)).date() + timedelta(days=2)
        payout_approval.hold(money.payout(), actor=money.person("first"), version=1, until=day, reason="Ask.")
    with app.app_context(), unit_of_work():
        held_until = money.payout().held_until
        assert held_until is not None
        local = held_until.astimezone(ZoneInfo(zone))
        assert (local.date(), local.hour, local.minute) == (day, 23, 59)


def test_the_72_hours_of_a_changed_account_end_by_the_clock(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    money.name_account("999888777")
    _after(money, 2.9)
    with app.app_context(), unit_of_work():
        assert money.payout().state == "held"
    _after(money, 3.1)
    money.approve()
    with app.app_context(), unit_of_work():
        destination = money.payout().destination
        assert destination is not None
        assert destination["account_number"] == "999888777"


def test_a_payment_nobody_moves_climbs_to_the_manager_and_then_to_the_operator(app: Flask) -> None:
    money = rail.due(app)
    _after(money, 1)
    assert _told_late(money) == []
    _after(money, 8)
    assert _told_late(money) == [money.manager_id]
    _after(money, 8)
    assert _told_late(money) == [money.manager_id]
    _after(money, 16)
    assert _told_late(money) == [money.manager_id, money.operator_id]
    _after(money, 24)
    with app.app_context(), unit_of_work():
        payout = money.payout()
        assert (payout.state, payout.escalation) == ("due", 3)
        assert set(deadlines.armed(payout)) == {"payout_due"}


@pytest.mark.parametrize("state", ["approved", "sending"])
def test_each_step_of_a_payment_has_a_clock_of_its_own(app: Flask, state: str) -> None:
    money = rail.due(app)
    _after(money, 8)
    money.approve()
    if state == "sending":
        money.release()
    with app.app_context(), unit_of_work():
        payout = money.payout()
        assert payout.escalation == 0
        assert set(deadlines.armed(payout)) == {f"payout_{state}"}
    _after(money, 16)
    assert _told_late(money) == [money.manager_id, money.manager_id]


def test_a_paid_sum_has_no_clock_left(app: Flask) -> None:
    money = rail.due(app)
    money.pay("base")
    with app.app_context(), unit_of_work():
        assert deadlines.armed(money.payout()) == {}


def test_the_promised_date_follows_what_happens(app: Flask) -> None:
    money = rail.matched(app)

    def promise() -> payout_queue.PayDate:
        with app.app_context(), unit_of_work():
            found = payout_queue.pay_date(money.internship)
            assert found is not None
            return found

    matched = promise()
    assert matched.reason == "matched"
    money.receive()
    money.name_account()
    money.fix(26_500)
    due = promise()
    assert due.reason == "due"
    assert due.at < matched.at
    _hold(money, 20)
    assert promise().at > due.at
    with money.step():
        payout_approval.unhold(money.payout(), actor=money.person("first"), version=2)
    money.approve()
    money.release()
    assert promise().reason == "sending"
    money.confirm()
    assert promise().reason == "paid"
