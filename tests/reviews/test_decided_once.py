"""A decision is about the version that was on screen, is made once, and stands."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.reviews.deciding import FULL, decide, facts, hand_in, score
from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.submissions.models import Submission


@pytest.mark.abuse(9)
@pytest.mark.point(18)
def test_a_version_swapped_while_it_was_on_screen_is_not_approved(team: Team, submitted: str) -> None:
    reviewer, intern = team.who(team.reviewer), team.who(team.intern)
    with team.app.app_context():
        old = db.session.scalars(select(Submission)).one()
        sha256, version = old.sha256, old.version
    assert intern.send(f"{submitted}/recall", version=version).status_code == 303
    newer = hand_in(team, version=1, content=b"something else")
    for path, fields in (
        ("review", {**FULL, "version": 0}),
        ("review/approval", {"version": 2, "sha256": sha256}),
    ):
        answer = reviewer.send(f"{submitted}/{path}", **fields)
        assert answer.status_code == 409
        words = cast.visible_text(answer)
        assert "Here is the newest, version 2." in words
        assert newer in answer.get_data(as_text=True)
    assert facts(team)["versions"] == ["recalled", "submitted"]
    score(reviewer, newer, **FULL)
    assert reviewer.send(f"{newer}/review/approval", version=2, sha256=sha256).status_code == 409
    assert decide(reviewer, newer, "approval").status_code == 303


def test_a_stale_tab_of_the_same_review_does_not_decide(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    score(reviewer, submitted, **FULL)
    with team.app.app_context():
        sha256 = db.session.scalars(select(Submission)).one().sha256
    score(reviewer, submitted, version=2, level_1=1)
    assert reviewer.send(f"{submitted}/review/approval", version=2, sha256=sha256).status_code == 409
    assert score(reviewer, submitted, version=2, **FULL).status_code == 409
    assert facts(team)["versions"] == ["submitted"]


@pytest.mark.abuse(5)
def test_after_the_decision_nothing_can_be_changed(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    score(reviewer, submitted, **FULL)
    decide(reviewer, submitted, "approval")
    before = facts(team)
    with team.app.app_context():
        sha256 = db.session.scalars(select(Submission)).one().sha256
    for person in (team.reviewer, team.second_reviewer, team.owner):
        browser = team.who(person)
        for path in ("review/approval", "review/rejection", "review/change-request"):
            assert browser.send(f"{submitted}/{path}", version=3, sha256=sha256).status_code == 409
        assert score(browser, submitted, version=3, level_1=0).status_code == 409
    assert team.who(team.intern).send(f"{submitted}/recall", version=3).status_code == 409
    assert facts(team) == before
    for statement in (
        "UPDATE review SET award = 1",
        "UPDATE review_line SET level = 0",
        "DELETE FROM review_line",
        "DELETE FROM review",
    ):
        with team.app.app_context(), pytest.raises(DBAPIError), unit_of_work():
            db.session.execute(text(statement))


@pytest.mark.abuse(8)
def test_two_reviewers_at_once_decide_once(team: Team, submitted: str) -> None:
    people = [team.reviewer, team.second_reviewer, team.owner]
    browsers = [team.who(person) for person in people]
    for browser in browsers:
        assert score(browser, submitted, **FULL).status_code == 303
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda browser: decide(browser, submitted, "approval"), browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert facts(team)["payouts"] == [30_000]
