"""What was handed in: taken back while that is possible, marked when late, and never changed."""

from __future__ import annotations

from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.submissions.handing_in import hand_in, internship_state, submissions, upload
from tests.support import people as cast
from tests.support import teams
from tests.support.teams import Team
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.internships.models import Internship
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission


@pytest.mark.move("submission.recall")
@pytest.mark.move("internship.recall")
def test_a_version_is_taken_back_and_the_next_begins_as_its_copy(team: Team) -> None:
    where = hand_in(team, files=upload()).location
    intern = team.who(team.intern)
    assert "Withdraw this version" in cast.visible_text(intern.get(where))
    assert intern.send(where + "/recall", version=99).status_code == 409
    assert team.who(team.reviewer).send(where + "/recall", version=3).status_code == 403
    assert team.who(team.outsider).send(where + "/recall", version=3).status_code == 404
    assert intern.send(where + "/recall", version=3).status_code == 303
    assert submissions(team) == [(1, "recalled", 1), (2, "draft", 1)]
    assert internship_state(team) == "in_progress"
    assert hand_in(team, version=1, note="Second try").status_code == 303
    assert submissions(team) == [(1, "recalled", 1), (2, "submitted", 1)]
    assert "There is a newer version" in cast.visible_text(intern.get(where))


def test_once_a_review_has_begun_nothing_is_taken_back(team: Team) -> None:
    where = hand_in(team).location
    with team.app.app_context(), unit_of_work():
        submission = db.session.scalars(select(Submission)).one()
        lifecycle.lock(submission)
        history.record(
            submission.internship, submission, submission_queries.REVIEW_BEGUN, actor=history.SYSTEM
        )
    intern = team.who(team.intern)
    assert "Withdraw this version" not in cast.visible_text(intern.get(where))
    answer = intern.send(where + "/recall", version=3)
    assert answer.status_code == 409
    assert "The review has started" in cast.visible_text(answer)
    assert submissions(team) == [(1, "submitted", 0)]


@pytest.mark.parametrize(("hours", "late"), [(-1, False), (23, False), (25, True)])
def test_a_day_of_grace_then_the_work_is_accepted_but_marked_late(team: Team, hours: int, late: bool) -> None:
    from datetime import timedelta

    with team.app.app_context(), unit_of_work():
        ends = db.session.get_one(Internship, team.internship).submit_by
        clock.shift(ends - clock.real_now() + timedelta(hours=hours))
    assert hand_in(team).status_code == 303
    with team.app.app_context():
        submission = db.session.scalars(select(Submission)).one()
        assert (submission.late, submission.internship.late) == (late, late)


@pytest.mark.abuse(9)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE submission SET note = 'other'",
        "UPDATE submission SET links = '[]'",
        "UPDATE submission SET sha256 = repeat('0', 64)",
        "DELETE FROM submission",
        "UPDATE submission_file SET sha256 = repeat('0', 64)",
        "DELETE FROM submission_file",
        (
            "INSERT INTO submission_file (submission_id, filename, sha256, size, media_type, added_at)"
            " SELECT id, 'x.txt', repeat('0', 64), 1, 'text/plain', now() FROM submission"
        ),
    ],
)
def test_the_database_itself_refuses_to_change_a_submitted_version(team: Team, statement: str) -> None:
    assert hand_in(team, files=upload(), links="https://example.org").status_code == 303
    with team.app.app_context(), pytest.raises(DBAPIError) as refused, unit_of_work():
        db.session.execute(text(statement))
    assert isinstance(refused.value.orig, psycopg.errors.RestrictViolation)


@pytest.mark.abuse(8)
def test_the_same_form_sent_twice_hands_in_once(team: Team) -> None:
    op = str(uuid4())
    first, second = hand_in(team, operation_id=op), hand_in(team, operation_id=op)
    assert (first.status_code, second.status_code) == (303, 303)
    assert first.location == second.location
    assert submissions(team) == [(1, "submitted", 0)]


def test_nothing_is_handed_in_before_the_work_began_or_after_it_ended(app: Flask) -> None:
    for state in ("matched", "submitted", "reviewed"):
        team = teams.build(app, state, seeded=False)
        assert hand_in(team).status_code == (404 if state == "matched" else 409)
        assert submissions(team) == []
