"""The builds that are measured: clean clones, each with a database that its own migrations made and servers of its own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from tests.benchmarks import load, servers
from tests.benchmarks.servers import ROOT, Served
from tests.support.postgres import recreate
from webapp.launcher.postgres_server import APP_ROLE, OWNER_ROLE, Server

HERE = "."
LOCK = "requirements.run.lock"
PIN = re.compile(r"^[\w.\[\],-]+==[^\s;\\]+", re.MULTILINE)
CONFIG = re.compile(r"^worker_class\s*=\s*", re.MULTILINE)
USUAL_THREADS = 16
THREADS = re.compile(r'"--threads", "([0-9]+)"')
PAGE = re.compile(r"^(PAGE(?:: int)? = )\d+$", re.MULTILINE)
EVERY_CARD = 100_000
KEY = "a key for benchmarks only, of more than thirty-two characters"


@dataclass
class Build:
    """One commit in a folder of its own; `name` is how it was asked for, and "." is the working tree as it lies there."""

    name: str
    folder: Path
    python: str
    database: str
    server: Server
    state: Path

    def url(self, role: str) -> str:
        return self.server.url(role, self.database)

    def environment(self, socket_folder: Path | None = None) -> dict[str, str]:
        """What its processes are told; with another socket folder they reach the database through that."""
        app_url = self.url(APP_ROLE)
        if socket_folder is not None:
            app_url = f"{app_url.partition('?')[0]}?host={quote(str(socket_folder), safe='/')}"
        return {
            "STINT_ENV": "production",
            "DEMO": "0",
            "DATABASE_URL": app_url,
            "DATABASE_OWNER_URL": self.url(OWNER_ROLE),
            "STATE_DIR": str(self.state),
            "BASE_URL": f"https://{load.HOST}",
            "SECRET_KEY": KEY,
            "SMTP_URL": "smtp://127.0.0.1:9",
            "PYTHONPATH": str(self.folder),
        }

    def migrate(self) -> None:
        """A fresh database, made by this build's own migrations."""
        with psycopg.connect(self.server.superuser_url, autocommit=True) as admin:
            recreate(admin, self.database, "template0")
        alembic(self.folder, self.python, self.environment(), "upgrade", "head")

    @contextmanager
    def serve(
        self, *, folder: Path | None = None, socket_folder: Path | None = None, workers: int = 2
    ) -> Iterator[Served]:
        """A server of this build, or of its copy in `folder`."""
        at = folder or self.folder
        environment = {**self.environment(socket_folder), "PYTHONPATH": str(at)}
        with servers.application_in(
            at,
            self.python,
            environment,
            gunicorn_settings(self.folder),
            workers=workers,
            threads=self.threads,
        ) as served:
            yield served

    @property
    def threads(self) -> int:
        """With how many threads the build starts its own web processes."""
        said = [
            int(number)
            for path in (self.folder / "webapp").rglob("*.py")
            for number in THREADS.findall(path.read_text("utf-8"))
        ]
        return max(said, default=USUAL_THREADS)

    def whole_board(self) -> Path | None:
        """This build with a board page as long as the board, in a folder beside it; None where it names no length."""
        found = [
            path for path in sorted((self.folder / "webapp" / "core").rglob("*.py")) if "board" in str(path)
        ]
        named = [path for path in found if PAGE.search(path.read_text("utf-8"))]
        if len(named) != 1:
            return None
        other = self.state / "whole"
        if not other.exists():
            _copy(self.folder, other)
            at = other / named[0].relative_to(self.folder)
            at.write_text(PAGE.sub(rf"\g<1>{EVERY_CARD}", at.read_text("utf-8")), "utf-8")
        return other


def check_out(name: str, place: int, folder: Path, server: Server) -> Build:
    """Clone this repository at a commit (or take the working tree as it is, for `.`); `place` tells builds apart."""
    at = folder / f"build-{place}"
    if name == HERE:
        _copy(ROOT, at)
    else:
        _run(["git", "clone", "--quiet", "--no-checkout", str(ROOT), str(at)], ROOT)
        commit = _run(["git", "rev-parse", "--verify", f"{name}^{{commit}}"], ROOT).strip()
        _run(["git", "fetch", "--quiet", str(ROOT), commit], at)
        _run(["git", "checkout", "--quiet", "--detach", commit], at)
        vendor = ROOT / "static" / "_vendor"  # what npm brought: not in the repository
        if vendor.is_dir():
            shutil.copytree(vendor, at / "static" / "_vendor")
    state = folder / f"state-{place}"
    state.mkdir(mode=0o711)
    return Build(name, at, _python_for(at), f"build_{place}", server, state)


def alembic(folder: Path, python: str, environment: Mapping[str, str], *words: str) -> str:
    """Run the migrations of the build in `folder`; what they printed."""
    command = [python, "-m", "alembic", "-c", str(folder / "pyproject.toml"), *words]
    return _run(command, folder, {**os.environ, **environment})


def gunicorn_settings(folder: Path) -> list[str]:
    """How this build's own manifest of the server is named: the module that declares the worker's class."""
    core = folder / "webapp" / "core"
    found = [path for path in sorted(core.rglob("*.py")) if CONFIG.search(path.read_text("utf-8"))]
    if len(found) != 1:
        raise RuntimeError(f"not one module says how {folder.name} is served: {found}")
    module = ".".join(found[0].relative_to(folder).with_suffix("").parts)
    return ["--preload", "--config", f"python:{module}"]


def _python_for(folder: Path) -> str:
    """Our own Python where the locks ask for the same packages; else one with those of the build."""
    ours, theirs = (set(PIN.findall((at / LOCK).read_text("utf-8"))) for at in (ROOT, folder))
    if ours == theirs:
        return sys.executable
    made = folder / ".venv"
    _run([sys.executable, "-m", "venv", str(made)], folder)
    _run([str(made / "bin" / "pip"), "install", "--quiet", "--require-hashes", "-r", LOCK], folder)
    return str(made / "bin" / "python")


def _copy(source: Path, target: Path) -> None:
    """What a build consists of, without what lies around it."""
    target.mkdir()
    for name in ("webapp", "workflows", "migrations", "templates", "static"):
        shutil.copytree(source / name, target / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "wsgi.py", LOCK):
        shutil.copy2(source / name, target / name)


def _run(command: list[str], folder: Path, environment: Mapping[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env=dict(environment) if environment else None, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout
