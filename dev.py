#!/usr/bin/env python3
"""The vocabulary of the project: `python3 dev.py run | test | check | bench | soak | lock`.

Standard library only: it runs before anything is installed. The Makefile names the same words.
"""

from __future__ import annotations

import os
import platform
import secrets
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from webapp.launcher import chromium, embedded_postgres
from webapp.launcher.install import (
    PACKAGES,
    ROOT,
    VENV,
    install,
    install_uv,
    plain_environment,
    quietly,
    step,
)
from webapp.launcher.run import refuse, run


def bare_environment() -> dict[str, str]:
    """Without the settings of an installation: tests and checks bring their own."""
    ours = {"STINT_ENV", "DEMO", "DATABASE_URL", "DATABASE_OWNER_URL", "STATE_DIR", "PORT", "BASE_URL",
            "SECRET_KEY", "SMTP_URL", "STRIPE_SECRET_KEY", "STRIPE_API_BASE", "STRIPE_WEBHOOK_SECRET",
            "STRIPE_CONNECT_WEBHOOK_SECRET", "STRIPE_THIN_WEBHOOK_SECRET", "MAKEFLAGS", "MAKELEVEL"}  # fmt: skip
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
    for name in ("boot", "run", "node", "test", "contract"):
        alone = ["--no-deps"] if name == "contract" else []
        with step(f"requirements.{name}.lock"):
            quietly([uv, "pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes",
                     "--no-emit-index-url", *alone, f"requirements.{name}.in", "-o", f"requirements.{name}.lock"],
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
