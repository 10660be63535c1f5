"""What an outside review of the boards found, each as a sentence that holds now."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.support import people as cast
from tests.support import teams
from tests.support.application import Served
from tests.support.teams import Team
from tests.tasks import four_boards
from tests.tasks.at_the_board import add_cards, open_board, rows
from tests.tasks.seen import sign_in
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.live import sse
from webapp.internships.models import Internship
from webapp.tasks.models import Task


def move(team: Team, card: int, to: str, before: str = "end", **fields: Any) -> Any:
    seq = {number: seq for number, _, seq in rows(team)}[card]
    return team.who(team.intern).send(f"/tasks/{card}/move", to=to, before=before, move_version=seq, **fields)


def column(team: Team, state: str) -> list[int]:
    return [card for card, where, _ in rows(team) if where == state]


@pytest.mark.parametrize("day", ["9999-12-31", "0001-01-01", "1999-12-31", "2200-01-01"])
def test_a_day_that_some_zone_does_not_have_is_refused_at_its_field(app: Flask, day: str) -> None:
    team = teams.build(app)
    answer = team.who(team.intern).send(
        "/tasks/1/edit", version=1, title="A", detail="", due_on=day, labels=""
    )
    assert answer.status_code == 422
    assert "between 2000 and 2199" in answer.get_data(as_text=True)
    with app.app_context(), unit_of_work():
        assert db.session.get_one(Task, 1).due_on is None
        db.session.get_one(cast.Person, team.mentor).zone = "Pacific/Kiritimati"
    for good in ("2000-01-01", "2199-12-31"):
        again = team.who(team.intern).send(
            "/tasks/1/edit", version=version(app), title="A", detail="", due_on=good, labels=""
        )
        assert again.status_code == 303
        assert team.who(team.mentor).get(f"/internships/{team.internship}/board").status_code == 200


def version(app: Flask) -> int:
    with app.app_context(), unit_of_work():
        return int(db.session.get_one(Task, 1).version)


def test_the_page_behind_a_card_stays_the_same_wherever_that_card_goes(app: Flask) -> None:
    team = teams.build(app)
    add_cards(team, *(f"Card {number}" for number in range(50)))
    browser, path = team.who(team.intern), f"/internships/{team.internship}/board"
    first = browser.get(path).get_data(as_text=True)
    last = column(team, "todo")[24]
    second = first.split('class="more"><a href="')[1].split('"')[0].split("#")[0]
    assert move(team, last, "todo").status_code == 303  # to the very end
    body = browser.get(second).get_data(as_text=True)
    shown = [int(part.split('"')[0]) for part in body.split('id="card-')[1:]]
    assert shown == column(team, "todo")[24:49]

    # A change of a card on that page is put where it stands there, not taken off it.
    other = shown[3]
    assert browser.send(f"/tasks/{other}/comments", text="well?").status_code == 303
    headers = {
        "HX-Request": "true",
        "HX-Request-Type": "partial",
        "HX-Current-URL": f"http://localhost{second}",
    }
    answer = browser.client.get(f"/tasks/{other}/card", headers=headers).get_data(as_text=True)
    assert f'hx-target="#card-{shown[4]}" hx-swap="beforebegin"' in answer


@pytest.mark.parametrize(
    "place",
    ["~", "1~", "~1", "1~2~3", "NaN~1", "1e999~1", "9" * 400 + "~1", "1024~" + "9" * 30, "x~y", "-1~0"],
)
def test_a_place_that_cannot_be_shows_the_column_from_its_start_or_nothing(app: Flask, place: str) -> None:
    team = teams.build(app)
    assert (
        team.who(team.intern).get(f"/internships/{team.internship}/board?todo_after={place}").status_code
        == 200
    )


def test_a_move_taken_back_shares_its_rank_with_nobody(app: Flask) -> None:
    team = teams.build(app)
    add_cards(team, "Y", "Z", "B")
    x, a, y, z, b = column(team, "todo")
    op = "11111111-2222-4333-8444-555555555555"
    assert move(team, a, "doing", operation_id=op).status_code == 303
    assert move(team, b, "todo", before=str(y)).status_code == 303  # takes the rank that A had
    assert team.who(team.intern).send(f"/moves/{op}/undo").status_code == 303
    assert column(team, "todo") == [x, a, b, y, z]
    assert move(team, z, "todo", before=str(b)).status_code == 303
    assert column(team, "todo") == [x, a, z, b, y]
    with app.app_context(), unit_of_work():
        ranks = list(db.session.scalars(db.select(Task.rank).where(Task.state == "todo")))
        assert len(set(ranks)) == len(ranks)


def test_a_list_and_its_file_hold_folded_columns_too(app: Flask) -> None:
    team = teams.build(app)
    browser, path = team.who(team.intern), f"/internships/{team.internship}/board"
    browser.send("/home/folds", fold="1.task.todo", next=path)
    assert 'id="card-1"' not in browser.get(path).get_data(as_text=True)
    assert 'id="card-1"' in browser.get(f"{path}?view=list").get_data(as_text=True)
    assert len(list(csv.reader(StringIO(browser.get(f"{path}?view=csv").get_data(as_text=True))))) == 3


def test_what_only_led_on_to_a_form_can_be_pressed_again(app: Flask) -> None:
    board = four_boards.build(app, "finance")
    browser = cast.signed_in(app, board.person)
    op = "21111111-2222-4333-8444-555555555555"
    with app.app_context(), unit_of_work():
        from webapp.payouts.models import Payout

        seq = db.session.get_one(Payout, 1).version
    for _ in range(2):
        answer = browser.send("/finance/payouts/1/move", operation_id=op, to="held", move_version=seq)
        assert (answer.status_code, answer.headers["Location"]) == (
            303,
            "/finance/payouts/1?intent=hold#do-hold",
        )
    page = browser.get("/finance/payouts/1?intent=hold").get_data(as_text=True)
    assert '<details id="do-hold" open>' in page


def test_without_javascript_the_sheet_leads_back_to_the_board_it_came_from(app: Flask) -> None:
    team = teams.build(app)
    browser = team.who(team.intern)
    sheet = browser.client.get("/tasks/1/move", headers={"Referer": "http://localhost/tasks?q=prices"})
    body = sheet.get_data(as_text=True)
    back = body.split('name="back" value="')[1].split('"')[0]
    assert back == "/tasks?q=prices#card-1"
    answer = browser.send(
        "/tasks/1/move",
        seen_at="/tasks/1/move",
        to="doing",
        before="end",
        move_version=1,
        view="page",
        back=back,
    )
    assert answer.headers["Location"].endswith("/tasks?q=prices#card-1")
    evil = browser.send(
        "/tasks/1/move",
        to="todo",
        before="end",
        move_version=2,
        view="page",
        back="https://evil.example/tasks?q=x",
    )
    assert evil.headers["Location"].startswith("/tasks?q=x")


def test_a_card_added_on_a_narrowed_board_leads_back_to_it(app: Flask) -> None:
    team = teams.build(app)
    where = f"/internships/{team.internship}/board?q=rank&view=list"
    answer = team.who(team.intern).send(
        f"/internships/{team.internship}/tasks", seen_at=where, title="rank 1"
    )
    assert answer.headers["Location"].startswith(where)


def test_the_last_move_can_be_taken_back_on_the_card_and_in_a_list(app: Flask) -> None:
    team = teams.build(app)
    browser, listed = team.who(team.intern), f"/internships/{team.internship}/board?view=list"
    answer = browser.send(
        "/tasks/1/move", htmx=True, seen_at=listed, to="doing", before="end", move_version=1, view="page"
    )
    assert "/undo" in answer.get_data(as_text=True)
    page = browser.get("/tasks/1").get_data(as_text=True)
    assert "Undo your last move" in page
    assert "Undo your last move" not in team.who(team.owner).get("/tasks/1").get_data(as_text=True)
    where = page.split('action="/moves/')[1].split('"')[0]
    assert browser.send(f"/moves/{where}").status_code == 303
    assert column(team, "todo")[0] == 1
    assert "Undo your last move" not in browser.get("/tasks/1").get_data(as_text=True)


def test_no_cell_of_a_file_is_a_formula(app: Flask) -> None:
    team = teams.build(app)
    with app.app_context(), unit_of_work():
        db.session.get_one(Task, 1).title = "x;=1+1"
        db.session.get_one(Task, 2).title = "＝1+1"
    text = team.who(team.intern).get(f"/internships/{team.internship}/board?view=csv").get_data(as_text=True)
    assert '"x;=1+1"' in text and '"\'＝1+1"' in text


def test_a_pipeline_hears_of_an_offer(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    with live_server.app.app_context(), unit_of_work():
        employer = cast.organisation()
        owner = cast.member(employer, "owner", "Nora New")
        posting = cast.posting(employer, cast.programme(), by=owner)
        seat = cast.seat(posting, 903)
        application = cast.application(posting, cast.intern("Ánh Applied"), state="applied")
        employer_id, who, card, number = employer.id, owner.id, seat.id, application.id
    sign_in(page, live_server, team, who)
    page.goto(f"{live_server.url}/organisations/{employer_id}/pipeline")
    expect(page.locator("#board-state")).to_have_text("Live updates")
    expect(page.locator(f"#card-{card}")).to_contain_text("The seat is free")
    answer = cast.signed_in(live_server.app, who).send(f"/applications/{number}/offer", version=1)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    expect(page.locator(f"#card-{card}")).to_contain_text("the applicant accepts or declines")


def test_who_may_no_longer_look_keeps_nothing_on_the_screen(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team, team.reviewer)
    with live_server.app.app_context(), unit_of_work():
        from webapp.organisations.models import Membership

        ended = db.update(Membership).where(Membership.person_id == team.reviewer)
        db.session.execute(ended.values(ended_at=datetime.now(UTC)))
    expect(page.locator("#notices")).to_contain_text("You can't see this board any more", timeout=8_000)
    assert page.locator("#board .card").count() == 0


def test_streams_that_hold_a_thread_leave_half_of_them_to_pages(app: Flask) -> None:
    team = teams.build(app)
    with app.app_context():
        broker = sse.current_broker()
    kept, broker.most_threads = broker.most_threads, 0
    try:
        body = (
            team.who(team.intern).get(f"/internships/{team.internship}/board/stream").get_data(as_text=True)
        )
    finally:
        broker.most_threads = kept
    assert body == 'event: bye\ndata: {"why": "limit"}\n\n'


def test_a_fold_keeps_the_focus_at_its_column(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    open_board(page, live_server, team)
    for words in ("Fold the column Doing", "Unfold the column Doing"):
        page.get_by_role("button", name=words, exact=True).press("Enter")
        page.wait_for_url("**#fold-doing")
        expect(page.locator("#fold-doing")).to_be_focused()


def test_a_mentor_carries_nothing_from_one_employer_to_another(app: Flask) -> None:
    team = teams.build(app)
    with app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        other = cast.posting(
            cast.organisation(), internship.programme, by=cast.member(cast.organisation(), "owner")
        )
        theirs = cast.internship(
            of=other, who=cast.intern("Other Intern"), started_at=datetime.now(UTC) - timedelta(days=3)
        )
        from webapp.core.lifecycle.history import SYSTEM
        from webapp.tasks.actions import cards as task_cards

        task_cards.seed_board(theirs, actor=SYSTEM)
        number = theirs.id
    mentor = team.who(team.mentor)
    assert mentor.get(f"/internships/{number}/board").status_code == 200
    page = mentor.get(f"/internships/{team.internship}/tasks/copy").get_data(as_text=True)
    assert f"from={number}" not in page
    assert mentor.get(f"/internships/{team.internship}/tasks/copy?from={number}").status_code == 404
