#!/usr/bin/env python3
"""The vocabulary of the project: `python3 dev.py run | test | check | bench | soak | lock`.

Standard library only: it runs before anything is installed. The Makefile names the same words. What is
installed goes into ignored folders beside this file, each step with a stamp that makes it a no-op next time.
"""

from __future__ import annotations

import base64
import contextlib
import fcntl
import hashlib
import json
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from webapp.core import embedded_postgres, supervisor

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
CACHE = ROOT / ".cache"
NODE_MODULES = ROOT / "node_modules"
CHROMIUM_PACKAGE = NODE_MODULES / "@sparticuz" / "chromium"
SERVED = ROOT / "static" / "_vendor"
RUN_LOCKS = ("requirements.run.lock", "requirements.node.lock")
TEST_LOCKS = ("requirements.test.lock",)
STARTING_LIMIT = 60.0
FAILED_STARTS = 3


def refuse(sentence: str, code: int = 1) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(code)


@contextlib.contextmanager
def step(name: str) -> Iterator[None]:
    """One line of progress."""
    print(f"  {name:<44}", end="", flush=True)
    began = time.monotonic()
    try:
        yield
    except BaseException:
        print("failed", flush=True)
        raise
    print(f"{time.monotonic() - began:5.1f} s", flush=True)


def quietly(command: Sequence[str | Path], **options: Any) -> str:
    """Run a command; its output is shown only when it fails, and then it ends the start."""
    done = subprocess.run(
        [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False, **{"cwd": ROOT, **options},
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))} ended with code {done.returncode}:\n{done.stdout}")
    return done.stdout


def plain_environment() -> dict[str, str]:
    """Our own environment with the installed programs first."""
    path = os.pathsep.join([str(VENV / "bin"), os.environ.get("PATH", os.defpath)])
    return {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), "UV_PYTHON_DOWNLOADS": "never"}


def fingerprint(*names: str) -> str:
    digest = hashlib.sha256(str(ROOT).encode())
    for name in names:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def stamped(stamp: Path, *accepted: str) -> bool:
    return stamp.exists() and stamp.read_text() in accepted


# --- what must be installed


def install(*, tests: bool) -> None:
    """Bring the virtual environment and the front-end files to what the locks say."""
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "install.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        install_python(tests=tests)
        install_node(tests=tests)
        serve_files()
        if tests and platform.machine() == "x86_64":
            unpack_chromium()


def install_uv() -> Path:
    stamp, wanted = TOOLS / "stamp", fingerprint("requirements.boot.lock")
    if not stamped(stamp, wanted):
        with step("installer (uv)"):
            shutil.rmtree(TOOLS, ignore_errors=True)
            quietly([sys.executable, "-m", "pip", "install", "--quiet", "--target", TOOLS, "--require-hashes",
                     "--no-deps", "-r", "requirements.boot.lock"], env={**os.environ, "PIP_ROOT_USER_ACTION": "ignore"})  # fmt: skip
            stamp.write_text(wanted)
    return TOOLS / "bin" / "uv"


def install_python(*, tests: bool) -> None:
    stamp = VENV / "stamp"
    for_run, for_tests = f"run {fingerprint(*RUN_LOCKS)}", f"test {fingerprint(*TEST_LOCKS)}"
    # The test lock holds everything that runs, in the same versions: a run needs nothing taken away again.
    if stamped(stamp, for_tests) or (not tests and stamped(stamp, for_run)):
        return
    uv = install_uv()
    with step("Python packages"):
        stamp.unlink(missing_ok=True)
        if not (VENV / "bin" / "python").exists():
            quietly(
                [uv, "venv", "--quiet", "--clear", "--python", sys.executable, VENV], env=plain_environment()
            )
        locks = TEST_LOCKS if tests else RUN_LOCKS
        quietly([uv, "pip", "sync", "--quiet", "--require-hashes", *locks], env=plain_environment())
        stamp.write_text(for_tests if tests else for_run)


def install_node(*, tests: bool) -> None:
    stamp = NODE_MODULES / ".stamp"
    wanted = fingerprint("package-lock.json")
    if stamped(stamp, f"test {wanted}") or (not tests and stamped(stamp, f"run {wanted}")):
        return
    with step("front-end packages"):
        quietly(["npm", "ci", *([] if tests else ["--omit=dev"])], env=plain_environment())
        stamp.write_text(f"{'test' if tests else 'run'} {wanted}")


def serve_files() -> None:
    """Copy the front-end files named in package.json to where they are served from, checked by their hash."""
    for name, source in json.loads((ROOT / "package.json").read_text())["served"].items():
        target = SERVED / name
        if target.exists() and integrity(target) == source["integrity"]:
            continue
        original = NODE_MODULES / source["from"]
        if integrity(original) != source["integrity"]:
            refuse(f"{original} is not the file that package.json pins; remove node_modules and start again.")
        SERVED.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(original, target)
        target.chmod(0o644)


def integrity(path: Path) -> str:
    return "sha512-" + base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()


@dataclass(frozen=True)
class Chromium:
    """A browser for the tests: its program, and what it needs in its environment."""

    program: Path
    environment: Mapping[str, str]


def find_chromium() -> Chromium:
    """The unpacked npm browser, else the system's; raises with a sentence where there is none."""
    if platform.machine() == "x86_64" and CHROMIUM_PACKAGE.exists():
        folder = unpack_chromium()
        environment = {"LD_LIBRARY_PATH": str(folder / "lib"), "FONTCONFIG_PATH": str(folder)}
        return Chromium(folder / "chromium", environment)
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if found := shutil.which(name):
            return Chromium(Path(found), {})
    raise RuntimeError(
        "There is no browser for the tests: run `make test` once, or install a system Chromium."
    )


def unpack_chromium() -> Path:
    version = json.loads((CHROMIUM_PACKAGE / "package.json").read_text())["version"]
    folder = CACHE / f"chromium-{version}"
    if folder.exists():
        return folder
    with (CACHE / "chromium.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if folder.exists():
            return folder
        with step("test browser"):
            half = CACHE / "chromium.half"
            shutil.rmtree(half, ignore_errors=True)
            half.mkdir()
            # Brotli is in Node, not in Python's standard library.
            quietly(["node", "-e", UNPACK, CHROMIUM_PACKAGE / "bin", half], env=plain_environment())
            for archive in half.glob("*.tar"):
                with tarfile.open(archive) as members:
                    members.extractall(half, filter="data")
                archive.unlink()
            (half / "chromium").chmod(0o755)
            half.rename(folder)
    return folder


UNPACK = """
const fs = require("fs"), zlib = require("zlib"), [from, to] = process.argv.slice(1);
for (const name of fs.readdirSync(from).filter(n => n.endsWith(".br")))
  fs.writeFileSync(`${to}/${name.slice(0, -3)}`, zlib.brotliDecompressSync(fs.readFileSync(`${from}/${name}`)));
"""


# --- make run


def run() -> int:
    read_env_file()
    if os.environ.get("MAKELEVEL"):
        supervisor.die_with_parent(signal.SIGTERM)
    port = os.environ.get("PORT", "8000")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        refuse(f"PORT must be a number from 1 to 65535, not {port!r}.", 2)
    state_dir = Path(os.environ.get("STATE_DIR", "instance")).expanduser().absolute()
    held = claim(state_dir)
    left = supervisor.end_left_behind(state_dir)
    listener = listen(int(port))
    if left:
        print(f"  ended {left} processes that an earlier start left behind", flush=True)
    install(tests=False)
    os.umask(0o077)
    environment = settings_for(state_dir, port)
    server: embedded_postgres.Server | None = None
    try:
        if not environment.get("DATABASE_URL"):
            with step("database"):
                server = start_database(state_dir)
            environment |= {"DATABASE_URL": server.app_url, "DATABASE_OWNER_URL": server.owner_url}
            if not server.home.is_relative_to(state_dir):
                print(f"  the database's data are in {server.home}", flush=True)
        return serve(listener, state_dir, environment, server)
    finally:
        if server is not None:
            server.stop()
        held.close()


def serve(
    listener: socket.socket,
    state_dir: Path,
    environment: dict[str, str],
    server: embedded_postgres.Server | None,
) -> int:
    """Migrate, plant, start web and worker, and look after them until told to stop."""
    marked = {**environment, supervisor.MARK: str(state_dir)}
    stopping = supervisor.Supervisor([], lambda sentence: print(f"  {sentence}", flush=True))
    with step("migrations and demo world"):
        quietly([VENV / "bin" / "flask", "--app", "wsgi", "prepare"], env=marked, start_new_session=True)
    if stopping.stopping:
        return 0
    python, bound = str(VENV / "bin" / "python"), listener.fileno()
    web = [python, "-m", "gunicorn", "--bind", f"fd://{bound}", "--workers", "2", "--threads", "16",
           "--worker-class", "gthread", "--no-control-socket", "--graceful-timeout", "5",
           "--log-level", "warning", "wsgi:app"]  # fmt: skip
    stopping.children += [
        supervisor.Child("web", web, marked, keep=[bound]),
        supervisor.Child("worker", [python, "-m", "webapp.worker"], marked),
    ]
    try:
        with step("web and worker"):
            wait_for_answer(stopping, environment["PORT"])
        if not stopping.stopping:
            greet(environment["BASE_URL"], state_dir)
        stopping.run(lambda: keep_database(state_dir, server))
    finally:
        print("  stopping", flush=True)
        stopping.end()
    return 0


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


def listen(port: int) -> socket.socket:
    """The listening socket is ours and outlives a killed web process: nobody is refused meanwhile."""
    try:
        return socket.create_server(("127.0.0.1", port), backlog=512)
    except OSError as error:
        refuse(
            f"Port {port} cannot be used ({error.strerror}); choose another, as in `PORT=8001 make run`.", 2
        )


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


def start_database(state_dir: Path) -> embedded_postgres.Server:
    packages = [str(found) for found in VENV.glob("lib/python3*/site-packages")]
    return embedded_postgres.start(state_dir, packages=packages)


def keep_database(state_dir: Path, server: embedded_postgres.Server | None) -> None:
    """A database that was killed comes back, as web and worker do."""
    if server is not None and not server.listens():
        print("  the database ended; it starts again", flush=True)
        start_database(state_dir)


def wait_for_answer(stopping: supervisor.Supervisor, port: str) -> None:
    deadline = time.monotonic() + STARTING_LIMIT
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while not stopping.stopping:
        stopping.look_after()
        for child in stopping.children:
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
    sys.stdout.flush()
    os.chdir(ROOT)
    python = str(VENV / "bin" / "python")
    os.execve(python, [python, *arguments], bare_environment())


def check() -> int:
    install(tests=True)
    packages = [str(found) for found in VENV.glob("lib/python3*/site-packages")]
    with embedded_postgres.throw_away(packages=packages) as server:
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
