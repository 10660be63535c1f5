"""`make run` from end to end: it says its steps, survives the death of each of its parts, and leaves nothing."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

import dev
from tests.support.postgres import ROOT
from webapp.launcher.postgres_server import APP_ROLE
from webapp.launcher.supervisor import MARK

PATIENCE = 120.0


class Running:
    """One `make run` of the test's own."""

    def __init__(self, state_dir: Path, port: int) -> None:
        self.state_dir = state_dir
        self.port = port
        self.said: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def start(self, **settings: str) -> None:
        settings = {"STATE_DIR": str(self.state_dir), "PORT": str(self.port), **settings}
        self.process = subprocess.Popen(
            [sys.executable, "dev.py", "run"],
            cwd=ROOT,
            env={**dev.bare_environment(), **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def wait_until_served(self) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        self.said = []
        for line in self.process.stdout:
            self.said.append(line.rstrip())
            if line.startswith("Stint is at"):
                return
        raise AssertionError("it did not start:\n" + "\n".join(self.said))

    def end(self, how: int) -> int:
        """Send the signal, wait for the end; returns the exit code."""
        assert self.process is not None
        with self.process as process:
            process.send_signal(how)
            code = process.wait(PATIENCE)
            assert process.stdout is not None
            process.stdout.close()
        self.process = None
        return code

    def parts(self, word: str = "") -> list[int]:
        """The processes of this run whose command holds the word."""
        mark = f"{MARK}={self.state_dir}".encode()
        processes = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                marked = mark in (process / "environ").read_bytes().split(b"\0")
                if marked and word.encode() in (process / "cmdline").read_bytes():
                    processes.append(int(process.name))
            except OSError:
                continue
        return sorted(processes)

    def took_over(self, word: str, killed: int) -> bool:
        return bool(self.parts(word)) and killed not in self.parts(word)

    @property
    def postgres_home(self) -> Path:
        """Beside the state, or where the database's account can reach it."""
        pointer = self.state_dir / "postgres.place"
        return Path(pointer.read_text().strip()) if pointer.exists() else self.state_dir / "postgres"

    @property
    def postmaster(self) -> int:
        return int((self.postgres_home / "data" / "postmaster.pid").read_text().splitlines()[0])

    def people(self) -> int:
        url = f"postgresql://{APP_ROLE}@/stint?host={self.postgres_home / 'run'}"
        with psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*) FROM person").fetchone()
            return int(row[0]) if row else 0

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=5) as answer:
                return int(answer.status) == 200
        except OSError:
            return False


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True


@pytest.fixture
def running() -> Iterator[Running]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    state_dir = Path(subprocess.check_output(["mktemp", "-d", "/tmp/stint-XXXXXX"], text=True).strip())
    state_dir.chmod(0o711)
    run = Running(state_dir, port)
    yield run
    if run.process is not None:
        run.end(signal.SIGTERM)
    subprocess.run(["rm", "-r", str(state_dir)], check=True)


def test_a_run_survives_the_death_of_each_part_and_leaves_nothing(running: Running) -> None:
    running.start()
    running.wait_until_served()
    # What it says: the steps, the address, a sign-in for each role of the demo.
    steps = re.findall(r"^  (\S.*?) +[\d.]+ s$", "\n".join(running.said), re.MULTILINE)
    assert steps[-3:] == ["database", "migrations and demo world", "web and worker"]
    signs = json.loads((running.state_dir / "demo.json").read_text())
    assert {"intern", "employer_owner", "employer_reviewer", "finance", "finance_second"} <= set(signs)
    assert running.answers()
    people = running.people()
    assert people > 0

    # The worker and the web's master are killed: others take their places, and nobody's request was refused.
    for word in ("webapp.worker", "gunicorn"):
        killed = running.parts(word)[0]
        os.kill(killed, signal.SIGKILL)
        until(partial(running.took_over, word, killed))
        until(running.answers)

    # The database is killed: it comes back with what was committed.
    os.kill(running.postmaster, signal.SIGKILL)
    until(running.answers)
    assert running.people() == people

    # The supervisor is killed: a new start recovers, with the same world.
    children = running.parts()
    running.end(signal.SIGKILL)
    running.start()
    running.wait_until_served()
    assert all(gone(child) for child in children)
    assert running.answers()
    assert running.people() == people

    # Ctrl-C ends all of it.
    parts = [*running.parts(), running.postmaster]
    assert running.end(signal.SIGINT) == 0
    assert [part for part in parts if not gone(part)] == []


def test_a_first_start_that_was_killed_half_way_is_begun_anew(running: Running) -> None:
    running.start(DEMO="0")
    until((running.state_dir / "beginning").exists)
    running.end(signal.SIGKILL)
    running.start(DEMO="0")
    running.wait_until_served()
    assert not (running.state_dir / "beginning").exists()
    assert running.answers()
    assert running.people() == 0
    # The terminal that read along is closed: what was started is ended all the same.
    parts = [*running.parts(), running.postmaster]
    assert running.process is not None
    assert running.process.stdout is not None
    running.process.stdout.close()
    assert running.end(signal.SIGTERM) == 0
    assert [part for part in parts if not gone(part)] == []
