"""`make psql`: look into the database of the running demo world. Standard library only."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from webapp.launcher.install import PACKAGES
from webapp.launcher.postgres_places import choose_account, find_binaries, runnable, socket_folder
from webapp.launcher.postgres_server import Server
from webapp.launcher.run import read_env_file, refuse, state_folder


def become(arguments: Sequence[str]) -> NoReturn:
    """Become psql at the running database, as the role that owns the tables; starts and changes nothing itself."""
    read_env_file()
    url, binaries = _database()
    sys.stdout.flush()
    program = str(binaries / "psql")
    os.execv(program, [program, url, *arguments])  # noqa: S606 - a list, no shell


def running_database() -> str:
    """The address of the running database, as the role that owns the tables."""
    read_env_file()
    return _database()[0]


def _database() -> tuple[str, Path]:
    binaries = find_binaries([PACKAGES])
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ.get("DATABASE_URL")
    if url:
        return url, binaries
    state_dir = state_folder()
    server = _running(state_dir, binaries)
    if server is None:
        refuse(f"No database runs in {state_dir}; start it with `make run`, in another terminal.")
    return server.owner_url, server.binaries


def _running(state_dir: Path, binaries: Path) -> Server | None:
    pointer = state_dir / "postgres.place"
    home = Path(pointer.read_text().strip()) if pointer.exists() else state_dir / "postgres"
    if not (home / "data").exists():
        return None
    account = choose_account(home / "data")
    server = Server(home, runnable(binaries, account), account, socket_folder(home / "run", account))
    return server if server.listens() else None
