"""How an internship ends early, and what it then has to show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.applications.test_clocks import later, notice_codes
from tests.endings.test_endings import Matched
from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines
from webapp.payouts.models import Payout
from webapp.submissions.models import Submission


@pytest.mark.move("internship.end_early")
def test_an_internship_without_any_submission_ends_with_the_guaranteed_part(app: Flask) -> None:
    world = Matched(app)
    world.sign(world.lan, world.owner)
    world.secure()
    start(app, world)
    with app.app_context():
        internship = world.internship()
        ends = internship.submit_by
        rings = deadlines.armed(internship)["end_early"].due_at
        assert timedelta(days=13) < rings - ends < timedelta(days=15)
    later(app, days=43, hours=1)
    with app.app_context():
        internship = world.internship()
        assert (internship.state, internship.award, internship.outcome) == ("reviewed", 10_000, "ended_early")
        due = db.session.scalars(db.select(Payout).where(Payout.type == "base")).one()
        assert (due.amount, due.state) == (10_000, "due")
    assert "ended_early" in notice_codes(app, world.lan)


def test_work_that_was_withdrawn_for_good_has_no_page_of_its_result(app: Flask) -> None:
    world = Matched(app)
    world.sign(world.lan, world.owner)
    world.secure()
    start(app, world)
    lan = world.as_(world.lan)
    sent = lan.send(
        f"/internships/{world.seat}/submission", version=0, note="All of it.", links="", intent="submit",
        despite_open="y",
    )  # fmt: skip
    with app.app_context():
        version = db.session.scalars(db.select(Submission.version)).one()
    assert lan.send(f"{sent.location}/recall", version=version).status_code == 303
    later(app, days=43, hours=1)
    with app.app_context():
        assert (world.internship().state, world.internship().outcome) == ("reviewed", "ended_early")
    lan = world.as_(world.lan)
    for page in (f"/internships/{world.seat}", "/home"):
        assert f"{sent.location}/result" not in lan.get(page).get_data(as_text=True), page
    assert lan.get(f"{sent.location}/result").status_code == 404


def start(app: Flask, world: Matched) -> Any:
    """Lan says where the pay should go, and starts."""
    from webapp.recipients import actions as recipient_actions

    with app.test_request_context(), unit_of_work():
        lan = db.session.get_one(cast.Person, world.lan)
        recipient_actions.add_method(
            lan, actor=lan, country="VN", bank_name="Bank", account_holder="LAN", account_number="123456789"
        )
        version = world.internship().version
    answer = world.as_(world.lan).send(f"/internships/{world.seat}/start", version=version)
    assert answer.status_code == 303
    return answer
