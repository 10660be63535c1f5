"""A running cluster: where it is, how it is reached, and how it is asked and stopped."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from webapp.launcher.postgres_places import (
    SOCKET_NAME,
    Account,
    LauncherError,
)

OWNER_ROLE = "stint_owner"


APP_ROLE = "stint_app"


DATABASE = "stint"


SUPERUSER = "postgres"


@dataclass(frozen=True)
class Server:
    """A running server: where it lives and how to reach it."""

    home: Path
    binaries: Path
    account: Account
    socket_folder: Path

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "run" / "postgres.log"

    def url(self, role: str, database: str = DATABASE) -> str:
        """A plain postgresql:// address over the socket."""
        return f"postgresql://{role}@/{database}?host={quote(str(self.socket_folder), safe='/')}"

    @property
    def app_url(self) -> str:
        return self.url(APP_ROLE)

    @property
    def owner_url(self) -> str:
        return self.url(OWNER_ROLE)

    @property
    def superuser_url(self) -> str:
        return self.url(SUPERUSER, "postgres")

    def answers(self) -> bool:
        """Alive means that it answers on its socket; a pid file proves nothing."""
        command = [str(self.binaries / "pg_isready"), "-q", "-h", str(self.socket_folder)]
        command += ["-U", APP_ROLE, "-d", DATABASE]
        return subprocess.run(command, cwd="/", check=False).returncode == 0

    def listens(self) -> bool:
        """The cheap question, for asking every second: is anybody behind the socket?"""
        with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(OSError):
            probe.connect(str(self.socket_folder / SOCKET_NAME))
            return True
        return False

    def revision(self) -> str:
        """The database's migration; empty where it was never migrated."""
        done = self._psql(self.owner_url, "SELECT version_num FROM alembic_version")
        return done.stdout.strip() if done.returncode == 0 else ""

    def start_over(self) -> None:
        """Put an empty database in the place of one that was never finished."""
        for command in (f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", *EMPTY_DATABASE):
            must(self._psql(self.superuser_url, command))

    def _psql(self, url: str, command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.binaries / "psql"), "-XAtqc", command, url],
            cwd="/",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def run(self, program: str, *arguments: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run one of the server's own programs as the server's account; its output comes back as text.

        Output goes through a file: a daemon that inherits a pipe keeps its reader waiting for ever.
        """
        with tempfile.TemporaryFile("w+") as output:
            done = subprocess.run(
                [str(self.binaries / program), *arguments],
                cwd="/",
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
                check=False,
                **{**self.account.options(), **options},
            )
            output.seek(0)
            return subprocess.CompletedProcess(done.args, done.returncode, output.read(), None)

    def stop(self) -> None:
        """Stop the server; one that is already gone is fine."""
        self.run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-t", "30")


EMPTY_DATABASE = (
    f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}",
    f"REVOKE ALL ON DATABASE {DATABASE} FROM PUBLIC",
    f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP_ROLE}",
)


def must(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode != 0:
        raise LauncherError(f"{Path(str(done.args[0])).name} failed:\n{done.stdout}")
