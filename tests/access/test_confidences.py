"""Who learns of whom, and who may vouch for whose money: each was possible once."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.endings.test_endings import Matched
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.applications.models import Application
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.endings import actions as ending_actions
from webapp.internships.models import Internship
from webapp.payouts.models import Payout
from webapp.postings.models import Posting


def test_the_intern_of_a_seat_does_not_learn_who_had_it_before(app: Flask) -> None:
    world = Matched(app)
    with app.test_request_context(), unit_of_work():
        seat = db.session.get_one(Internship, world.seat)
        ending_actions.unmatch(seat, actor=SYSTEM, reason="sign")
    minh = world.minh
    sent = world.applied(minh)
    assert world.as_(world.owner).send(f"/applications/{sent}/offer", version=1).status_code == 303
    assert world.as_(minh).send(f"/applications/{sent}/acceptance", version=2).status_code == 303
    page = world.as_(minh).get(f"/internships/{world.seat}").text
    assert "was matched" in page
    assert "Lan Nguyễn" not in page
    assert "Lan Nguyễn was matched" in world.as_(world.owner).get(f"/internships/{world.seat}").text


def test_a_rating_is_read_by_the_employers_people_only_and_never_by_whom_it_rates(app: Flask) -> None:
    world = Matched(app)
    sent = world.applied(world.minh)
    with app.test_request_context(), unit_of_work():
        db.session.get_one(Application, sent).rating = 2
        posting = db.session.get_one(Posting, world.posting)
        manager = cast.member(posting.programme, "manager").id
    path = f"/postings/{world.posting}/applications"
    assert "Rated 2 of 5" in world.as_(world.reviewer).get(path).text
    assert "Rated" not in world.as_(manager).get(path).text

    with app.test_request_context(), unit_of_work():
        cast.join(
            db.session.get_one(Posting, world.posting).organisation,
            db.session.get_one(Person, world.minh),
            "reviewer",
        )
    assert "Rated" not in world.as_(world.minh).get(path).text


@pytest.mark.abuse(6)
def test_a_finance_person_who_belongs_to_the_payer_neither_vouches_for_its_money_nor_sends_it_back(
    app: Flask,
) -> None:
    world = Matched(app)
    world.sign(world.lan, world.owner)
    world.begin_payment()
    with app.test_request_context(), unit_of_work():
        posting = db.session.get_one(Posting, world.posting)
        both = cast.member(posting.programme, "finance").id
        cast.join(posting.organisation, db.session.get_one(Person, both), "owner")
        funding, version = world.funding().id, world.funding().version
    receipt: dict[str, Any] = {
        "amount": "380.00",
        "received_on": str(clock.real_now().date()),
        "bank_reference": "BANK 7",
    }
    path = f"/fundings/{funding}/receipts"
    assert world.as_(both).send(path, version=version, **receipt).status_code == 403
    assert world.as_(world.finance).send(path, version=version, **receipt).status_code == 303

    with app.test_request_context(), unit_of_work():
        ending_actions.unmatch(db.session.get_one(Internship, world.seat), actor=SYSTEM, reason="start")
        refund = db.session.scalars(select(Payout).where(Payout.type == "refund")).one()
        back, version = f"/finance/payouts/{refund.id}/approval", refund.version
    assert world.as_(both).send(back, version=version).status_code == 403
    assert world.as_(world.finance).send(back, version=version).status_code == 303
