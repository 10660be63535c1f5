"""Applications and the clocks: nobody waits for ever, and a clock that rings twice does nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from tests.applications.world import World
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines
from webapp.internships.models import Internship
from webapp.notifications.models import Notice
from webapp.postings.models import Posting
from webapp.worker import sweep_deadlines


def later(app: Flask, **after: int) -> int:
    """Move the clock and ring what is due; returns how many rang or reminded."""
    with app.test_request_context():
        with unit_of_work():
            clock.shift(timedelta(**after))
        rang, swept = 0, sweep_deadlines()
        while swept:
            rang, swept = rang + swept, sweep_deadlines()
        return rang


def notice_codes(app: Flask, who: int) -> list[str]:
    with app.app_context():
        return list(
            db.session.scalars(db.select(Notice.code).where(Notice.person_id == who).order_by(Notice.id))
        )


@pytest.mark.move("application.lapse")
def test_an_offer_without_an_answer_lapses_and_its_seat_can_be_offered_to_the_next(app: Flask) -> None:
    world = World(app, seats=1)
    first, second = world.applied(world.lan), world.applied(world.minh)
    owner = world.as_(world.owner)
    owner.send(f"/applications/{first}/offer", version=1)
    later(app, days=3)
    assert world.application_of(world.lan).state == "offered", "the whole last day counts"
    assert "application_lapses_soon" in notice_codes(app, world.lan)
    later(app, days=4, hours=1)
    assert world.application_of(world.lan).state == "lapsed"
    assert "application_lapsed" in notice_codes(app, world.lan)
    assert "application_offer_lapsed" in notice_codes(app, world.owner)
    assert later(app, days=4, hours=2) == 0, "a clock rings once"
    assert owner.send(f"/applications/{second}/offer", version=1).status_code == 303
    assert owner.send(f"/applications/{first}/offer", version=3).status_code == 409, (
        "now the other one holds it"
    )


@pytest.mark.move("application.expire")
def test_an_unanswered_application_expires_after_two_reminders(app: Flask) -> None:
    world = World(app)
    world.applied(world.lan)
    later(app, days=6)
    later(app, days=9)
    assert notice_codes(app, world.reviewer).count("application_waits") == 2
    assert world.application_of(world.lan).state == "applied"
    later(app, days=11, hours=1)
    assert world.application_of(world.lan).state == "expired"
    assert "application_expired" in notice_codes(app, world.lan)
    assert "application_expired_unanswered" in notice_codes(app, world.owner)


def test_a_shortlist_buys_the_employer_ten_more_days_but_only_once(app: Flask) -> None:
    world = World(app)
    sent = world.applied(world.lan)
    reviewer = world.as_(world.reviewer)
    reviewer.send(f"/applications/{sent}/shortlisting", version=1)
    with app.app_context():
        once = deadlines.armed(world.application_of(world.lan))["expire"].due_at
    reviewer.send(f"/applications/{sent}/unshortlisting", version=2)
    reviewer.send(f"/applications/{sent}/shortlisting", version=3)
    with app.app_context():
        assert deadlines.armed(world.application_of(world.lan))["expire"].due_at == once
    later(app, days=11)
    assert world.application_of(world.lan).state == "shortlisted"
    later(app, days=21, hours=1)
    assert world.application_of(world.lan).state == "expired"


def test_a_posting_is_closed_once_its_seats_are_taken_and_everybody_is_answered(app: Flask) -> None:
    world = World(app, seats=1)
    first, second = world.applied(world.lan), world.applied(world.minh)
    owner = world.as_(world.owner)
    owner.send(f"/applications/{first}/offer", version=1)
    world.as_(world.lan).send(f"/applications/{first}/acceptance", version=2)
    with app.app_context():
        assert db.session.get_one(Posting, world.posting).state == "closing"
    owner.send(f"/applications/{second}/rejection", version=1, reason="seats_filled")
    with app.app_context():
        assert db.session.get_one(Posting, world.posting).state == "closed"


def test_a_seat_that_stays_free_after_the_end_of_its_posting_is_cancelled(app: Flask) -> None:
    world = World(app, seats=2)
    sent = world.applied(world.lan)
    owner = world.as_(world.owner)
    with app.app_context():
        version = db.session.get_one(Posting, world.posting).version
    assert owner.send(f"/postings/{world.posting}/closing", version=version).status_code == 303
    owner.send(f"/applications/{sent}/rejection", version=1, reason="skills")
    with app.app_context():
        assert db.session.get_one(Posting, world.posting).state == "closed"
    later(app, days=11, hours=1)
    with app.app_context():
        assert set(db.session.scalars(db.select(Internship.state))) == {"cancelled"}
    assert "seat_unfilled" in notice_codes(app, world.owner)
