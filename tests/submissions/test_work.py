"""The intern prepares the work and hands it in; a draft is its author's alone."""

from __future__ import annotations

import hashlib
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from tests.submissions.handing_in import (
    TEXT,
    finish_tasks,
    hand_in,
    internship_state,
    submissions,
    upload,
    work,
)
from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.notifications.models import Notice
from webapp.submissions.models import Submission, SubmissionFile


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
