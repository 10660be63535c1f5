"""A posting on its way to the public: complete, approved where that is wished, or sent back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.postings.conftest import Change, Work, World, demand_approval
from tests.postings.reading import last_move, notice_codes, state
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.errors import NotAllowed, NotNow
from webapp.core.lifecycle import deadlines, history
from webapp.internships import queries as internship_queries
from webapp.postings import guards as posting_guards
from webapp.postings.actions import drafts as posting_drafts
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries


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


def test_what_is_missing_is_nothing_for_a_whole_draft(work: Work, world: World) -> None:
    with work():
        assert posting_queries.missing(db.session.get_one(Posting, world.posting)) == []
