#!/usr/bin/env python3
"""The vocabulary of the project: `python3 dev.py WORD`; `python3 dev.py help` prints the words.

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

from webapp.launcher import changed_slices, chromium, embedded_postgres, psql
from webapp.launcher.install import (
    NEWEST,
    OLDEST,
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

CODE = ["webapp", "workflows", "migrations", "tests", "dev.py", "wsgi.py"]


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


def test_fast(arguments: list[str]) -> int:
    """The rules of the house, and the slices that differ from what is upstream."""
    base, paths = changed_slices.changed_paths()
    chosen, unknown = changed_slices.tests_of(paths)
    print(f"test-fast: {len(paths)} changed files since {base}", flush=True)
    for path in unknown:
        print(f"  {path} belongs to no slice: `make test` covers it", flush=True)
    folders = list(dict.fromkeys(["tests/architecture", *chosen]))
    print(f"  testing {' '.join(folders)}", flush=True)
    return in_venv("-m", "pytest", "-n", "2", *folders, *arguments)


def fix() -> int:
    install(tests=True)
    ruff = VENV / "bin" / "ruff"
    with step("imports and what can be mended"):
        # What it cannot mend, `make check` names.
        quietly([ruff, "check", "--quiet", "--fix", "--exit-zero", *CODE], env=plain_environment())
    with step("format"):
        quietly([ruff, "format", "--quiet", *CODE], env=plain_environment())
    with step("drawings"):
        quietly([VENV / "bin" / "python", "-m", "workflows", "ARCHITECTURE.md"], env=plain_environment())
    return 0


def check() -> int:
    install(tests=True)
    with embedded_postgres.throw_away(packages=[PACKAGES]) as server:
        environment = {
            **bare_environment(), "STINT_ENV": "test", "DATABASE_URL": server.app_url,
            "DATABASE_OWNER_URL": server.owner_url, "SECRET_KEY": secrets.token_urlsafe(48),
            "STATE_DIR": str(server.home / "state"),
        }  # fmt: skip
        checks: dict[str, list[list[str]]] = {
            "strict types": [["mypy", "webapp", "workflows", "tests", "dev.py", "wsgi.py"]],
            "migration drift": [["alembic", "-c", "pyproject.toml", "upgrade", "head"],
                                ["flask", "--app", "wsgi", "check-migrations"]],
            "format": [["ruff", "format", "--check", *CODE]],
            "lint": [["ruff", "check", *CODE]],
            "import contracts": [["lint-imports", "--no-cache"]],
            "templates": [["djlint", "--profile=jinja", "--lint", "templates"]],
            "dependencies": [["deptry", "."]],
            "catalogues": [["python", "-m", "webapp.core.web.catalogues", "--check"]],
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
    """Write the locks of what pyproject.toml declares: exact versions and hashes, no host, no path."""
    uv = install_uv()
    for name, declared in {
        "run": ["pyproject.toml"],
        "test": ["pyproject.toml", "--group", "test"],
        # Each is installed by itself: what it would bring along is not wanted.
        "tools": ["--group", "boot", "--group", "node", "--group", "contract", "--no-deps"],
    }.items():
        with step(f"requirements.{name}.lock"):
            quietly([uv, "pip", "compile", "--quiet", "--universal", "--python-version", f"3.{OLDEST[1]}",
                     "--generate-hashes", "--no-emit-index-url", *declared, "-o", f"requirements.{name}.lock"],
                    env=plain_environment())  # fmt: skip
    return 0


def show_help() -> int:
    for word, (meaning, _) in COMMANDS.items():
        print(f"  make {word:<10} {meaning}")
    return 0


COMMANDS: dict[str, tuple[str, Callable[[list[str]], int]]] = {
    "help": ("print these words", lambda _: show_help()),
    "run": ("start the demo world; a changed file is a new page (PORT=8001 STATE_DIR=… for another one)",
            lambda _: run()),
    "test": ("run every test, or a part: ARGS=tests/reviews",
             lambda arguments: in_venv("-m", "pytest", "-n", "2", *arguments)),
    "test-fast": ("run the rules of the house and the tests of the slices that you changed", test_fast),
    "check": ("format, lint, types, import contracts, templates, migrations, dependencies, catalogues",
              lambda _: check()),
    "fix": ("sort imports, mend what can be mended, format, draw the state machines in ARCHITECTURE.md", lambda _: fix()),
    "words": ("bring the catalogues into line with the source, and print what is not translated yet",
              lambda _: in_venv("-m", "webapp.core.web.catalogues")),
    "psql": ("look into the database of the running demo world: ARGS=\"-c 'TABLE person'\"",
             lambda arguments: psql.become(arguments)),
    "profile": ("show where the time of a page of the running demo world goes: PAGE=/internships/1/board",
                lambda arguments: in_venv("-m", "tests.benchmarks.profile", psql.running_database(), *arguments)),
    "bench": ("measure: medians and ratios; two builds side by side: ARGS=\"paired 7fb3208\"",
              lambda arguments: in_venv("-m", "tests.benchmarks", *arguments)),
    "soak": ("kill web, worker and database for a long time", lambda arguments: in_venv("-m", "tests.soak", *arguments)),
    "lock": ("write the locks of what pyproject.toml declares", lambda _: lock()),
}  # fmt: skip


def main(arguments: list[str]) -> int:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        refuse(f"Stint runs on Python 3.{OLDEST[1]} to 3.{NEWEST[1]}; this is {platform.python_version()}. "
               "Name another one, as in PYTHON=python3.13 make run.", 2)  # fmt: skip
    word = arguments[0] if arguments else "help"
    if word not in COMMANDS:
        refuse(f"There is no word {word!r}. The words are {', '.join(COMMANDS)}.", 2)
    try:
        return COMMANDS[word][1](arguments[1:])
    except (RuntimeError, OSError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
