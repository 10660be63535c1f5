"""An open posting closes, is kept open, opens again, or is cancelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.postings.conftest import Change, Work, World
from tests.postings.reading import last_move, notice_codes, state
from tests.support import people as cast
from tests.support.application import Worker
from webapp.core.database.base import db
from webapp.core.errors import NotAllowed, NotNow
from webapp.core.lifecycle import deadlines
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting


@pytest.mark.move("posting.close")
@pytest.mark.move("posting.finish")
def test_a_closed_posting_waits_for_its_last_answer(work: Work, world: World, change: Change) -> None:
    change(posting_moves.publish, world.owner)
    change(posting_moves.close, world.owner)
    assert state(work, world) == "closing"
    change(posting_moves.finish_if_answered, unanswered=1)
    assert state(work, world) == "closing"
    change(posting_moves.finish_if_answered, unanswered=0)
    assert state(work, world) == "closed"
    with work():
        for seat in internship_queries.free_seats(world.posting):
            assert seat.unfilled_at is not None
            assert "cancel_unfilled" in deadlines.armed(seat)


@pytest.mark.move("posting.finish")
def test_without_an_applicant_it_is_closed_at_once(
    work: Work, world: World, change: Change, worker: Worker
) -> None:
    change(posting_moves.publish, world.owner)
    change(posting_moves.close, world.owner)
    worker.run_due()
    assert state(work, world) == "closed"


@pytest.mark.move("posting.close")
def test_it_closes_by_itself_after_its_time_and_warns_three_days_before(
    work: Work, world: World, change: Change
) -> None:
    change(posting_moves.publish, world.owner)
    with work():
        clock = deadlines.armed(db.session.get_one(Posting, world.posting))["close"]
        assert [clock.due_at - at for at in clock.reminders] == [timedelta(days=3)]
    change(lambda posting: posting_moves.remind_close(posting, 1))
    change(posting_moves.close_by_time)
    assert state(work, world) == "closing"
    assert last_move(work, world).params == {"code": "by_time"}
    assert notice_codes(work, world.owner) == ["posting_closes_soon", "posting_closed"]


@pytest.mark.move("posting.close")
def test_it_closes_by_itself_when_every_seat_is_matched(work: Work, world: World, change: Change) -> None:
    change(posting_moves.publish, world.owner)
    change(posting_moves.close_if_full)
    assert state(work, world) == "open"
    with work():
        db.session.execute(db.update(Internship).values(state="matched", intern_id=world.intern))
    change(posting_moves.close_if_full)
    assert state(work, world) == "closing"
    assert last_move(work, world).params == {"code": "full"}


def test_the_owner_keeps_it_open_for_longer(app: Flask, work: Work, world: World, change: Change) -> None:
    change(posting_moves.publish, world.owner)
    with work():
        posting = db.session.get_one(Posting, world.posting)
        posting.closes_at = datetime.now(UTC) + timedelta(days=1)
        deadlines.rearm(posting)
    answer = cast.signed_in(app, world.owner).send(f"/postings/{world.posting}/renewal", version="2")
    assert answer.status_code == 303
    with work():
        posting = db.session.get_one(Posting, world.posting)
        assert posting.closes_at is not None
        assert posting.closes_at > datetime.now(UTC) + timedelta(days=29)
        assert deadlines.armed(posting)["close"].due_at == posting.closes_at
    assert last_move(work, world).move == "renew"


@pytest.mark.move("posting.reopen")
def test_it_opens_again_for_a_seat_that_is_unmatched(work: Work, world: World, change: Change) -> None:
    change(posting_moves.publish, world.owner)
    change(posting_moves.close, world.owner)
    change(posting_moves.finish_if_answered, unanswered=0)
    change(posting_moves.reopen, world.owner)
    assert state(work, world) == "open"
    with work():
        seats = internship_queries.of_posting(world.posting)
        assert [seat.unfilled_at for seat in seats] == [None, None]
        assert not any(deadlines.armed(seat) for seat in seats)


@pytest.mark.move("posting.reopen")
def test_it_does_not_open_again_when_no_seat_is_left(work: Work, world: World, change: Change) -> None:
    change(posting_moves.publish, world.owner)
    change(posting_moves.close, world.owner)
    with work():
        db.session.execute(db.update(Internship).values(state="matched", intern_id=world.intern))
    with pytest.raises(NotNow):
        change(posting_moves.reopen, world.owner)
    assert state(work, world) == "closing"


@pytest.mark.move("posting.cancel")
def test_it_is_cancelled_by_its_owner_while_nobody_is_matched(
    work: Work, world: World, change: Change
) -> None:
    change(posting_moves.publish, world.owner)
    with pytest.raises(NotAllowed):
        change(posting_moves.cancel, world.reviewer)
    with work():
        db.session.execute(
            db.update(Internship).where(Internship.seat == 1).values(state="matched", intern_id=world.intern)
        )
    with pytest.raises(NotNow):
        change(posting_moves.cancel, world.owner)
    with work():
        db.session.execute(db.update(Internship).values(state="posted", intern_id=None))
    change(posting_moves.cancel, world.owner)
    assert state(work, world) == "cancelled"
