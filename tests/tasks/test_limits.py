"""How many cards a column should hold: said by anybody on the board, and stopping nobody."""

from __future__ import annotations

from uuid import uuid4

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import IntegrityError

from tests.support import people as cast
from tests.support.teams import Team
from tests.tasks.test_moves import send, tasks
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.web.labels import history_sentence
from webapp.internships.models import Internship
from webapp.tasks.queries.attachments import limits_of


def address(team: Team) -> str:
    return f"/internships/{team.internship}/board/limits"


def limits(team: Team) -> dict[str, int]:
    with team.app.app_context(), unit_of_work():
        return limits_of(team.internship)


def recorded(team: Team) -> list[dict[str, int]]:
    with team.app.app_context(), unit_of_work():
        entries = history.of_subject("internship", team.internship)
        return [entry.params for entry in entries if entry.move == "limits"]


def test_everybody_on_the_board_sets_limits_and_reads_them_in_the_form(team: Team) -> None:
    assert limits(team) == {}
    intern, mentor = team.who(team.intern), team.who(team.mentor)
    assert intern.send(address(team), todo="", doing="3", blocked="").status_code == 303
    assert limits(team) == {"doing": 3}
    assert 'value="3"' in mentor.get(address(team)).get_data(as_text=True)
    answer = mentor.send(address(team), htmx=True, todo="99", doing="", blocked="1")
    assert answer.status_code == 200
    assert limits(team) == {"todo": 99, "blocked": 1}
    assert recorded(team) == [{"doing": 3}, {"todo": 99, "blocked": 1}]


def test_limits_are_taken_away_by_leaving_them_empty(team: Team) -> None:
    intern = team.who(team.intern)
    intern.send(address(team), todo="5", doing="2", blocked="")
    assert intern.send(address(team)).status_code == 303
    assert limits(team) == {}


def test_what_changes_nothing_is_not_recorded_and_the_same_form_has_one_effect(team: Team) -> None:
    intern, op = team.who(team.intern), str(uuid4())
    for _ in range(2):
        assert intern.send(address(team), operation_id=op, doing="2").status_code == 303
    assert intern.send(address(team), doing=" 2 ").status_code == 303
    assert recorded(team) == [{"doing": 2}]


@pytest.mark.parametrize("wrong", ["0", "100", "-1", "1.5", "NaN", "two", "٣", "1e1", "9" * 30])
def test_what_is_no_number_from_1_to_99_is_refused_and_the_rest_stays_typed(team: Team, wrong: str) -> None:
    intern = team.who(team.intern)
    intern.send(address(team), doing="2")
    answer = intern.send(address(team), todo="7", doing=wrong, blocked="")
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "Enter a whole number from 1 to 99." in page
    assert f'value="{wrong}"' in page
    assert 'value="7"' in page
    assert limits(team) == {"doing": 2}


def test_a_limit_for_done_is_nobodys_and_is_not_kept(team: Team) -> None:
    assert team.who(team.intern).send(address(team), done="3", doing="4").status_code == 303
    assert limits(team) == {"doing": 4}


def test_the_others_around_may_not_and_an_outsider_finds_nothing(team: Team) -> None:
    for person, status in ((team.finance, 403), (team.manager, 403), (team.outsider, 404)):
        browser = team.who(person)
        assert browser.get(address(team)).status_code == status
        assert browser.send(address(team), doing="3").status_code == status
    assert limits(team) == {}


def test_a_closed_board_keeps_its_limits(team: Team) -> None:
    intern = team.who(team.intern)
    intern.send(address(team), doing="2")
    with team.app.app_context(), unit_of_work():
        db.session.execute(
            update(Internship).where(Internship.id == team.internship).values(state="reviewed")
        )
    assert intern.send(address(team), doing="3").status_code == 409
    page = cast.visible_text(intern.get(address(team)))
    assert "The board is closed" in page
    assert "Save" not in page
    assert limits(team) == {"doing": 2}


@pytest.mark.move("task.start")
def test_a_full_column_stops_nobody(team: Team) -> None:
    intern = team.who(team.intern)
    intern.send(address(team), doing="1")
    for task in tasks(team):
        assert send(intern, task, "doing").status_code == 303
    assert [task["state"] for task in tasks(team)] == ["doing", "doing"]


def test_the_history_says_who_changed_the_limits(team: Team) -> None:
    team.who(team.intern).send(address(team), doing="2")
    with team.app.test_request_context(), unit_of_work():
        entry = history.of_subject("internship", team.internship)[-1]
        sentence = history_sentence(entry, lambda _who: "Lan")
    assert sentence == "Lan changed how many tasks a column should hold."


def test_the_database_knows_no_limit_of_none_or_of_hundreds(team: Team) -> None:
    for most in (0, 100):
        with team.app.app_context(), pytest.raises(IntegrityError), unit_of_work():
            db.session.execute(
                text("INSERT INTO board_limit (internship_id, state, most) VALUES (:id, 'doing', :most)"),
                {"id": team.internship, "most": most},
            )
