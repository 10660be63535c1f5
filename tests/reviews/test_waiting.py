"""How long a review may take, what silence means, and when the intern sees the result."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests.applications.test_clocks import later
from tests.reviews.deciding import decide, facts, score
from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.deadlines import armed
from webapp.internships.models import Internship
from webapp.notifications.models import Notice
from webapp.reviews import actions as review_actions


def test_the_first_note_begins_the_review_and_ends_the_recall(team: Team, submitted: str) -> None:
    reviewer, intern = team.who(team.reviewer), team.who(team.intern)
    assert reviewer.get(f"{submitted}/review").status_code == 200  # looking is not yet reviewing
    assert "Withdraw this version" in cast.visible_text(intern.get(submitted))
    noted = reviewer.send(f"{submitted}/review/draft", htmx=True, version=0, level_1=3)
    assert (noted.status_code, noted.headers["X-Version"]) == (200, "2")
    assert 'id="score"' in noted.get_data(as_text=True)
    assert "Score 3 of 12" in cast.visible_text(noted)
    assert intern.send(f"{submitted}/recall", version=3).status_code == 409
    assert "Rita Reviewer is reviewing" in cast.visible_text(team.who(team.owner).get(f"{submitted}/review"))


def test_the_review_is_extended_once(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        version, before = internship.version, armed(internship)["approve_by_silence"].due_at
    assert reviewer.send(f"{submitted}/review/extension", version=version).status_code == 303
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        assert armed(internship)["approve_by_silence"].due_at - before == timedelta(days=7)
        version = internship.version
    assert reviewer.send(f"{submitted}/review/extension", version=version).status_code == 409
    assert "more days (once only)" not in cast.visible_text(reviewer.get(f"{submitted}/review"))


def test_a_worker_that_slept_through_both_reminders_still_tells_the_manager(
    team: Team, submitted: str
) -> None:
    later(team.app, days=6)
    with team.app.app_context():
        told = {n.person_id for n in db.session.scalars(select(Notice).where(Notice.code == "review_waits"))}
    assert {team.reviewer, team.manager} <= told


@pytest.mark.move("internship.approve_by_silence")
def test_silence_approves_the_newest_version_with_the_full_base(team: Team, submitted: str) -> None:
    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        lifecycle.lock(internship)
        review_actions.remind_review(internship, 1)
        review_actions.remind_review(internship, 2)
        review_actions.approve_by_silence(internship)
    stored = facts(team)
    assert (stored["state"], stored["outcome"], stored["award"]) == ("reviewed", "by_silence", 30_000)
    assert stored["versions"] == ["accepted"]
    assert stored["payouts"] == [30_000]
    page = cast.visible_text(team.who(team.intern).get(f"{submitted}/result"))
    assert "No one reviewed the work in time" in page
    with team.app.app_context():
        notices = {(n.code, n.person_id) for n in db.session.scalars(select(Notice))}
        assert ("approved_by_silence", team.intern) in notices
        assert ("silence_approved", team.owner) in notices
        assert ("review_waits", team.manager) in notices


def test_the_intern_accepts_the_result_and_the_remainder_need_not_wait(team: Team, submitted: str) -> None:
    reviewer, intern = team.who(team.reviewer), team.who(team.intern)
    score(reviewer, submitted, level_1=4, level_2=2, level_3=2)
    decide(reviewer, submitted, "approval")
    assert "Accept the result" in cast.visible_text(intern.get(f"{submitted}/result"))
    assert reviewer.send(f"{submitted}/result/acceptance").status_code == 403
    assert intern.send(f"{submitted}/result/acceptance").status_code == 303
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        assert internship.result_accepted_at is not None
        assert armed(internship)["return_remainder"].due_at == internship.result_accepted_at
    assert intern.send(f"{submitted}/result/acceptance").status_code == 409


def test_a_result_is_shown_only_once_there_is_one(team: Team, submitted: str) -> None:
    assert team.who(team.intern).get(f"{submitted}/result").status_code == 404
    assert team.who(team.outsider).get(f"{submitted}/result").status_code == 404
