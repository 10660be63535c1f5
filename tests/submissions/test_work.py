"""The intern prepares the work, hands it in and takes it back; what was handed in never changes."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.support import people as cast
from tests.support import teams
from tests.support.teams import Team
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.internships.models import Internship
from webapp.notifications.models import Notice
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission, SubmissionFile

TEXT = b"stall,price\n1,30000\n"


def work(team: Team) -> str:
    return f"/internships/{team.internship}/submission"


def upload(name: str = "prices.csv", content: bytes = TEXT) -> tuple[BytesIO, str]:
    return (BytesIO(content), name)


def finish_tasks(team: Team) -> None:
    from webapp.tasks.models import Task

    with team.app.app_context(), unit_of_work():
        db.session.execute(db.update(Task).values(state="done"))


def hand_in(team: Team, *, version: int = 0, **fields: Any) -> Any:
    """The intern submits with everything done."""
    fields = {"note": "All forty stalls.", "links": "", "intent": "submit", "despite_open": "y", **fields}
    return team.who(team.intern).send(work(team), version=version, **fields)


def submissions(team: Team) -> list[tuple[int, str, int]]:
    with team.app.app_context(), unit_of_work():
        rows = db.session.scalars(select(Submission).order_by(Submission.number))
        return [(row.number, row.state, len(row.files)) for row in rows]


def internship_state(team: Team) -> str:
    with team.app.app_context(), unit_of_work():
        return db.session.get_one(Internship, team.internship).state


@pytest.mark.move("submission.submit")
@pytest.mark.move("internship.submit")
def test_the_intern_hands_in_a_pack(team: Team) -> None:
    answer = hand_in(team, files=upload(), links="https://example.org/map\n\nhttp://example.org/photos\n")
    assert answer.status_code == 303
    assert submissions(team) == [(1, "submitted", 1)]
    assert internship_state(team) == "submitted"
    with team.app.app_context():
        submission = db.session.scalars(select(Submission)).one()
        assert submission.links == ["https://example.org/map", "http://example.org/photos"]
        assert submission.files[0].sha256 == hashlib.sha256(TEXT).hexdigest()
        assert (submission.late, len(submission.sha256 or "")) == (False, 64)
        notices = db.session.scalars(select(Notice).where(Notice.code == "work_submitted")).all()
        assert {notice.person_id for notice in notices} == {
            team.owner,
            team.reviewer,
            team.second_reviewer,
        }
        moves = [entry.move for entry in history.of_root("internship", team.internship)][-3:]
        assert moves == ["create", "submit", "submit"]
    page = team.who(team.reviewer).get(answer.location)
    assert page.status_code == 200
    assert "All forty stalls." in cast.visible_text(page)


def test_open_tasks_are_asked_about_once_and_nothing_is_lost(team: Team) -> None:
    intern = team.who(team.intern)
    page = intern.get(work(team))
    assert "Submit even though 2 tasks are open" in cast.visible_text(page)
    asked = intern.send(work(team), version=0, intent="submit", note="Done.", files=upload())
    assert asked.status_code == 303
    assert submissions(team) == [(1, "draft", 1)]
    assert "tasks are still open" in cast.visible_text(intern.get(work(team)))
    done = intern.send(work(team), version=2, intent="submit", note="Done.", despite_open="y")
    assert done.status_code == 303
    assert submissions(team) == [(1, "submitted", 1)]


def test_without_open_tasks_nothing_is_asked(team: Team) -> None:
    finish_tasks(team)
    assert "tasks are open" not in cast.visible_text(team.who(team.intern).get(work(team)))
    assert hand_in(team, despite_open="").status_code == 303
    assert submissions(team) == [(1, "submitted", 0)]


def test_an_empty_pack_is_refused(team: Team) -> None:
    answer = hand_in(team, note="  ")
    assert answer.status_code == 422
    assert "There is nothing to hand in yet." in cast.visible_text(answer)
    assert submissions(team) == []


def test_words_save_themselves_and_a_second_tab_does_not_overwrite_them(team: Team) -> None:
    intern = team.who(team.intern)
    saved = intern.send(work(team) + "/draft", htmx=True, version=0, note="First words", links="")
    assert (saved.status_code, saved.headers["X-Version"]) == (204, "2")
    again = intern.send(work(team) + "/draft", htmx=True, version=2, note="First words, and more", links="")
    assert again.headers["X-Version"] == "3"
    other_tab = intern.send(work(team), version=0, note="From another tab", links="", intent="save")
    assert other_tab.status_code == 409
    body = cast.visible_text(other_tab)
    assert "The draft was changed in another tab." in body
    assert "From another tab" in body
    assert "First words, and more" in intern.get(work(team)).get_data(as_text=True)


def test_a_file_can_be_taken_out_again_without_losing_typed_words(team: Team) -> None:
    intern = team.who(team.intern)
    intern.send(
        work(team), version=0, intent="upload", note="", files=[upload(), upload("two.txt", b"second")]
    )
    assert submissions(team) == [(1, "draft", 2)]
    with team.app.app_context():
        first = db.session.scalars(select(SubmissionFile).order_by(SubmissionFile.id)).first()
        assert first
        number = first.id
    answer = intern.send(work(team), version=2, intent=f"remove-{number}", note="Typed meanwhile")
    assert answer.status_code == 303
    assert submissions(team) == [(1, "draft", 1)]
    assert "Typed meanwhile" in intern.get(work(team)).get_data(as_text=True)


@pytest.mark.parametrize(
    "links",
    [
        "javascript:alert(1)",
        "ftp://example.org/x",
        "https://",
        "https://user:pw@example.org",
        "http://[::1",
        "data:text/html,hi",
        "https://example.org/a b",
        "\n".join(f"https://example.org/{n}" for n in range(11)),
        "https://example.org/" + "x" * 500,
    ],
)
def test_only_web_addresses_are_links(team: Team, links: str) -> None:
    answer = hand_in(team, links=links)
    assert answer.status_code == 422
    assert "All forty stalls." in answer.get_data(as_text=True)
    assert submissions(team) == []


@pytest.mark.parametrize("note", ["with NUL \x00", "bad \ufffd", "turned \u202e round"])
def test_a_note_that_cannot_be_stored_is_refused_in_words(team: Team, note: str) -> None:
    assert hand_in(team, note=note).status_code == 422
    assert submissions(team) == []


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


def test_a_draft_is_its_authors_alone(team: Team) -> None:
    intern = team.who(team.intern)
    intern.send(work(team), version=0, intent="upload", note="Secret", files=upload())
    with team.app.app_context():
        file = db.session.scalars(select(SubmissionFile)).one()
        path = f"/submissions/{file.submission_id}/files/{file.id}"
    fetched = intern.get(path)
    assert (fetched.status_code, fetched.data) == (200, TEXT)
    fetched.close()
    for person, status in ((team.reviewer, 403), (team.outsider, 404)):
        browser = team.who(person)
        assert browser.get(work(team)).status_code == status
        assert browser.send(work(team), version=2, note="x").status_code == status
        assert browser.get(path).status_code == 404
        assert browser.get(path.rpartition("/files")[0]).status_code == 404


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


@pytest.mark.point(25)
def test_a_session_that_ended_in_mid_form_keeps_the_typed_words(team: Team) -> None:
    browser = team.who(team.intern)
    token = browser.token()
    with team.app.app_context(), unit_of_work():
        db.session.execute(text("UPDATE web_session SET ended_at = now()"))
    answer = browser.client.post(
        work(team),
        data={
            "csrf_token": token,
            "operation_id": str(uuid4()),
            "version": "0",
            "intent": "save",
            "note": "An hour of words",
            "links": "",
        },
        headers={"Referer": f"http://localhost{work(team)}"},
    )
    assert answer.status_code == 303
    assert answer.location.endswith("/sign-in")
    again = team.who(team.intern)
    with browser.client.session_transaction() as old:
        kept = old["saved_form"]
    with again.client.session_transaction() as new:
        new["saved_form"] = kept
    assert "An hour of words" in again.get(work(team)).get_data(as_text=True)
    assert submissions(team) == []
