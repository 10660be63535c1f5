"""Streams under the real server: they hold no thread, live on in the broker, and end with the worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
import requests
from flask import Flask

from tests.support import teams
from tests.tasks.test_stream import PATIENCE, Ear, cards, move
from webapp.core.database.transactions import unit_of_work

THREADS, STREAMS = 2, 12


@contextmanager
def gunicorn(app: Flask) -> Iterator[tuple[str, int]]:
    """The app under gunicorn with two threads: its address and process."""
    settings: Any = app.extensions["settings"]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    environment = {
        **os.environ,
        "STINT_ENV": "test",
        "DATABASE_URL": settings.database_url,
        "DATABASE_OWNER_URL": settings.database_owner_url,
        "STATE_DIR": str(settings.state_dir),
        "SECRET_KEY": settings.secret_key,
    }
    command = [
        sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1", "--threads", str(THREADS),
        "--config", "python:webapp.core.live.gunicorn_worker", "--no-control-socket", "--graceful-timeout", "8", "--log-level", "warning",
        "wsgi:app",
    ]  # fmt: skip
    with subprocess.Popen(command, env=environment) as process:
        address, until = f"http://127.0.0.1:{port}", time.monotonic() + 30
        while time.monotonic() < until:
            with suppress(requests.ConnectionError):
                requests.get(address + "/help", timeout=5)
                break
            time.sleep(0.1)
        try:
            yield address, process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(20)


@pytest.mark.point(19)
@pytest.mark.point(20)
def test_more_streams_than_threads_are_open_and_pages_are_still_answered(app: Flask) -> None:
    team = teams.build(app)
    people = [team.intern, team.owner, team.reviewer, team.mentor]
    with gunicorn(app) as (address, process), ExitStack() as stack:
        ears = []
        for number in range(STREAMS):
            cookie: Any = team.who(people[number % len(people)]).client.get_cookie("stint")
            where = f"{address}/internships/{team.internship}/board/stream"
            answer = requests.get(where, cookies={"stint": cookie.value}, stream=True, timeout=PATIENCE)
            stack.callback(answer.close)
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            ears.append(Ear(answer))
        page = requests.get(f"{address}/help", timeout=PATIENCE)
        assert page.status_code == 200

        first, second = cards(team)[:2]
        numbers = [move(team, first, "doing"), move(team, second, "doing"), move(team, first, "done")]
        for ear in ears:
            assert [ear.next()[1]["n"] for _ in numbers] == numbers

        os.kill(process, signal.SIGTERM)
        began = time.monotonic()
        for ear in ears:
            assert ear.next() == ("bye", {"why": "stop"})
        assert time.monotonic() - began < 8  # a time-out: the worker does not wait for them


def test_who_goes_away_leaves_their_place_to_somebody_else_at_once(app: Flask) -> None:
    team = teams.build(app)
    cookie: Any = team.who(team.intern).client.get_cookie("stint")
    with gunicorn(app) as (address, _process):
        where = f"{address}/internships/{team.internship}/board/stream"

        def listen() -> requests.Response:
            return requests.get(where, cookies={"stint": cookie.value}, stream=True, timeout=PATIENCE)

        staying = Ear(listen())
        for _ in range(6):  # each would take one of the three places, and the oldest would have to go
            gone = listen()
            next(gone.iter_lines())
            gone.close()
            time.sleep(0.6)
        n = move(team, cards(team)[0], "doing")
        assert staying.next()[1]["n"] == n
        with app.app_context(), unit_of_work():
            pass
        staying.answer.close()
