"""The walls hold: the door, the history, the clocks, the operation ids."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.jobs import SEND_MAIL, defer
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines, history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.guards import Guard, Refusal
from webapp.core.lifecycle.history import SYSTEM, HistoryEntry
from webapp.core.lifecycle.transitions import Stateful
from webapp.internships.models import Internship


def anybody(actor: object, row: object) -> bool:
    return True


def nobody(actor: object, row: object) -> bool:
    return False


def test_a_move_sets_the_state_raises_the_version_and_writes_one_entry(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        posting = cast.posting()
        entry = lifecycle.advance(posting, "close", actor=SYSTEM, version=1)
        assert (posting.state, posting.version) == ("closing", 2)
        assert (entry.number, entry.from_state, entry.to_state) == (2, "open", "closing")
        assert len(history.of_root("posting", posting.id)) == 2


def never(row: object, actor: object) -> Refusal | None:
    return Refusal("never", "Not under any circumstances.")


def guarded(app: Flask, monkeypatch: pytest.MonkeyPatch, kind: str, move: str, guard: Guard) -> None:
    monkeypatch.setitem(app.extensions["slices"].guards[kind], move, guard)


def test_the_door_refuses_in_the_order_rights_version_machine_needs(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work():
        posting = cast.posting()
        owner = db.session.get_one(Person, posting.created_by_id)
        guarded(app, monkeypatch, "posting", "publish", Guard(nobody, (never,)))
        with pytest.raises(NotAllowed):
            lifecycle.advance(posting, "publish", actor=owner, version=99)
        guarded(app, monkeypatch, "posting", "publish", Guard(anybody, (never,)))
        with pytest.raises(Stale):
            lifecycle.advance(posting, "publish", actor=owner, version=99)
        with pytest.raises(NotNow) as refused_by_machine:
            lifecycle.advance(posting, "publish", actor=owner, version=1)
        assert refused_by_machine.value.sentence == lifecycle.MOVED_ON
        guarded(app, monkeypatch, "posting", "close", Guard(anybody, (never,)))
        with pytest.raises(NotNow) as refused_by_need:
            lifecycle.advance(posting, "close", actor=owner, version=1)
        assert refused_by_need.value.sentence == "Not under any circumstances."
        assert (posting.state, posting.version) == ("open", 1)


def test_a_step_that_the_law_leaves_to_people_is_never_made_by_a_clock(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    with app.app_context(), unit_of_work():
        application = cast.application(cast.posting(), cast.intern())
        guarded(app, monkeypatch, "application", "shortlist", Guard(anybody))
        with pytest.raises(NotNow):
            lifecycle.advance(application, "shortlist", actor=SYSTEM)
        assert application.state == "applied"


def test_what_a_page_offers_is_what_the_door_lets_through(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        posting = cast.posting()
        owner = db.session.get_one(Person, posting.created_by_id)
        offered = set(lifecycle.open_moves(posting, owner))
        assert {"close", "cancel"} <= offered
        refused = lifecycle.possible_moves(posting, owner)
        assert {move for move, refusal in refused.items() if refusal is None} == offered
        assert lifecycle.open_moves(posting, None) == ()


def test_roots_are_locked_posting_first(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        internship_id = cast.internship().id
    with app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, internship_id)
        lifecycle.lock(internship)
        with pytest.raises(RuntimeError, match="lock order"):
            lifecycle.lock(internship.posting)


def test_the_history_is_a_chain_that_shows_every_tampering(app: Flask, database: object) -> None:
    with app.app_context(), unit_of_work():
        posting = cast.posting()
        lifecycle.advance(posting, "close", actor=SYSTEM, version=1, text="Enough people asked.")
        assert history.broken_entries([posting]) == []
        posting.history_number += 1
        assert history.broken_entries([posting]) == [
            f"posting {posting.id}: the end of the history was cut off"
        ]
        posting.history_number -= 1
        entry = history.of_root("posting", posting.id)[0]
        entry.params = {"forged": True}
        with db.session.no_autoflush:
            assert history.broken_entries([posting]) == [f"posting {posting.id}: entry 1 was changed"]
        db.session.expire(entry)
        kept = db.session.scalars(select(history.HistoryText)).one()
        kept.text = "Something else."
        assert history.broken_entries([posting]) == [f"posting {posting.id}: the text of entry 2 was changed"]
        kept.text = None  # erased
        assert history.broken_entries([posting]) == []


@pytest.mark.abuse(35)
@pytest.mark.parametrize(
    "statement",
    ["UPDATE history_entry SET move = 'x'", "DELETE FROM history_entry", "TRUNCATE history_entry"],
)
def test_the_app_role_can_neither_change_nor_delete_history(app: Flask, statement: str) -> None:
    with app.app_context():
        with unit_of_work():
            cast.posting()
        with pytest.raises(ProgrammingError) as refused:
            db.session.execute(text(statement))
        assert isinstance(refused.value.orig, psycopg.errors.InsufficientPrivilege)
        db.session.rollback()


def test_a_rolled_back_request_leaves_no_job_no_history_and_no_deadline(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError), unit_of_work():
            cast.application(cast.posting(), cast.intern())
            defer(SEND_MAIL, mail_id=1)
            raise ZeroDivisionError
        assert db.session.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
        assert db.session.scalars(select(HistoryEntry)).all() == []
        assert db.session.scalars(select(deadlines.Deadline)).all() == []


def test_a_deadline_rings_once_when_the_clock_has_passed_it(app: Flask) -> None:
    rung: list[int] = []

    def load(kind: str, row_id: int) -> Stateful:
        row: Stateful = db.session.get_one(lifecycle.model_of(kind), row_id)
        lifecycle.lock(row)
        return row

    ring = {("application", "expire"): lambda application: rung.append(application.id)}
    with app.app_context():
        with unit_of_work():
            application = cast.application(cast.posting(), cast.intern())
            clock.shift(timedelta(days=9))
        assert deadlines.sweep(load, ring, {}) == 1  # a reminder, not the bell
        assert rung == []
        with unit_of_work():
            clock.shift(timedelta(days=12))
        deadlines.sweep(load, ring, {})
        deadlines.sweep(load, ring, {})
        deadlines.sweep(load, ring, {})
        assert rung == [application.id]


def test_a_clock_of_a_state_that_was_left_is_disarmed(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        application = cast.application(cast.posting(), cast.intern())
        assert set(deadlines.armed(application)) == {"expire"}
        lifecycle.advance(application, "reject", actor=SYSTEM, version=1, implied=True)
        assert deadlines.armed(application) == {}


def test_a_day_ends_in_the_zone_of_the_person_who_must_act() -> None:
    from datetime import UTC, date, datetime

    noon = datetime(2026, 11, 20, 12, tzinfo=UTC)  # a Friday
    assert deadlines.end_of_day(noon, 3, "Asia/Ho_Chi_Minh") == datetime(2026, 11, 23, 16, 59, 59, tzinfo=UTC)
    assert deadlines.end_of_day(noon, 1, "UTC", working=True) == datetime(
        2026, 11, 23, 23, 59, 59, tzinfo=UTC
    )
    assert deadlines.end_of_day(noon, 1, "UTC", working=True, holidays=[date(2026, 11, 23)]) == datetime(
        2026, 11, 24, 23, 59, 59, tzinfo=UTC
    )
