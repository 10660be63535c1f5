"""`make run` refuses in one sentence what cannot work, before anything is started."""

from __future__ import annotations

import fcntl
import os
import platform
import re
import socket
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dev
from tests.launcher.test_embedded_postgres import short_path
from tests.support.postgres import ROOT
from webapp.launcher import changed_slices, embedded_postgres, run

__all__ = ["short_path"]


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "dev.py", "run"],
        cwd=ROOT,
        env={**dev.bare_environment(), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_port_that_is_taken_is_said_in_a_sentence_and_nothing_starts(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = start(PORT=str(port), STATE_DIR=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == (
        f"Port {port} cannot be used: address already in use. Choose another, as in PORT=8001 make run.\n"
    )
    assert done.stdout == ""
    assert [left.name for left in tmp_path.iterdir()] == ["run.lock"]


@pytest.mark.parametrize("port", ["", "0", "65536", "eighty", "-1", "8000.0"])
def test_a_port_that_is_no_port_is_refused(port: str, tmp_path: Path) -> None:
    done = start(PORT=port, STATE_DIR=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"PORT must be a number from 1 to 65535, not {port!r}.\n"


def test_a_second_start_on_one_state_folder_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "run.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = start(PORT="8999", STATE_DIR=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr == (
        f"Stint already runs with the state folder {tmp_path}; choose another with STATE_DIR.\n"
    )


def test_a_state_folder_that_cannot_be_made_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = start(PORT="8999", STATE_DIR=str(tmp_path / "file" / "state"))
    assert done.returncode == 2
    assert done.stderr == (
        f"The state folder {tmp_path / 'file' / 'state'} cannot be used: Not a directory. "
        "Choose another with STATE_DIR.\n"
    )


def test_an_unknown_word_is_answered_with_the_known_ones() -> None:
    done = subprocess.run(
        [sys.executable, "dev.py", "fly"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    words = "help, run, test, test-fast, check, fix, words, psql, profile, bench, soak, lock"
    assert done.stderr == f"There is no word 'fly'. The words are {words}.\n"


def test_make_alone_prints_every_word_with_what_it_does() -> None:
    printed = subprocess.check_output(["make"], cwd=ROOT, text=True, env=dev.bare_environment())
    lines = [line.split(maxsplit=2) for line in printed.splitlines()]
    assert [line[:2] for line in lines] == [["make", word] for word in dev.COMMANDS]
    assert all(line[2] for line in lines)
    targets = re.findall(r"^([a-z -]+):$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets == [" ".join(dev.COMMANDS)]


@pytest.mark.parametrize("version", [(3, 10, 13), (3, 15, 0), (4, 11, 0)])
def test_another_python_is_refused_in_a_sentence(
    version: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    monkeypatch.setattr(platform, "python_version", lambda: ".".join(map(str, version)))
    with pytest.raises(SystemExit):
        dev.main(["help"])
    assert capsys.readouterr().err.startswith(
        f"Stint runs on Python 3.11 to 3.14; this is {'.'.join(map(str, version))}."
    )


@pytest.mark.parametrize("minor", [11, 12, 13, 14])
def test_every_python_that_is_promised_is_let_in(minor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, minor, 0))
    assert dev.main(["help"]) == 0
    promised = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert promised == ">=3.11,<3.15"


def test_the_tests_of_changed_files_are_those_that_mirror_them() -> None:
    chosen, unknown = changed_slices.tests_of(
        [
            "webapp/tasks/actions.py", "webapp/endings/guards.py", "templates/postings/_card.html", "static/reviews/review.js",
            "tests/accounts/test_sign_in.py", "workflows/submission.py", "workflows/machine.py",
            "README.md", "webapp/worker.py",
        ]
    )  # fmt: skip
    assert chosen == [
        "tests/accounts", "tests/bad_input/test_forms.py::test_no_form_is_overlooked",
        "tests/dashboards/test_public_pages.py", "tests/endings", "tests/postings", "tests/reviews", "tests/submissions", "tests/tasks", "tests/workflows",
    ]  # fmt: skip
    assert unknown == ["webapp/worker.py"]


def test_a_change_is_what_differs_from_upstream_and_what_git_does_not_know_yet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changed_slices, "ROOT", tmp_path)
    with pytest.raises(RuntimeError, match="this folder is no checkout"):
        changed_slices.changed_paths()

    def git(*arguments: str) -> None:
        who = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init", "--initial-branch=main")
    for name in ("kept", "committed", "edited"):
        (tmp_path / name).write_text("before")
    git("add", ".")
    git("commit", "--message=first")
    git("checkout", "-b", "mine")
    (tmp_path / "committed").write_text("after")
    git("commit", "--all", "--message=second")
    (tmp_path / "edited").write_text("after")
    (tmp_path / "added").write_text("new")
    assert changed_slices.changed_paths()[1] == ["added", "committed", "edited"]


def test_psql_says_where_no_database_runs(tmp_path: Path) -> None:
    done = psql_at(tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        f"No database runs in {tmp_path}; start it with `make run`, in another terminal.\n"
    )


def test_psql_opens_the_running_database_as_the_role_that_owns_the_tables(short_path: Path) -> None:
    server = embedded_postgres.start(short_path)
    try:
        done = psql_at(short_path, "-XAtc", "SELECT current_user, current_database()")
    finally:
        server.stop()
    assert (done.stdout, done.stderr) == ("stint_owner|stint\n", "")
    assert psql_at(short_path, "-c", "SELECT 1").returncode == 1


def psql_at(state_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "dev.py", "psql", *arguments],
        cwd=ROOT, env={**dev.bare_environment(), "STATE_DIR": str(state_dir)}, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_people_are_sent_to_a_name_because_passkeys_refuse_a_bare_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("BASE_URL", raising=False)
    assert run.settings_for(tmp_path, "8123")["BASE_URL"] == "http://localhost:8123"


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first = run.settings_for(tmp_path, "8000")["SECRET_KEY"]
    assert len(first) >= 32
    assert run.settings_for(tmp_path, "8000")["SECRET_KEY"] == first
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_was_given_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "given")
    assert run.settings_for(tmp_path, "8000")["SECRET_KEY"] == "given"
    assert not (tmp_path / "secret_key").exists()


def test_the_env_file_fills_in_what_the_environment_does_not_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("# a remark\n#DEMO=1\n\nMAIL_FROM = A <a@example.org>\nPORT=9000\n")
    monkeypatch.setattr(run, "ROOT", tmp_path)
    monkeypatch.setenv("PORT", "8123")
    monkeypatch.delenv("DEMO", raising=False)
    monkeypatch.setenv("MAIL_FROM", "placeholder")
    monkeypatch.delenv("MAIL_FROM")
    run.read_env_file()
    assert os.environ["PORT"] == "8123"
    assert os.environ["MAIL_FROM"] == "A <a@example.org>"
    assert "DEMO" not in os.environ
