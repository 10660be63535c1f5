"""`make run` refuses in one sentence what cannot work, before anything is started."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

import dev
from tests.support.postgres import ROOT
from webapp.launcher import run


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
    assert done.stderr == "usage: python3 dev.py run | test | check | bench | soak | lock\n"


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
