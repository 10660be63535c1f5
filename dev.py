#!/usr/bin/env python3
"""The vocabulary of the project: `python3 dev.py run | test | check | bench | soak | lock`.

Standard library only: it runs before anything is installed. The Makefile names the same words.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import platform
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NoReturn

from tests.ground import chromium
from webapp.core import embedded_postgres, supervisor
from webapp.core.installing import ROOT, VENV, install, install_uv, plain_environment, quietly, step

PACKAGES = str(VENV / "lib" / f"python3.{sys.version_info.minor}" / "site-packages")
STARTING_LIMIT = 60.0
FAILED_STARTS = 3


def refuse(sentence: str, code: int = 1) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(code)


# --- make run


def run() -> int:
    read_env_file()
    if os.environ.get("MAKELEVEL"):
        supervisor.die_with_parent(signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    port = os.environ.get("PORT", "8000")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        refuse(f"PORT must be a number from 1 to 65535, not {port!r}.", 2)
    state_dir = Path(os.environ.get("STATE_DIR", "instance")).expanduser().absolute()
    held = claim(state_dir)
    left = supervisor.end_left_behind(state_dir)
    listener = listen(int(port), patience=3.0 if left else 0.0)
    if left:
        print(f"  ended {left} processes that an earlier start left behind", flush=True)
    install(tests=False)
    os.umask(0o077)
    environment = settings_for(state_dir, port)
    server: embedded_postgres.Server | None = None
    try:
        if not environment.get("DATABASE_URL"):
            with step("database"):
                server = embedded_postgres.start(state_dir, packages=[PACKAGES])
            environment |= {"DATABASE_URL": server.app_url, "DATABASE_OWNER_URL": server.owner_url}
            if not server.home.is_relative_to(state_dir):
                print(f"  the database's data are in {server.home}", flush=True)
        with step("migrations and demo world"):
            quietly([VENV / "bin" / "flask", "--app", "wsgi", "prepare"], env=marked(environment, state_dir))
        serve(listener, state_dir, environment, server)
    finally:
        if server is not None:
            server.stop()
        held.close()
    return 0


def serve(
    listener: socket.socket,
    state_dir: Path,
    environment: dict[str, str],
    server: embedded_postgres.Server | None,
) -> None:
    """Start web and worker, and look after them and the database until told to stop."""
    python, bound = str(VENV / "bin" / "python"), listener.fileno()
    web = [python, "-m", "gunicorn", "--bind", f"fd://{bound}", "--workers", "2", "--threads", "16",
           "--worker-class", "gthread", "--no-control-socket", "--graceful-timeout", "5",
           "--log-level", "warning", "wsgi:app"]  # fmt: skip
    supervised = marked(environment, state_dir)
    children = [
        supervisor.Child("web", web, supervised, keep=[bound]),
        supervisor.Child("worker", [python, "-m", "webapp.worker"], supervised),
    ]

    def keep_database() -> None:
        if server is not None and not server.listens():
            tell("the database ended; it starts again")
            embedded_postgres.start(state_dir, packages=[PACKAGES])

    keeper = supervisor.Supervisor(children, tell)
    try:
        with step("web and worker"):
            wait_for_answer(keeper, environment["PORT"])
        if not keeper.stopping:
            greet(environment["BASE_URL"], state_dir)
        keeper.run(keep_database)
    finally:
        print("\n  stopping", flush=True)
        keeper.end()


def tell(sentence: str) -> None:
    print(f"  {sentence}", flush=True)


def marked(environment: dict[str, str], state_dir: Path) -> dict[str, str]:
    return {**environment, supervisor.MARK: str(state_dir)}


def read_env_file() -> None:
    """`.env` holds settings as NAME=value lines; the environment wins."""
    if (ROOT / ".env").exists():
        for line in (ROOT / ".env").read_text().splitlines():
            name, equals, value = line.partition("=")
            if equals and not name.lstrip().startswith("#"):
                os.environ.setdefault(name.strip(), value.strip())


def claim(state_dir: Path) -> Any:
    """Hold the state folder as long as we live: two starts on one folder would fight for its database."""
    try:
        # Root's database account must be able to pass through; what is inside is private file by file.
        state_dir.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
        held = (state_dir / "run.lock").open("a")
    except OSError as error:
        refuse(
            f"The state folder {state_dir} cannot be used: {error.strerror}. Choose another with STATE_DIR.",
            2,
        )
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        refuse(f"Stint already runs with the state folder {state_dir}; choose another with STATE_DIR.", 2)
    return held


def listen(port: int, patience: float) -> socket.socket:
    """The listening socket is ours and outlives a killed web process: nobody is refused meanwhile."""
    deadline = time.monotonic() + patience
    while True:
        try:
            return socket.create_server(("127.0.0.1", port), backlog=512)
        except OSError as error:
            if time.monotonic() >= deadline:
                why = os.strerror(error.errno or 0).lower()
                refuse(f"Port {port} cannot be used: {why}. Choose another, as in PORT=8001 make run.", 2)
        time.sleep(0.05)


def settings_for(state_dir: Path, port: str) -> dict[str, str]:
    environment = {**plain_environment(), "PORT": port, "STATE_DIR": str(state_dir)}
    environment.setdefault("STINT_ENV", "development")
    environment.setdefault("DEMO", "0" if environment["STINT_ENV"] == "production" else "1")
    environment.setdefault("BASE_URL", f"http://127.0.0.1:{port}")
    if not environment.get("SECRET_KEY"):
        key = state_dir / "secret_key"
        if not key.exists():
            half = state_dir / "secret_key.half"
            half.write_text(secrets.token_urlsafe(48))
            half.chmod(0o600)
            half.rename(key)
        environment["SECRET_KEY"] = key.read_text().strip()
    return environment


def wait_for_answer(keeper: supervisor.Supervisor, port: str) -> None:
    deadline = time.monotonic() + STARTING_LIMIT
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while not keeper.stopping:
        keeper.look_after()
        for child in keeper.children:
            if child.endings >= FAILED_STARTS:
                raise RuntimeError(f"{child.name} does not start; what it says is printed above.")
        try:
            opener.open(f"http://127.0.0.1:{port}/", timeout=1).close()
            return
        except urllib.error.HTTPError as answered:
            answered.close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise RuntimeError("The web process does not answer.") from None
            time.sleep(0.05)


def greet(address: str, state_dir: Path) -> None:
    print(f"\nStint is at {address}  (Ctrl-C ends it)", flush=True)
    with contextlib.suppress(FileNotFoundError):
        for role, person in json.loads((state_dir / "demo.json").read_text()).items():
            print(f"  {role:<20} {person['email']:<36} {person['password']}", flush=True)


# --- make test, check, bench, soak, lock


def bare_environment() -> dict[str, str]:
    """Without the settings of an installation: tests and checks bring their own."""
    ours = {"STINT_ENV", "DEMO", "DATABASE_URL", "DATABASE_OWNER_URL", "STATE_DIR", "PORT", "BASE_URL",
            "SECRET_KEY", "SMTP_URL", "MAKEFLAGS", "MAKELEVEL"}  # fmt: skip
    return {name: value for name, value in plain_environment().items() if name not in ours}


def in_venv(*arguments: str) -> int:
    """Become the tool, so that signals and the exit code are its own."""
    install(tests=True)
    if platform.machine() == "x86_64":
        chromium.unpack()
    sys.stdout.flush()
    os.chdir(ROOT)
    python = str(VENV / "bin" / "python")
    os.execve(python, [python, *arguments], bare_environment())  # noqa: S606 - a list, no shell


def check() -> int:
    install(tests=True)
    with embedded_postgres.throw_away(packages=[PACKAGES]) as server:
        environment = {
            **bare_environment(), "STINT_ENV": "test", "DATABASE_URL": server.app_url,
            "DATABASE_OWNER_URL": server.owner_url, "SECRET_KEY": secrets.token_urlsafe(48),
            "STATE_DIR": str(server.home / "state"),
        }  # fmt: skip
        code = ["webapp", "workflows", "migrations", "tests", "dev.py", "wsgi.py"]
        checks: dict[str, list[list[str]]] = {
            "strict types": [["mypy", "webapp", "workflows", "dev.py", "wsgi.py"]],
            "migration drift": [["alembic", "-c", "pyproject.toml", "upgrade", "head"],
                                ["flask", "--app", "wsgi", "check-migrations"]],
            "format": [["ruff", "format", "--check", *code]],
            "lint": [["ruff", "check", *code]],
            "import contracts": [["lint-imports", "--no-cache"]],
            "templates": [["djlint", "--profile=jinja", "--lint", "templates"]],
            "dependencies": [["deptry", "."]],
            "catalogues": [["flask", "--app", "wsgi", "check-translations"]],
        }  # fmt: skip

        def perform(name: str) -> str:
            began = time.monotonic()
            try:
                for command in checks[name]:
                    quietly([VENV / "bin" / command[0], *command[1:]], env=environment)
            except RuntimeError as error:
                print(f"  {name:<20} FAILED\n{error}", flush=True)
                return name
            print(f"  {name:<20} ok {time.monotonic() - began:5.1f} s", flush=True)
            return ""

        with ThreadPoolExecutor(os.cpu_count() or 2) as threads:
            failed = [name for name in threads.map(perform, checks) if name]
    print(f"check: failed: {', '.join(failed)}" if failed else "check: all is well", flush=True)
    return 1 if failed else 0


def lock() -> int:
    """Write the locks anew from the .in files: exact versions and hashes, no host, no path."""
    uv = install_uv()
    for name in ("boot", "run", "node", "test"):
        with step(f"requirements.{name}.lock"):
            quietly([uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
                     "--no-emit-index-url", f"requirements.{name}.in", "-o", f"requirements.{name}.lock"],
                    env=plain_environment())  # fmt: skip
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": lambda _: run(),
    "test": lambda arguments: in_venv("-m", "pytest", "-n", "2", *arguments),
    "check": lambda _: check(),
    "bench": lambda arguments: in_venv("-m", "tests.benchmarks", *arguments),
    "soak": lambda arguments: in_venv("-m", "tests.soak", *arguments),
    "lock": lambda _: lock(),
}


def main(arguments: list[str]) -> int:
    if sys.version_info[:2] != (3, 11):
        refuse(f"Stint runs on Python 3.11; this is {platform.python_version()}.", 2)
    if not arguments or arguments[0] not in COMMANDS:
        refuse(f"usage: python3 dev.py {' | '.join(COMMANDS)}", 2)
    try:
        return COMMANDS[arguments[0]](arguments[1:])
    except (RuntimeError, OSError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
