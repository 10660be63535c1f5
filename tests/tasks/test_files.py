"""Files on a card: who puts them there, how they go out again, and what becomes of them."""

from __future__ import annotations

import io
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from tests.support import people as cast
from tests.support.teams import Team
from tests.tasks.test_moves import moves, tasks
from webapp import worker
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.web.labels import history_sentence
from webapp.internships.models import Internship
from webapp.organisations.models import Membership
from webapp.tasks.models import TaskFile

VIETNAMESE = "Báo cáo giá phở – đợt 1.txt"


def first(team: Team) -> int:
    return int(tasks(team)[0]["id"])


def add(browser: cast.Browser, task: int, *files: tuple[str, bytes], **fields: Any) -> Any:
    uploads = [(io.BytesIO(content), name) for name, content in files]
    return browser.send(f"/tasks/{task}/files", files=uploads, **fields)


def held(team: Team) -> list[tuple[str, int, int]]:
    """Name, size and who added it, of every file."""
    with team.app.app_context(), unit_of_work():
        rows = db.session.scalars(select(TaskFile).order_by(TaskFile.id))
        return [(row.filename, row.size, row.added_by_id) for row in rows]


def numbers(team: Team) -> list[int]:
    with team.app.app_context(), unit_of_work():
        return list(db.session.scalars(select(TaskFile.id).order_by(TaskFile.id)))


def stored(team: Team) -> list[str]:
    folder = team.app.extensions["settings"].files
    return [path.name for path in folder.rglob("*") if path.is_file()]


def change(team: Team, **values: Any) -> None:
    with team.app.app_context(), unit_of_work():
        db.session.execute(update(Internship).where(Internship.id == team.internship).values(**values))


def test_everybody_on_the_board_puts_files_on_a_card_and_everybody_around_reads_them(team: Team) -> None:
    task = first(team)
    assert add(team.who(team.intern), task, ("a.txt", b"one"), ("b.csv", b"x,y\n")).status_code == 303
    for person in (team.reviewer, team.mentor):
        assert add(team.who(person), task, (f"{person}.txt", b"%d" % person)).status_code == 303
    assert [(name, who) for name, _size, who in held(team)] == [
        ("a.txt", team.intern),
        ("b.csv", team.intern),
        (f"{team.reviewer}.txt", team.reviewer),
        (f"{team.mentor}.txt", team.mentor),
    ]
    assert moves(team, task) == ["create", *["file_added"] * 4]
    page = cast.visible_text(team.who(team.finance).get(f"/tasks/{task}"))
    assert "a.txt 3 bytes · Lan Nguyễn" in page
    assert "Remove" not in page
    assert "Add the files" not in page
    for person in (team.finance, team.manager):
        assert add(team.who(person), task, ("c.txt", b"c")).status_code == 403
    answer = team.who(team.finance).get(f"/tasks/{task}/files/{numbers(team)[0]}")
    assert answer.data == b"one"
    answer.close()


def test_an_outsider_finds_no_file_and_none_under_another_card(team: Team) -> None:
    one, two = (int(task["id"]) for task in tasks(team)[:2])
    outsider, intern = team.who(team.outsider), team.who(team.intern)
    add(intern, one, ("a.txt", b"one"))
    (number,) = numbers(team)
    assert add(outsider, one, ("b.txt", b"two")).status_code == 404
    assert outsider.get(f"/tasks/{one}/files/{number}").status_code == 404
    assert outsider.send(f"/tasks/{one}/files/{number}/removal").status_code == 404
    for address in (f"/tasks/{two}/files/{number}", f"/tasks/{one}/files/{2**62}", f"/tasks/{one}/files/0"):
        assert intern.get(address).status_code == 404, address
        assert intern.send(f"{address}/removal").status_code == 404, address
    assert len(held(team)) == 1


@pytest.mark.abuse(24)
def test_a_file_goes_out_as_an_attachment_under_the_name_its_owner_gave_it(team: Team) -> None:
    task, intern = first(team), team.who(team.intern)
    assert add(intern, task, (VIETNAMESE, "Giá phở: 30.000 ₫".encode())).status_code == 303
    assert held(team)[0][0] == VIETNAMESE
    page = intern.get(f"/tasks/{task}").get_data(as_text=True)
    assert VIETNAMESE in page
    answer = intern.get(f"/tasks/{task}/files/{numbers(team)[0]}")
    assert answer.data == "Giá phở: 30.000 ₫".encode()
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.headers["Content-Disposition"].endswith(f"filename*=UTF-8''{quote(VIETNAMESE, safe='')}")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Length"] == str(len(answer.data))
    answer.close()


@pytest.mark.abuse(24)
@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.html", b"<!doctype html><script>alert(1)</script>"),
        ("page.txt", b"<!doctype html><script>alert(1)</script>"),
        ("run.exe", b"MZ\x90\0" + b"\0" * 60),
        ("photo.png", b"no picture"),
        ("noending", b"hello"),
        ("empty.txt", b""),
    ],
    ids=["page", "page as text", "program", "no picture", "no ending", "empty"],
)
def test_what_is_no_file_of_a_known_kind_is_refused_in_words_and_nothing_is_kept(
    team: Team, name: str, content: bytes
) -> None:
    task, intern = first(team), team.who(team.intern)
    before = moves(team, task)
    for htmx in (False, True):
        answer = add(intern, task, ("good.txt", b"good"), (name, content), htmx=htmx)
        assert answer.status_code == 422
        words = cast.visible_text(answer)
        assert f"“{name}” was not accepted." in words
        assert "There is a problem" in words
    assert (held(team), moves(team, task)) == ([], before)


def test_no_file_at_all_is_asked_for(team: Team) -> None:
    intern, task = team.who(team.intern), first(team)
    for fields in ({}, {"files": (io.BytesIO(b""), "")}, {"files": "words"}):
        answer = intern.send(f"/tasks/{task}/files", **fields)
        assert answer.status_code == 422
        assert "Choose at least one file." in cast.visible_text(answer)


def test_a_card_holds_at_most_ten_files(team: Team) -> None:
    task, intern = first(team), team.who(team.intern)
    files = [(f"{n}.txt", b"%d" % n) for n in range(12)]
    assert add(intern, task, *files[:11]).status_code == 422
    assert stored(team) == []
    assert add(intern, task, *files[:9]).status_code == 303
    answer = add(intern, task, *files[9:11])
    assert answer.status_code == 422
    assert "at most 10 files" in cast.visible_text(answer)
    assert len(held(team)) == 9
    assert add(intern, task, files[9]).status_code == 303
    assert "Add the files" not in cast.visible_text(intern.get(f"/tasks/{task}"))


def test_two_who_add_at_the_same_time_do_not_put_more_on_a_card_than_it_holds(team: Team) -> None:
    task = first(team)
    people = [team.who(person) for person in (team.intern, team.reviewer, team.mentor, team.owner)]
    sent = [[(f"{turn}-{n}.txt", b"%d %d" % (turn, n)) for n in range(4)] for turn in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda sender: add(sender[0], task, *sender[1]), zip(people, sent, strict=True))
        )
    assert sorted(answer.status_code for answer in answers) == [303, 303, 422, 422]
    assert len(held(team)) == 8


def test_the_same_file_is_on_a_card_once_and_the_same_form_has_one_effect(team: Team) -> None:
    task, intern, op = first(team), team.who(team.intern), str(uuid4())
    assert add(intern, task, ("a.txt", b"same"), ("a.txt", b"same"), operation_id=op).status_code == 303
    assert add(intern, task, ("a.txt", b"same"), operation_id=op).status_code == 303
    assert add(team.who(team.reviewer), task, ("a.txt", b"same")).status_code == 303
    assert held(team) == [("a.txt", 4, team.intern)]
    assert moves(team, task) == ["create", "file_added"]
    assert add(intern, task, ("b.txt", b"same"), ("a.txt", b"other")).status_code == 303
    assert len(held(team)) == 3


def test_only_who_put_a_file_there_takes_it_away_and_only_once(team: Team) -> None:
    task, intern = first(team), team.who(team.intern)
    add(intern, task, ("a.txt", b"one"))
    (number,) = numbers(team)
    address = f"/tasks/{task}/files/{number}/removal"
    for person in (team.owner, team.mentor, team.finance):
        assert team.who(person).send(address).status_code == 403
    assert "Remove" not in cast.visible_text(team.who(team.owner).get(f"/tasks/{task}"))
    assert len(held(team)) == 1
    answer = intern.send(address, htmx=True)
    assert answer.status_code == 200
    assert "No files yet." in cast.visible_text(answer)
    assert held(team) == []
    assert intern.send(address).status_code == 404
    assert moves(team, task) == ["create", "file_added", "file_removed"]


def test_who_left_the_board_takes_nothing_away_any_more(team: Team) -> None:
    task = first(team)
    add(team.who(team.mentor), task, ("a.txt", b"one"))
    (number,) = numbers(team)
    with team.app.app_context(), unit_of_work():
        db.session.execute(
            update(Membership).where(Membership.person_id == team.mentor).values(ended_at=Membership.began_at)
        )
    assert team.who(team.mentor).send(f"/tasks/{task}/files/{number}/removal").status_code == 404
    assert len(held(team)) == 1


def test_nothing_is_added_or_removed_when_the_board_is_closed(team: Team) -> None:
    task, intern = first(team), team.who(team.intern)
    add(intern, task, ("a.txt", b"one"))
    (number,) = numbers(team)
    kept = stored(team)
    change(team, state="reviewed")
    assert add(intern, task, ("b.txt", b"two")).status_code == 409
    assert intern.send(f"/tasks/{task}/files/{number}/removal").status_code == 409
    assert (len(held(team)), stored(team)) == (1, kept)
    page = cast.visible_text(intern.get(f"/tasks/{task}"))
    assert "a.txt" in page
    assert "Add the files" not in page
    assert "Remove" not in page


def test_the_history_says_that_files_came_and_went_and_does_not_hold_their_names(team: Team) -> None:
    task, intern = first(team), team.who(team.intern)
    add(intern, task, (VIETNAMESE, b"one"))
    (number,) = numbers(team)
    intern.send(f"/tasks/{task}/files/{number}/removal")
    with team.app.app_context(), team.app.test_request_context(), unit_of_work():
        entries = history.of_subject("task", task)[1:]
        assert [entry.params for entry in entries] == [{"file": number}, {"file": number}]
        assert [history_sentence(entry, lambda _who: "Lan") for entry in entries] == [
            "Lan added a file to a task.",
            "Lan removed a file from a task.",
        ]


def test_the_sweep_spares_what_a_card_names_and_takes_what_nobody_names_any_more(team: Team) -> None:
    one, two = (int(task["id"]) for task in tasks(team)[:2])
    intern = team.who(team.intern)
    add(intern, one, ("a.txt", b"kept"), ("b.txt", b"gone"))
    add(intern, two, ("same.txt", b"kept"))
    _kept, gone, also = numbers(team)
    intern.send(f"/tasks/{one}/files/{gone}/removal")
    intern.send(f"/tasks/{two}/files/{also}/removal")
    folder = team.app.extensions["settings"].files
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))
    assert len(stored(team)) == 2
    with team.app.app_context(), unit_of_work():
        worker.prune()
    assert len(stored(team)) == 1
    answer = intern.get(f"/tasks/{one}/files/{numbers(team)[0]}")
    assert answer.data == b"kept"
    answer.close()


def test_uploads_to_cards_are_counted_against_their_owners_limit(team: Team) -> None:
    intern, task = team.who(team.intern), first(team)
    for _turn in range(6):
        add(intern, task, *[(f"{n}.txt", b"same") for n in range(10)])
    assert add(intern, task, ("more.txt", b"x")).status_code == 429
    assert add(team.who(team.reviewer), int(tasks(team)[1]["id"]), ("more.txt", b"x")).status_code == 303
