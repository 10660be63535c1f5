"""Money that arrives in parts, beyond the sum, or for a match that is over."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text

from tests.support import rail
from tests.support.rail import FEE, TOTAL
from webapp.core.database.base import db
from webapp.core.lifecycle import deadlines


def test_a_part_of_the_money_is_a_payment_that_has_begun(app: Flask) -> None:
    money = rail.matched(app)
    money.receive(10_000)
    with money.step():
        assert set(deadlines.armed(money.internship)) == {"secure"}


@pytest.mark.parametrize("parts", [(TOTAL + 500,), (10_000, TOTAL - 9_500)])
def test_what_is_beyond_the_sum_goes_back_and_the_funding_still_settles(
    app: Flask, parts: tuple[int, ...]
) -> None:
    money = rail.matched(app)
    for number, part in enumerate(parts):
        money.receive(part, f"BANK-{number}")
    with money.step():
        back = money.payout("refund")
        assert (back.amount, back.includes_fee, back.state) == (500, 0, "due")
    money.pay("refund")
    assert money.state() == ("matched", "secured")
    money.name_account()
    money.fix(TOTAL - FEE)
    money.pay("base")
    money.return_remainder()
    assert money.state() == ("paid", "settled")


def test_too_much_money_for_a_match_that_is_over_goes_back_whole(app: Flask) -> None:
    money = rail.matched(app)
    money.unmatch()
    money.receive(TOTAL + 500)
    with money.step():
        amounts = db.session.scalars(text("SELECT amount FROM payout ORDER BY id")).all()
        assert sum(amounts) == TOTAL + 500
    assert money.state() == ("posted", "refunded")
