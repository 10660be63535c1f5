"""Live boards: who looks hears of a change within a moment, goes on where the line was cut, and is cut without a right."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from flask import Flask

from tests.support import people as cast
from tests.support import teams
from tests.support.application import Served
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import changes
from webapp.core.live import connections, sse
from webapp.organisations.models import Membership
from webapp.tasks import models as task_models
from webapp.tasks.actions import moves as task_moves
from webapp.tasks.queries import boards as task_boards

PATIENCE = 12.0


class Ear:
    """A browser's EventSource, as far as these tests need one."""

    def __init__(self, answer: requests.Response) -> None:
        self.answer = answer
        self.lines: Iterator[Any] = answer.iter_lines(chunk_size=1, decode_unicode=True)

    def next(self) -> tuple[str, dict[str, Any]]:
        """The next event's name and data; heartbeats are passed over."""
        name = ""
        for line in self.lines:
            if line.startswith("event: "):
                name = line.removeprefix("event: ")
            elif line.startswith("data: "):
                return name, json.loads(line.removeprefix("data: "))
        raise AssertionError("the stream ended without a word")


@contextmanager
def listening(served: Served, board: teams.Team, person: int, **headers: Any) -> Iterator[Ear]:
    cookie = board.who(person).client.get_cookie("stint")
    assert cookie is not None
    address = f"{served.url}/internships/{board.internship}/board/stream"
    with requests.get(
        address, cookies={"stint": cookie.value}, stream=True, timeout=PATIENCE, **headers
    ) as answer:
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        yield Ear(answer)


def cards(board: teams.Team) -> list[int]:
    with board.app.app_context(), unit_of_work():
        internship = db.session.get_one(teams.cast.Internship, board.internship)
        return [task.id for task in task_boards.first_cards(internship, "todo")]


def move(board: teams.Team, card: int, to: str) -> int:
    """The intern moves a card; the number of that change."""
    with board.app.app_context(), unit_of_work():
        task = db.session.get_one(task_models.Task, card)
        intern = db.session.get_one(cast.Person, board.intern)
        task_moves.move(task, actor=intern, to=to, before="end", move_version=task.move_version)
        return task.internship.history_number


@pytest.mark.point(19)
def test_a_move_is_heard_by_whoever_looks_with_its_number_and_the_card_that_it_moved(
    live_server: Served,
) -> None:
    board = teams.build(live_server.app)
    card = cards(board)[0]
    with listening(live_server, board, board.owner) as ear:
        began = time.monotonic()
        n = move(board, card, "doing")
        name, change = ear.next()
        html = change.pop("html")  # empty until it is known what this person may see
        assert (name, change) == ("card", {"n": n, "card": card, "version": 2, "actor": board.intern})
        assert not html or f'id="card-{card}"' in html
        assert time.monotonic() - began < 10  # a time-out, not a measurement: `make bench` measures


@pytest.mark.point(19)
@pytest.mark.parametrize("by", ["header", "address"])
def test_a_line_that_was_cut_goes_on_where_it_was(live_server: Served, by: str) -> None:
    board = teams.build(live_server.app)
    first, second = cards(board)[:2]
    begin = move(board, first, "doing")
    numbers = [move(board, second, "doing"), move(board, first, "done")]
    headers: dict[str, Any] = (
        {"headers": {"Last-Event-ID": str(begin)}} if by == "header" else {"params": {"since": str(begin)}}
    )
    with listening(live_server, board, board.intern, **headers) as ear:
        assert [ear.next()[1]["n"] for _ in numbers] == numbers


def test_what_no_notification_told_is_found_all_the_same(
    live_server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes.Publisher, "send", lambda self, change: None)
    board = teams.build(live_server.app)
    card = cards(board)[0]
    with listening(live_server, board, board.owner) as ear:
        n = move(board, card, "doing")
        assert ear.next()[1]["n"] == n


def test_who_lost_the_right_to_see_is_cut(live_server: Served) -> None:
    board = teams.build(live_server.app)
    with listening(live_server, board, board.reviewer) as ear:
        with board.app.app_context(), unit_of_work():
            ended = db.update(Membership).where(Membership.person_id == board.reviewer)
            db.session.execute(ended.values(ended_at=datetime.now(UTC)))
        assert ear.next() == ("bye", {"why": "rights"})


def test_who_signs_out_is_cut(live_server: Served) -> None:
    board = teams.build(live_server.app)
    with listening(live_server, board, board.owner) as ear:
        with board.app.app_context(), unit_of_work():
            db.session.execute(db.text("UPDATE web_session SET ended_at = now()"))
        assert ear.next() == ("bye", {"why": "rights"})


def test_a_person_has_three_streams_and_the_oldest_makes_room_for_a_fourth(live_server: Served) -> None:
    board = teams.build(live_server.app)
    card = cards(board)[0]
    with (
        listening(live_server, board, board.owner) as other,
        listening(live_server, board, board.intern) as first,
        listening(live_server, board, board.intern),
        listening(live_server, board, board.intern),
        listening(live_server, board, board.intern) as fourth,
    ):
        assert first.next() == ("bye", {"why": "limit"})
        n = move(board, card, "doing")
        assert fourth.next()[1]["n"] == n
        assert other.next()[1]["n"] == n


def test_a_process_that_ends_sends_its_viewers_to_another(live_server: Served) -> None:
    board = teams.build(live_server.app)
    broker = live_server.app.extensions["stream"]
    with listening(live_server, board, board.intern) as ear:
        broker.alive = lambda: False
        try:
            assert ear.next() == ("bye", {"why": "stop"})
        finally:
            broker.alive = lambda: True
            broker.rest()


def test_whoever_cannot_listen_asks(live_server: Served) -> None:
    board = teams.build(live_server.app)
    card = cards(board)[0]
    begin = move(board, card, "doing")
    n = move(board, card, "done")
    answer = board.who(board.mentor).get(f"/internships/{board.internship}/board/since?n={begin}")
    assert answer.get_json()["n"] == n
    assert [(card["n"], card["card"], card["version"]) for card in answer.get_json()["cards"]] == [
        (n, card, 3)
    ]
    for nonsense in ("x", "-1", "9" * 30, "٣"):
        assert (
            board.who(board.mentor)
            .get(f"/internships/{board.internship}/board/since?n={nonsense}")
            .get_json()["cards"]
            == []
        )


def test_a_change_that_is_rolled_back_is_announced_to_nobody(live_server: Served) -> None:
    board = teams.build(live_server.app)
    card = cards(board)[0]
    sent: list[Any] = []
    teller = live_server.app.extensions["stream_teller"]
    teller.send, kept = sent.append, teller.send
    try:
        with pytest.raises(ZeroDivisionError), board.app.app_context(), unit_of_work():
            task = db.session.get_one(task_models.Task, card)
            intern = db.session.get_one(cast.Person, board.intern)
            task_moves.move(task, actor=intern, to="doing", before="end", move_version=task.move_version)
            raise ZeroDivisionError
        assert sent == []
        move(board, card, "doing")
        assert len(sent) == 1
    finally:
        teller.send = kept


def test_a_change_is_announced_although_the_database_was_restarted_since_the_last_one(app: Flask) -> None:
    heard: list[int] = []
    publisher = app.extensions["stream_teller"]
    with publisher._connect() as listener:
        listener.execute(f"LISTEN {changes.CHANNEL}")
        for n in (1, 2):
            publisher.send([changes.Change("internship", 1, n, "task", 1, n, 1)])
            heard += [json.loads(one.payload)["n"] for one in listener.notifies(timeout=5, stop_after=1)]
            listener.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND query LIKE '%%pg_notify%%' AND usename = current_user"
                " AND datname = current_database()"
            )
    assert heard == [1, 2]


def test_who_reads_too_slowly_is_told_to_come_again_and_misses_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "LONGEST_BACKLOG", 3)
    with app.app_context():
        broker = sse.current_broker()
        slow = connections.Connection(topic=("internship", 1), person=1, session=b"", heard=0, slot=0)
        for n in range(1, 6):
            change = changes.Change("internship", 1, n, "task", 1, n, 1)
            broker._teller._say(slow, broker.sources["internship"], change)
        # Nothing of what it did not read counts as told: the page comes again with the number it has.
        assert list(sse.events(broker, slow)) == ["retry: 2000\n\n", connections.goodbye_message("stop").text]


def test_a_line_that_had_to_make_room_while_it_was_handed_over_is_let_go(app: Flask) -> None:
    team = teams.build(app)
    with app.app_context():
        broker = sse.current_broker()
    ours, theirs = socket.socketpair()
    line = broker.open(("internship", team.internship), team.intern, b"", 0)
    assert line is not None
    broker.close(line)
    line.say(connections.goodbye_message("limit"))
    broker.take_over(line, ours)
    ours.close()
    assert theirs.recv(1_000).endswith(b'{"why": "limit"}\n\n\r\n0\r\n\r\n')
    assert theirs.recv(1_000) == b""  # the end of the connection is told too
    assert broker._by_socket == {}
    theirs.close()
    broker.rest()


def test_a_head_request_takes_no_place(live_server: Served) -> None:
    board = teams.build(live_server.app)
    cookie = board.who(board.intern).client.get_cookie("stint")
    assert cookie is not None
    address = f"{live_server.url}/internships/{board.internship}/board/stream"
    answer = requests.head(address, cookies={"stint": cookie.value}, timeout=PATIENCE)
    assert answer.status_code == 200
    assert live_server.app.extensions["stream"].count() == 0


def test_a_farewell_reaches_a_slow_reader() -> None:
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    line = connections.Connection(("internship", 1), 1, b"", 0, 0)
    line.take(ours)
    while not line.behind:
        line.say(connections.Message("x" * 1_000))
    line.say(connections.goodbye_message("rights"))
    assert not line.may_go()
    heard = b""
    while not heard.endswith(b"0\r\n\r\n"):
        heard += theirs.recv(65_536)
        line.flush()
    assert b'{"why": "rights"}' in heard
    assert line.may_go()
    line.end()
    theirs.close()
