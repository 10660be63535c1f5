"""When the clocks of the law ring: after held locks, in the right zone, and never at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text

from tests.applications.test_clocks import later
from tests.applications.world import World
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.applications.actions import answers as application_answers
from webapp.applications.models import Application
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.deadlines import Deadline
from webapp.core.slice import Slices
from webapp.internships.models import Internship
from webapp.next_steps.queries import waiting as next_step_waiting
from webapp.organisations.models import Organisation
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries
from webapp.slices import SLICES
from webapp.worker import _locked

RING, REMIND = Slices(SLICES).merged("on_expiry"), Slices(SLICES).merged("on_reminder")


def test_a_clock_that_met_a_held_lock_rings_later(app: Flask) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan)
    world.as_(world.owner).send(f"/applications/{sent}/offer", version=1)

    def impatient(kind: str, row_id: int) -> Any:
        db.session.execute(text("SET LOCAL lock_timeout = '50ms'"))
        return _locked(kind, row_id)

    with app.test_request_context():
        with unit_of_work():
            clock.shift(timedelta(days=4, hours=1))
        with db.engine.connect() as other, other.begin():
            other.execute(text("SELECT FROM posting WHERE id = :id FOR UPDATE"), {"id": world.posting})
            assert deadlines.sweep(impatient, RING, REMIND) == 0
        with unit_of_work():
            row = db.session.scalars(db.select(Deadline).where(Deadline.kind == "lapse")).one()
            assert (row.state, row.tries) == ("armed", 1)
            row.not_before = None
        assert deadlines.sweep(_locked, RING, REMIND) == 1
    assert world.application_of(world.lan).state == "lapsed"


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"])
def test_the_agreed_days_are_the_interns_wherever_they_live(app: Flask, zone: str) -> None:
    with app.test_request_context(), unit_of_work():
        internship = cast.internship("matched", who=cast.intern(zone=zone), secured=True)
        terms, local = internship.terms, ZoneInfo(zone)
        assert internship.ends_at.astimezone(local).date() == terms.ends_on
        begins = datetime.combine(terms.starts_on, datetime.min.time(), local)
        assert internship.start_by == begins + timedelta(hours=48)


def test_work_begun_after_its_agreed_end_does_not_end_the_moment_it_starts(app: Flask) -> None:
    today = datetime.now(UTC).date()
    with app.test_request_context(), unit_of_work():
        posting = cast.posting(starts_on=today - timedelta(days=40), ends_on=today - timedelta(days=20))
        internship = cast.internship("in_progress", of=posting)
        rings = deadlines.armed(internship)["end_early"].due_at
        assert rings > datetime.now(UTC) + timedelta(days=13)


def test_a_signature_is_awaited_until_the_day_ends_where_its_signer_lives(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        employer = cast.organisation()
        employer.zone = "America/Los_Angeles"
        posting = cast.posting(employer)
        internship = cast.internship(
            "matched", of=posting, who=cast.intern(zone="Asia/Ho_Chi_Minh"), signed=False
        )
        rings = deadlines.armed(internship)["sign"].due_at
        # Whose day ends later depends on the hour: in the evening of London it is tomorrow already in Vietnam.
        assert internship.matched_at is not None
        ends = [
            deadlines.end_of_day(internship.matched_at, 3, zone)
            for zone in (employer.zone, "Asia/Ho_Chi_Minh")
        ]
        assert rings == max(ends)


def test_money_that_came_before_the_signatures_leaves_two_days_to_start(app: Flask) -> None:
    long_ago = datetime.now(UTC) - timedelta(days=3)
    today = datetime.now(UTC).date()
    with app.test_request_context(), unit_of_work():
        posting = cast.posting(starts_on=today - timedelta(days=3))
        internship = cast.internship("matched", of=posting, secured=True, secured_at=long_ago)
        assert deadlines.armed(internship)["start"].due_at >= datetime.now(UTC) + timedelta(hours=47)


def test_an_offer_keeps_its_seat_until_the_answer_it_was_promised(app: Flask) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan)
    with app.test_request_context(), unit_of_work():
        owner = db.session.get_one(Person, world.owner)
        posting = db.session.get_one(Posting, world.posting)
        posting_moves.close(posting, actor=owner, version=posting.version)
        application = db.session.get_one(Application, sent)
        application_answers.reject(application, actor=owner, version=application.version, reason="other")
        assert posting.state == "closed"
    later(app, days=9)
    version = world.application_of(world.lan).version
    assert world.as_(world.owner).send(f"/applications/{sent}/offer", version=version).status_code == 303
    later(app, days=11, hours=1)
    assert world.application_of(world.lan).state == "offered"
    later(app, days=13, hours=1)
    assert world.application_of(world.lan).state == "lapsed"
    with app.app_context():
        assert db.session.scalars(db.select(Internship.state)).one() == "cancelled"


def test_pages_show_the_clock_that_runs_also_when_settings_change_under_it(app: Flask) -> None:
    world = World(app, seats=1)
    world.applied(world.lan)
    with app.test_request_context(), unit_of_work():
        reviewer = db.session.get_one(Person, world.reviewer)
        waiting = world.application_of(world.lan)
        db.session.get_one(Organisation, world.employer).zone = "Pacific/Auckland"
        manager = cast.member(programme := cast.programme(), "manager")
        asked = cast.posting(
            cast.organisation(), programme, state="in_approval", proposed_at=datetime.now(UTC), opened_at=None
        )
        asked.settings.clocks = {**asked.settings.clocks, "approval_days": 3}
        db.session.flush()
        runs = deadlines.armed(waiting)["expire"].due_at
        assert next_step_waiting.applicants_waiting(reviewer, 1).steps[0].until == runs
        rings = deadlines.armed(asked)["send_back"].due_at
        assert posting_queries.next_step(manager, asked).until == rings
        assert posting_queries.approvals(manager)["answers_by"] == {asked.id: rings}


def test_work_is_not_taken_back_when_that_would_end_the_internship_at_once(app: Flask) -> None:
    today = datetime.now(UTC).date()
    long_ago = datetime.now(UTC) - timedelta(days=30)
    with app.test_request_context(), unit_of_work():
        posting = cast.posting(starts_on=today - timedelta(days=30), ends_on=today - timedelta(days=10))
        lan = cast.intern()
        internship = cast.internship("in_progress", of=posting, who=lan, started_at=long_ago)
        seat, who = internship.id, lan.id
    page = (
        cast.signed_in(app, who)
        .send(f"/internships/{seat}/submission", version=0, note="Done", intent="submit")
        .location
    )
    with app.test_request_context(), unit_of_work():
        clock.shift(timedelta(days=6))
    browser = cast.signed_in(app, who)
    assert "/recall" not in browser.get(page).get_data(as_text=True)
    assert browser.send(f"{page}/recall", version=2).status_code == 409
    with app.app_context():
        assert db.session.get_one(Internship, seat).state == "submitted"


def test_the_pay_date_is_never_past_and_follows_the_clock_of_silence(app: Flask) -> None:
    today = datetime.now(UTC).date()
    with app.test_request_context(), unit_of_work():
        programme = cast.programme()
        programme.zone = "Asia/Ho_Chi_Minh"
        posting = cast.posting(
            None, programme, starts_on=today - timedelta(days=60), ends_on=today - timedelta(days=40)
        )
        late = cast.internship("in_progress", of=posting)
        promise = payout_queue.pay_date(late)
        assert promise is not None
        assert promise.at > datetime.now(UTC) + timedelta(days=7)
        waiting = cast.internship("submitted", of=posting)
        promise, silence = (
            payout_queue.pay_date(waiting),
            deadlines.armed(waiting)["approve_by_silence"].due_at,
        )
        assert promise is not None
        assert promise.at == payout_queue.working_days_after(silence, 3, waiting)
