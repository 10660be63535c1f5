"""In development a changed file is the next answer; a broken one is shown and mended without a new start."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from tests.launcher.test_supervisor import signals_as_they_were
from tests.launcher.test_supervisor import until as until_within
from tests.support.postgres import ROOT
from webapp.launcher.reloading import Watcher
from webapp.launcher.supervisor import Child, Supervisor

__all__ = ["signals_as_they_were"]
until = partial(until_within, seconds=90.0)  # on a machine that others keep busy

APP = """
import time
from webapp import words

def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(1)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [words.ANSWER.encode()]
"""
WORKER = """
import pathlib, time
from webapp import words

def main(app):
    pathlib.Path("worked").write_text(words.ANSWER)
    time.sleep(600)
"""


class Project:
    """A product of two files under the launcher's care, served on a port of its own."""

    def __init__(self, root: Path) -> None:
        self.root = root
        shutil.copytree(ROOT / "webapp" / "launcher", root / "webapp" / "launcher")
        self.write("webapp/__init__.py", "")
        self.write("workflows/__init__.py", "")
        self.write("webapp/words.py", "ANSWER = 'before'\n")
        self.write("webapp/worker.py", WORKER)
        self.write("wsgi.py", APP)
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        bound = self.listener.fileno()
        self.said: list[str] = []
        self.heard = 0
        self.web = self.child("gunicorn", "--bind", f"fd://{bound}", "--workers", "1", "--threads", "4",
                              "--no-control-socket", "wsgi:app", keep=[bound])  # fmt: skip
        self.keeper = Supervisor([self.web], self.said.append, Watcher(root).changed)

    def child(self, *program: str, keep: list[int] | None = None) -> Child:
        # In the project's own folder: there its modules are found, and what it writes stays there.
        enter = f"import os, runpy, sys; os.chdir({str(self.root)!r}); sys.path.insert(0, os.getcwd());"
        run = "runpy.run_module('webapp.launcher.reloading', run_name='__main__', alter_sys=True)"
        command = [sys.executable, "-c", f"{enter} {run}", *program]
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        return Child(program[0], command, environment, keep=keep or [], reloads=True)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    def ask(self, path: str = "/") -> tuple[int, str]:
        address = f"http://127.0.0.1:{self.listener.getsockname()[1]}{path}"
        try:
            with urllib.request.urlopen(address, timeout=3) as answer:
                return int(answer.status), answer.read().decode()
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode()
        except TimeoutError:
            return 0, ""

    def answers(self, text: str) -> bool:
        """Looks after the project, as `make run` does all the time, and asks it."""
        self.keeper.look_after()
        return self.ask()[1] == text

    def is_broken(self) -> bool:
        self.keeper.look_after()
        return self.ask()[0] == 500

    def has_said_something(self) -> bool:
        """Something new, since it was asked before."""
        self.keeper.look_after()
        heard, self.heard = self.heard, len(self.said)
        return self.heard > heard


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project(tmp_path)
    yield made
    made.keeper.end(grace=1)
    made.listener.close()


def test_a_changed_file_is_the_next_answer_and_what_was_asked_before_is_answered(project: Project) -> None:
    until(lambda: project.answers("before"))
    with ThreadPoolExecutor(1) as browser:
        slow = browser.submit(project.ask, "/slow")
        until(lambda: slow.running())
        project.ask()
        project.write("webapp/words.py", "ANSWER = 'after'\n")
        until(lambda: project.answers("after"))
        assert slow.result() == (200, "before")
    assert project.said == ["webapp/words.py changed; web and worker start again"]
    assert project.web.endings == 0


def test_a_second_change_within_the_same_second_and_of_the_same_length_is_seen(project: Project) -> None:
    until(lambda: project.answers("before"))
    for word in ("first1", "second", "third3"):
        project.write("webapp/words.py", f"ANSWER = {word!r}\n")
        until(partial(project.answers, word))


def test_a_broken_file_shows_its_traceback_until_it_is_mended(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    until(lambda: project.answers("before"))
    project.write("webapp/words.py", "ANSWER = (\n")
    until(project.is_broken)
    assert "SyntaxError: '(' was never closed" in project.ask()[1]
    project.write("webapp/words.py", "ANSWER = 'mended'\n")
    until(lambda: project.answers("mended"))
    assert project.web.endings == 0
    assert capfd.readouterr().err.count("SyntaxError") == 1


def test_whoever_the_broken_program_let_in_is_answered_before_it_leaves(project: Project) -> None:
    project.write("webapp/words.py", "ANSWER = (\n")
    until(project.is_broken)
    project.has_said_something()
    with socket.create_connection(project.listener.getsockname(), timeout=20) as browser:
        browser.sendall(b"GET / HTTP/1.0\r\n")
        time.sleep(0.5)  # let in, and still reading
        project.write("webapp/words.py", "ANSWER = 'mended'\n")
        until(project.has_said_something)
        time.sleep(0.5)  # told to leave
        browser.sendall(b"\r\n")
        assert browser.recv(100).startswith(b"HTTP/1.0 500")
    until(lambda: project.answers("mended"))


def test_a_broken_file_is_shown_at_the_very_first_start_too(project: Project) -> None:
    project.write("webapp/words.py", "import nothing_of_this_name\n")
    until(project.is_broken)
    assert "No module named 'nothing_of_this_name'" in project.ask()[1]
    assert project.web.endings == 0


def test_the_worker_takes_a_change_up_as_well(project: Project) -> None:
    project.keeper.children[:] = [project.child("webapp.worker")]
    worked = project.root / "worked"

    def has_worked_with(word: str) -> bool:
        project.keeper.look_after()
        return worked.exists() and worked.read_text() == word

    until(lambda: has_worked_with("before"))
    project.write("webapp/words.py", "ANSWER = 'after'\n")
    until(lambda: has_worked_with("after"))


def test_a_program_that_is_killed_is_started_again(project: Project) -> None:
    until(lambda: project.answers("before"))
    assert project.web.process is not None
    forked = Path(f"/proc/{project.web.process.pid}/task/{project.web.process.pid}/children").read_text()
    os.kill(int(forked), signal.SIGKILL)
    until(project.has_said_something)
    assert project.said == ["gunicorn ended with signal 9; it starts again"]
    until(lambda: project.answers("before"))


def test_the_watcher_sees_what_changed_what_came_and_what_went(tmp_path: Path) -> None:
    for name in ("webapp/tasks/actions.py", "webapp/launcher/run.py", "workflows/task.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    watcher = Watcher(tmp_path)
    assert watcher.changed() == ""

    os.utime(tmp_path / "workflows/task.py", (1, 1))
    assert watcher.changed() == "workflows/task.py"
    assert watcher.changed() == ""

    (tmp_path / "webapp/tasks/vi.mo").touch()
    assert watcher.changed() == "webapp/tasks/vi.mo"
    (tmp_path / "webapp/tasks/actions.py").unlink()
    assert watcher.changed() == "webapp/tasks/actions.py"

    # Templates are read again by themselves, and the launcher does not reload itself.
    (tmp_path / "webapp/tasks/page.html").touch()
    os.utime(tmp_path / "webapp/launcher/run.py", (1, 1))
    assert watcher.changed() == ""
