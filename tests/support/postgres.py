"""One throw-away server a session; a fresh database for each test that asks, cloned from a template."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from webapp.launcher import embedded_postgres, postgres_server
from webapp.launcher.postgres_server import APP_ROLE, OWNER_ROLE

ROOT = Path(__file__).resolve().parents[2]
SESSION_VARIABLE = "STINT_TEST_SERVER"
BLANK_TEMPLATE = "template_blank"
_running = contextlib.ExitStack()


@dataclass(frozen=True)
class TestServer:
    """The session's server as a worker sees it: a folder and an address."""

    __test__ = False
    home: Path
    host: str

    def url(self, role: str, database: str) -> str:
        return f"postgresql://{role}@/{database}?host={self.host}"

    @contextlib.contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """Only one of the session's processes at a time: the others wait, then find the work done."""
        with (self.home / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def ensure_template(self, name: str, parent: str, fill: Callable[[str], None]) -> str:
        """Make a template once a session. It gets its name only when it is whole."""
        with self.alone(name), psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as admin:
            if not admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                half = f"{name}_half"
                recreate(admin, half, parent)
                fill(half)
                admin.execute(
                    sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                        sql.Identifier(half), sql.Identifier(name)
                    )
                )
        return name


@dataclass(frozen=True)
class TestDatabase:
    """One database of a test: plain postgresql:// addresses for the two roles and the superuser."""

    __test__ = False
    name: str
    app_url: str
    owner_url: str
    superuser_url: str


def pytest_configure(config: pytest.Config) -> None:
    """The xdist controller starts the server before its workers, which learn of it from the environment."""
    controls_workers = bool(config.getoption("numprocesses", None)) and not hasattr(config, "workerinput")
    if controls_workers and not config.option.collectonly:
        _start_server()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Also after Ctrl-C and after a failed collection."""
    if not hasattr(config, "workerinput"):
        _running.close()
        os.environ.pop(SESSION_VARIABLE, None)


def _start_server() -> None:
    server = _running.enter_context(embedded_postgres.throw_away())
    os.environ[SESSION_VARIABLE] = f"{server.home}:{server.socket_folder}"


def recreate(admin: psycopg.Connection[tuple[object, ...]], name: str, template: str) -> None:
    """Drop the database, whoever is still connected, and clone it anew."""
    identifiers = {
        "name": sql.Identifier(name),
        "template": sql.Identifier(template),
        "owner": sql.Identifier(OWNER_ROLE),
        "app": sql.Identifier(APP_ROLE),
    }
    for statement in (
        "DROP DATABASE IF EXISTS {name} WITH (FORCE)",
        "CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy OWNER {owner}",
        "REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        "GRANT CONNECT ON DATABASE {name} TO {app}",
    ):
        admin.execute(sql.SQL(statement).format(**identifiers))


@pytest.fixture(scope="session")
def test_server() -> TestServer:
    """The session's server; a single process starts it at the first test that needs it."""
    if SESSION_VARIABLE not in os.environ:
        _start_server()
    home, host = os.environ[SESSION_VARIABLE].split(":", 1)
    return TestServer(Path(home), host)


@pytest.fixture(scope="session")
def _admin(test_server: TestServer) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(test_server.url("postgres", "postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="session")
def blank_template(test_server: TestServer) -> str:
    """The migrated, empty database that every test's database is a copy of."""

    def migrate(name: str) -> None:
        run_migrations(test_server.url(OWNER_ROLE, name))

    return test_server.ensure_template(BLANK_TEMPLATE, "template0", migrate)


def run_migrations(owner_url: str, target: str = "head") -> None:
    """`alembic upgrade` as the owner role, in a process of its own, exactly as an installation does it."""
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "-c", str(ROOT / "pyproject.toml"), "upgrade", target],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_OWNER_URL": owner_url,
            "DATABASE_URL": owner_url.replace(OWNER_ROLE, APP_ROLE, 1),
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"The migrations failed:\n{done.stdout}")


def addresses(server: TestServer, name: str) -> TestDatabase:
    """The addresses of one database of the session's server."""
    urls = (server.url(role, name) for role in (APP_ROLE, OWNER_ROLE, postgres_server.SUPERUSER))
    return TestDatabase(name, *urls)


@pytest.fixture(scope="session")
def worker_database(test_server: TestServer, worker_id: str) -> TestDatabase:
    """The addresses of this worker's database; `database` makes it."""
    return addresses(test_server, f"stint_{worker_id}")


@pytest.fixture
def database(
    worker_database: TestDatabase,
    blank_template: str,
    _admin: psycopg.Connection[tuple[object, ...]],
) -> TestDatabase:
    """A fresh migrated database: `.app_url`, `.owner_url`."""
    recreate(_admin, worker_database.name, blank_template)
    return worker_database


@pytest.fixture
def empty_database(
    test_server: TestServer, worker_id: str, _admin: psycopg.Connection[tuple[object, ...]]
) -> TestDatabase:
    """A database nobody has migrated: for the tests of the migrations themselves."""
    found = addresses(test_server, f"stint_{worker_id}_empty")
    recreate(_admin, found.name, "template0")
    return found
