"""What a list has read at once says the same as asking each payout, until a row is locked."""

from __future__ import annotations

from flask import Flask

from tests.support import rail
from tests.support.lists import Lists, counted
from webapp.core.database import facts
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle import transitions as lifecycle
from webapp.payouts import guards
from webapp.payouts.models import Payout, PayoutPart
from webapp.payouts.queries.preloading import preload
from webapp.recipients.models import PayoutMethod, StripeAccount


def obstacles(app: Flask, *, at_once: bool) -> dict[int, tuple[str, list[str]]]:
    """What is in the way of each payout, and the clocks that run on it."""
    with app.app_context(), unit_of_work():
        payouts = list(db.session.scalars(db.select(Payout).order_by(Payout.id)))
        if at_once:
            preload(payouts)
        return {
            one.id: (found.code if (found := guards.obstacle(one)) else "", sorted(deadlines.armed(one)))
            for one in payouts
        }


def test_a_preloaded_list_and_a_single_payout_get_the_same_answers(app: Flask) -> None:
    lists = Lists(app)
    lists.grow(9)  # three of each kind between people who differ from row to row
    with app.app_context(), unit_of_work():
        payouts = list(db.session.scalars(db.select(Payout).order_by(Payout.id)))
        payouts = [one for one in payouts if one.payee_id != lists.people["intern"]]
        for one in payouts[
            : len(payouts) // 3
        ]:  # the first third lost its account, the second changed it just now
            db.session.execute(db.delete(PayoutMethod).where(PayoutMethod.person_id == one.payee_id))
            db.session.execute(
                db.update(StripeAccount)
                .where(StripeAccount.person_id == one.payee_id)
                .values(transfers="inactive")
            )
        for one in payouts[len(payouts) // 3 : len(payouts) // 3 * 2]:
            for model in (PayoutMethod, StripeAccount):
                _replace(model, one.payee_id)
        parts = select_parts()
        db.session.execute(db.update(PayoutPart).where(PayoutPart.id.in_(parts[::7])).values(amount=38_001))
    one_by_one = obstacles(app, at_once=False)
    assert obstacles(app, at_once=True) == one_by_one
    assert {code for code, _clocks in one_by_one.values()} == {
        "",
        "no_account",
        "no_stripe",
        "cooling",
        "changed",
        "not_covered",
    }


def _replace(model: type[PayoutMethod] | type[StripeAccount], person_id: int | None) -> None:
    """The person has another account since a moment ago."""
    rows = db.session.scalars(db.select(model).where(model.person_id == person_id)).all()
    for row in rows:
        columns = {column.key: getattr(row, column.key) for column in model.__table__.columns}
        del columns["id"]
        stamp = db.session.scalar(db.select(db.func.now()))
        row.replaced_at = stamp
        db.session.flush()
        if model is StripeAccount:
            columns |= {"key": f"{row.key}-2", "account": f"{row.account}-2"}
        else:
            columns["added_at"] = stamp
        db.session.add(model(**columns))
    db.session.flush()


def select_parts() -> list[int]:
    """The parts that Stripe pays, oldest first."""
    return list(
        db.session.scalars(
            db.select(PayoutPart.id).where(PayoutPart.charge_id.is_not(None)).order_by(PayoutPart.id)
        )
    )


def test_what_was_read_at_once_is_asked_again_under_a_lock(app: Flask) -> None:
    money = rail.due(app)
    with app.app_context(), unit_of_work():
        payout = money.payout()
        preload([payout])
        with counted(app) as statements:
            assert guards.obstacle(payout) is None
            assert not statements
        facts.preload("payout_method", {payout.payee_id: None})  # as if the list had been read long ago
        assert guards.obstacle(payout) is guards.NO_ACCOUNT
        lifecycle.lock(payout)
        assert guards.obstacle(payout) is None
