"""The intern starts the work: not before the money is secured, and then with a board."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import NotNow
from webapp.core.lifecycle import history
from webapp.internships.models import Internship
from webapp.recipients import actions as recipient_actions
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.models import Task


def signed(app: Flask, *, secured: bool) -> int:
    """An internship that both sides have signed, with an intern who can be paid."""
    with app.app_context(), unit_of_work():
        lan = cast.intern()
        recipient_actions.add_method(
            lan, actor=lan, country="VN", bank_name="Bank", account_holder="LAN", account_number="0011223344"
        )
        return cast.internship("matched", who=lan, secured=secured).id


def start(internship_id: int) -> Internship:
    internship = db.session.get_one(Internship, internship_id)
    lan = db.session.get_one(Person, internship.intern_id)
    task_cards.begin_work(internship, actor=lan, version=internship.version)
    return internship


@pytest.mark.move("internship.start")
def test_the_work_starts_with_a_card_for_each_deliverable(app: Flask) -> None:
    internship_id = signed(app, secured=True)
    with app.app_context(), unit_of_work():
        internship = start(internship_id)
        assert internship.state == "in_progress"
        assert db.session.scalar(select(func.count()).select_from(Task)) == 2
        started = history.of_subject("internship", internship_id)[-1]
        assert (started.move, started.actor_id) == ("start", internship.intern_id)


def test_before_the_money_is_secured_nothing_starts(app: Flask) -> None:
    internship_id = signed(app, secured=False)
    with app.test_request_context(), pytest.raises(NotNow) as refused, unit_of_work():
        start(internship_id)
    with app.test_request_context():
        assert str(refused.value.sentence) == "The work can start once the money is secured."
        assert db.session.get_one(Internship, internship_id).state == "matched"
