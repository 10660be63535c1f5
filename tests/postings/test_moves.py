"""The life of a posting: proposed, approved, sent back, opened, closed, kept open, cancelled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.postings.conftest import Work, World, demand_approval
from tests.support import people as cast
from tests.support.application import Worker
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines, history
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.notifications.models import Notice
from webapp.organisations.models import ProgrammeSettings
from webapp.postings import guards as posting_guards
from webapp.postings.actions import drafts as posting_drafts
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries

Change = Callable[..., None]


@pytest.fixture
def change(work: Work, world: World) -> Change:
    """Call one action on the world's posting as one of its people, with the version they see."""

    def call(action: Callable[..., Any], who: int | None = None, **kwargs: Any) -> None:
        with work():
            posting = db.session.get_one(Posting, world.posting)
            if who is not None:
                kwargs = {"actor": db.session.get_one(Person, who), "version": posting.version, **kwargs}
            action(posting, **kwargs)

    return call


def state(work: Work, world: World) -> str:
    with work():
        return db.session.get_one(Posting, world.posting).state


def notice_codes(work: Work, person: int) -> list[str]:
    with work():
        return list(
            db.session.scalars(select(Notice.code).where(Notice.person_id == person).order_by(Notice.id))
        )


def last_move(work: Work, world: World) -> history.HistoryEntry:
    with work():
        entry = history.of_root("posting", world.posting, subject_kinds=("posting",))[-1]
        db.session.refresh(entry)
        db.session.expunge(entry)
        return entry


@pytest.mark.move("posting.publish")
def test_publishing_opens_a_seat_for_each_and_says_when_it_closes(
    work: Work, world: World, change: Change
) -> None:
    change(posting_moves.publish, world.owner)
    with work():
        posting = db.session.get_one(Posting, world.posting)
        assert posting.state == "open"
        assert posting.opened_at is not None
        assert [seat.state for seat in internship_queries.of_posting(posting.id)] == ["posted", "posted"]
        due = deadlines.armed(posting)["close"].due_at
        assert due == posting.closes_at
        assert timedelta(days=30) <= due - posting.opened_at < timedelta(days=31)
    assert last_move(work, world).move == "publish"


@pytest.mark.move("posting.publish")
@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"title": ""}, "title"),
        ({"brief": " "}, "brief"),
        ({"deliverables": []}, "deliverables"),
        ({"deliverables": [{"title": "", "detail": "x"}]}, "deliverable_title"),
        ({"criteria": []}, "rubric"),
        ({"criteria": [{"title": "One", "weight_bp": 9_999}]}, "weights"),
        ({"criteria": [{"title": "", "weight_bp": 10_000}]}, "criterion_title"),
        ({"criteria": [{"title": "One", "weight_bp": 10_000, "level_3": ""}]}, "levels"),
        ({"skills": []}, "skills"),
        ({"hours": None}, "hours"),
        ({"base": None}, "base"),
        ({"guaranteed": None}, "guaranteed"),
        ({"starts_on": None}, "dates"),
        ({"starts_on": datetime(2020, 1, 1, tzinfo=UTC).date()}, "dates_past"),
        ({"place_kind": "on_site", "place": ""}, "place"),
        ({"ai_policy": None}, "ai_policy"),
        ({"questions": [{"text": ""}]}, "question_text"),
    ],
)
def test_a_draft_with_something_missing_is_not_published_and_says_what(
    work: Work, world: World, change: Change, values: dict[str, Any], code: str
) -> None:
    change(posting_drafts.edit, world.owner, values=values)
    with pytest.raises(posting_guards.Incomplete) as refused:
        change(posting_moves.publish, world.owner)
    assert code in refused.value.missing
    assert state(work, world) == "draft"


@pytest.mark.move("posting.publish")
def test_the_page_lists_what_is_missing_with_the_summary_first(
    app: Flask, world: World, change: Change
) -> None:
    change(posting_drafts.edit, world.owner, values={"skills": [], "hours": None})
    browser = cast.signed_in(app, world.owner)
    answer = browser.send(f"/postings/{world.posting}/publication", version="2")
    assert answer.status_code == 422
    words = cast.visible_text(answer)
    assert "There is a problem Choose at least one skill. The hours are missing." in words


@pytest.mark.move("posting.propose")
@pytest.mark.move("posting.approve")
def test_where_the_programme_wishes_it_the_manager_approves(work: Work, world: World, change: Change) -> None:
    with work():
        demand_approval(world.programme)
    with pytest.raises(NotNow):
        change(posting_moves.publish, world.owner)
    change(posting_moves.propose, world.owner)
    assert state(work, world) == "in_approval"
    assert notice_codes(work, world.manager) == ["posting_proposed"]
    for person in (world.owner, world.intern, world.stranger):
        with pytest.raises(NotAllowed):
            change(posting_moves.approve, person)
    change(posting_moves.approve, world.manager)
    assert state(work, world) == "open"
    assert notice_codes(work, world.owner) == ["posting_approved"]
    with work():
        assert len(internship_queries.free_seats(world.posting)) == 2


@pytest.mark.move("posting.propose")
def test_pay_below_the_floor_is_proposed_instead_of_published(
    work: Work, world: World, change: Change
) -> None:
    change(
        posting_drafts.edit, world.owner, values={"base": 9_999, "guaranteed": 0}
    )  # 20 hours at 5.00 are 100.00
    with pytest.raises(NotNow):
        change(posting_moves.publish, world.owner)
    change(posting_moves.propose, world.owner)
    assert last_move(work, world).params == {"below_floor": True}


@pytest.mark.move("posting.propose")
def test_exactly_the_floor_needs_nobody(work: Work, world: World, change: Change) -> None:
    change(posting_drafts.edit, world.owner, values={"base": 10_000, "guaranteed": 0})
    with pytest.raises(NotNow):
        change(posting_moves.propose, world.owner)
    change(posting_moves.publish, world.owner)
    assert state(work, world) == "open"


@pytest.mark.move("posting.approve")
def test_nobody_approves_a_posting_of_their_own_employer(work: Work, world: World, change: Change) -> None:
    with work():
        demand_approval(world.programme)
        employer = db.session.get_one(Posting, world.posting).organisation
        cast.join(employer, db.session.get_one(Person, world.manager), "reviewer")
    change(posting_moves.propose, world.owner)
    with pytest.raises(NotAllowed):
        change(posting_moves.approve, world.manager)


@pytest.mark.move("posting.send_back")
def test_a_posting_is_sent_back_with_a_reason_only(
    app: Flask, work: Work, world: World, change: Change
) -> None:
    with work():
        demand_approval(world.programme)
    change(posting_moves.propose, world.owner)
    manager = cast.signed_in(app, world.manager)
    assert manager.get("/postings/approvals").status_code == 200
    assert manager.get(f"/postings/{world.posting}/approval").status_code == 200
    address = f"/postings/{world.posting}/return"
    refused = manager.send(address, version="2", reason="  ")
    assert refused.status_code == 422
    assert 'name="reason"' in refused.get_data(as_text=True), "the form again, with its error at the field"
    assert "Enter what has to change." in cast.visible_text(refused)
    assert state(work, world) == "in_approval"
    assert manager.send(address, version="2", reason="Say who answers questions.").status_code == 303
    assert state(work, world) == "draft"
    with work():
        entry = history.of_root("posting", world.posting)[-1]
        assert entry.text is not None
        assert entry.text.text == "Say who answers questions."
    assert notice_codes(work, world.owner) == ["posting_sent_back"]


@pytest.mark.move("posting.send_back")
def test_an_unanswered_proposal_goes_back_after_ten_days(work: Work, world: World, change: Change) -> None:
    with work():
        demand_approval(world.programme)
    change(posting_moves.propose, world.owner)
    with work():
        posting = db.session.get_one(Posting, world.posting)
        clock = deadlines.armed(posting)["send_back"]
        assert posting.proposed_at is not None
        assert (clock.due_at.date() - posting.proposed_at.date()).days == 10
        assert [(at.date() - posting.proposed_at.date()).days for at in clock.reminders] == [2]
    change(lambda posting: posting_moves.remind_send_back(posting, 1))
    assert notice_codes(work, world.manager) == ["posting_proposed", "posting_waits"]
    change(posting_moves.send_back_by_time)
    assert state(work, world) == "draft"
    assert last_move(work, world).actor_id is None
    assert notice_codes(work, world.owner) == ["posting_unanswered"]


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


def test_a_stale_page_changes_nothing(work: Work, world: World, change: Change) -> None:
    change(posting_drafts.edit, world.owner, values={"title": "Another title"})
    for action in (posting_moves.publish, posting_moves.propose, posting_moves.cancel):
        with pytest.raises(Stale):
            change(action, world.owner, version=1)
    assert state(work, world) == "draft"


MOVES: dict[str, Callable[..., None]] = {
    "publish": posting_moves.publish,
    "propose": posting_moves.propose,
    "approve": posting_moves.approve,
    "send_back": lambda posting, **kwargs: posting_moves.send_back(posting, reason="Why", **kwargs),
    "close": posting_moves.close,
    "reopen": posting_moves.reopen,
    "cancel": posting_moves.cancel,
}


@pytest.mark.abuse(7)
@pytest.mark.parametrize("move", MOVES)
def test_the_button_is_there_exactly_when_the_door_opens(
    app: Flask, work: Work, world: World, move: str
) -> None:
    """Each move tried from each state by each kind of person: it works when and only when it was shown."""
    from webapp.core.errors import AppError
    from webapp.core.lifecycle import transitions as lifecycle
    from workflows.posting import LAW

    people = (world.owner, world.reviewer, world.manager, world.intern, world.stranger)
    outcomes = set()
    for approval in (False, True):
        for begin in LAW.states:
            for who in people:
                with app.test_request_context():
                    db.session.get_one(ProgrammeSettings, world.programme).approval_needed = approval
                    posting = db.session.get_one(Posting, world.posting)
                    db.session.execute(
                        db.update(Posting)
                        .where(Posting.id == posting.id)
                        .values(state=begin, closes_at=datetime.now(UTC), proposed_at=datetime.now(UTC))
                    )
                    db.session.refresh(posting)
                    if begin not in ("draft", "in_approval"):
                        cast.seat(posting)
                    db.session.info.pop("locked", None)
                    actor = db.session.get_one(Person, who)
                    shown = move in lifecycle.open_moves(posting, actor)
                    try:
                        MOVES[move](posting, actor=actor, version=posting.version)
                        opened = True
                    except AppError:
                        opened = False
                    db.session.rollback()
                assert shown == opened, (move, begin, who, approval)
                outcomes.add(opened)
    assert outcomes == {True, False}


def test_what_is_missing_is_nothing_for_a_whole_draft(work: Work, world: World) -> None:
    with work():
        assert posting_queries.missing(db.session.get_one(Posting, world.posting)) == []
