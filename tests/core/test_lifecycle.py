"""What an outside reading of the lifecycle against its law found wrong, each kept from coming back."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.applications.test_clocks import later
from tests.applications.test_pages import World
from tests.support import people as cast
from tests.support import rail
from tests.support.postgres import ROOT, TestDatabase, run_migrations
from tests.support.rail import FEE, TOTAL
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


def test_a_bonus_that_no_bank_can_pay_is_refused_at_its_field(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = cast.terms_of
    monkeypatch.setattr(cast, "terms_of", lambda of, who: {**whole(of, who), "unit": 100})
    with app.test_request_context(), unit_of_work():
        owner = cast.member(employer := cast.organisation(), "owner")
        posting = cast.posting(employer, by=owner, currency="HUF")
        lan = cast.intern()
        internship = cast.internship("in_progress", of=posting, who=lan)
        ids = internship.id, lan.id, owner.id
    seat, intern, reviewer = ids
    work = cast.signed_in(app, intern)
    handed_in = work.send(f"/internships/{seat}/submission", version=0, note="Done", intent="submit")
    page = handed_in.location + "/review"
    browser = cast.signed_in(app, reviewer)
    typed: dict[str, Any] = {
        "level_1": "4",
        "level_2": "4",
        "level_3": "4",
        "bonus": "1.50",
        "bonus_reason": "Good",
    }
    answer = browser.send(page, version=0, **typed)
    assert answer.status_code == 422
    assert "Enter a whole amount" in cast.visible_text(answer)
    assert browser.get(page).status_code == 200
    for bonus in ("1.50", "60000.00"):
        assert browser.get(f"{page}/score", query_string={**typed, "bonus": bonus}).status_code == 200


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


def test_who_joined_the_employer_cannot_accept_its_offer(app: Flask) -> None:
    world = World(app, seats=1)
    sent = world.applied(world.lan)
    world.as_(world.owner).send(f"/applications/{sent}/offer", version=1)
    with app.test_request_context(), unit_of_work():
        cast.join(
            db.session.get_one(Organisation, world.employer), db.session.get_one(Person, world.lan), "owner"
        )
    lan = world.as_(world.lan)
    assert "Accept" not in cast.visible_text(lan.get(f"/applications/{sent}/acceptance"))
    assert lan.send(f"/applications/{sent}/acceptance", version=2).status_code == 403


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


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE internship SET state = 'half_done'", "ck_internship_state"),
        ("UPDATE posting SET state = 'half_done'", "ck_posting_state"),
        ("UPDATE funding SET state = 'half_done'", "ck_funding_state"),
        ("UPDATE payout SET state = 'half_done'", "ck_payout_state"),
        ("UPDATE internship SET secured_at = NULL", "ck_internship_work"),
        ("UPDATE internship SET signed_at = NULL", "ck_internship_work"),
        ("UPDATE payout SET includes_fee = amount + 1", "ck_payout_fee_within"),
        ("UPDATE payout SET number = 2", "ck_payout_one_base"),
    ],
)
def test_the_database_itself_knows_the_states_and_what_they_rest_on(
    app: Flask, statement: str, constraint: str
) -> None:
    rail.due(app)
    with app.app_context(), pytest.raises(IntegrityError, match=constraint), unit_of_work():
        db.session.execute(text(statement))


def test_the_database_lets_no_second_base_payout_of_an_internship_be(app: Flask) -> None:
    money = rail.due(app)
    again = (
        "INSERT INTO payout (internship_id, payee_id, type, number, currency, amount, state, due_at)"
        " SELECT internship_id, :other, type, number, currency, amount, state, due_at FROM payout"
    )
    with app.app_context(), pytest.raises(IntegrityError, match="uq_payout_base"), unit_of_work():
        db.session.execute(text(again), {"other": money.owner_id})


def test_the_migrations_lead_up_down_and_up_again_without_drift(empty_database: TestDatabase) -> None:
    run_migrations(empty_database.owner_url)
    for command in (("check",), ("downgrade", "base"), ("upgrade", "head"), ("check",)):
        done = subprocess.run(
            [sys.executable, "-m", "alembic", "-c", str(ROOT / "pyproject.toml"), *command],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_OWNER_URL": empty_database.owner_url,
                "DATABASE_URL": empty_database.app_url,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
