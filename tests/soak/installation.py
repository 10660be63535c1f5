"""One `make run` of a soak's own, and the processes that can be killed in it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from tests.soak.remote import until_it_works
from webapp.app import create_app
from webapp.core.config import Settings
from webapp.launcher.supervisor import MARK

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """One `make run`; `url` and `stripe` are what its own processes were told of database and Stripe."""

    def __init__(self, state_dir: Path) -> None:
        self.state_dir = state_dir
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port = found.getsockname()[1]
        self.base = f"http://127.0.0.1:{self.port}"
        self.secret = "a key for soaking only, of more than thirty-two characters"

    def start(self) -> None:
        environment = {
            **os.environ,
            "STATE_DIR": str(self.state_dir),
            "PORT": str(self.port),
            "BASE_URL": self.base,
            "DEMO": "0",
            "SECRET_KEY": self.secret,
        }
        self.log = (self.state_dir / "soak.log").open("wb")
        self.process = subprocess.Popen(
            [sys.executable, str(ROOT / "dev.py"), "run"],
            env=environment,
            stdout=self.log,
            stderr=self.log,
            cwd=ROOT,
        )
        until_it_works(lambda: requests.get(self.base, timeout=5), requests.RequestException)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)
        self.log.close()

    def processes(self, kind: str) -> list[int]:
        """The process numbers of `web`, `worker` or `database`."""
        if kind == "database":
            data = self.data_folder()
            return [int((data / "postmaster.pid").read_text().splitlines()[0])] if data else []
        wanted = b"wsgi:app" if kind == "web" else b"webapp.worker"
        mark = f"{MARK}={self.state_dir}".encode()
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (process / "environ").read_bytes().split(b"\0")
                if ours and wanted in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
            except OSError:
                continue
        return found

    def data_folder(self) -> Path | None:
        """Where the database's files are: under the state folder, or where the database's user can reach."""
        for process in Path("/proc").glob("[0-9]*"):
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words and words[0].endswith(b"postgres") and b"-D" in words:
                folder = Path(words[words.index(b"-D") + 1].decode())
                if self.url and str(folder.parent) in self.url:
                    return folder
        return None

    url = ""
    stripe: dict[str, str]

    def app(self) -> Any:
        """An application over the same database, which only this process uses."""
        return create_app(
            Settings.from_environment(
                {
                    "STINT_ENV": "development",
                    "DATABASE_URL": self.url,
                    "DATABASE_OWNER_URL": self.owner_url,
                    "STATE_DIR": str(self.state_dir),
                    "BASE_URL": self.base,
                    "SECRET_KEY": self.secret,
                    **self.stripe,
                }
            )
        )

    def find_database(self) -> None:
        """Read the database's address from the environment of a running child."""
        for number in until_it_works(self._web, LookupError):
            values = dict(
                pair.split("=", 1)
                for pair in (Path("/proc") / str(number) / "environ").read_bytes().decode().split("\0")
                if "=" in pair
            )
            self.url, self.owner_url = values["DATABASE_URL"], values["DATABASE_OWNER_URL"]
            self.stripe = {name: value for name, value in values.items() if name.startswith("STRIPE_")}
            return

    def _web(self) -> list[int]:
        found = self.processes("web")
        if not found:
            raise LookupError("no web process yet")
        return found
