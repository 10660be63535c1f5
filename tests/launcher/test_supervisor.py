"""The supervisor: what ends starts again, all of it ends together, and nothing is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.postgres import ROOT
from webapp.launcher.supervisor import MARK, Child, Supervisor, end_left_behind

IGNORES_TERM = (
    "import pathlib, signal, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "pathlib.Path(sys.argv[1]).touch()\n"
    "time.sleep(600)"
)


@pytest.fixture(autouse=True)
def signals_as_they_were() -> Iterator[None]:
    """A supervisor takes the signals over; a test gives them back."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


def python(*arguments: str) -> list[str]:
    return [sys.executable, "-c", *arguments]


def until(true: Callable[[], object], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def alive(process: int) -> bool:
    """Whether it runs; a zombie does not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def test_a_process_that_says_it_ended_well_is_started_again(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    note = "import sys; open(sys.argv[1], 'a').write('x')"
    child = Child("worker", python(note, str(marks)), os.environ)
    sentences: list[str] = []

    def looked_after_twice() -> bool:
        sentences.extend(filter(None, [child.look_after()]))
        return marks.exists() and len(marks.read_text()) >= 2

    until(looked_after_twice)
    assert sentences[0] == "worker ended with code 0; it starts again"
    Supervisor([child], sentences.append).end(grace=0)


def test_a_process_that_fails_at_once_is_given_pauses() -> None:
    child = Child("web", python("raise SystemExit(3)"), os.environ)
    pauses: list[float] = []

    def has_failed_often() -> bool:
        if child.look_after():
            pauses.append(child.pause)
        return len(pauses) == 3

    until(has_failed_often)
    assert pauses == [0.2, 0.4, 0.8]


def test_a_process_deaf_to_sigterm_is_killed(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    child = Child("worker", python(IGNORES_TERM, str(ready)), os.environ)
    keeper = Supervisor([child], lambda sentence: None)
    keeper.look_after()
    until(ready.exists)
    assert child.process is not None
    number = child.process.pid
    keeper.end(grace=0.2)
    assert not alive(number)


def test_what_a_dead_supervisor_left_behind_is_found_by_its_mark(tmp_path: Path) -> None:
    marked = subprocess.Popen(
        python("import time; print('up', flush=True); time.sleep(600)"),
        env={**os.environ, MARK: str(tmp_path)},
        stdout=subprocess.PIPE,
    )
    with marked:
        assert marked.stdout is not None
        marked.stdout.readline()
        assert end_left_behind(tmp_path / "another") == 0
        assert end_left_behind(tmp_path) == 1
    assert marked.returncode == -signal.SIGKILL


def test_children_do_not_outlive_a_killed_supervisor(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    supervise = (
        "import os, sys\nfrom webapp.launcher.supervisor import Child, Supervisor\n"
        f"child = Child('worker', [sys.executable, '-c', {IGNORES_TERM!r}, {str(ready)!r}], os.environ)\n"
        "keeper = Supervisor([child], print)\nkeeper.look_after()\n"
        "print(child.process.pid, flush=True)\nkeeper.run(lambda: None)"
    )
    with subprocess.Popen(python(supervise), cwd=ROOT, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout is not None
        child = int(supervisor.stdout.readline())
        until(ready.exists)
        supervisor.kill()
    until(lambda: not alive(child))
