"""`make run`: from a bare clone to a served demo world, and everything ended together.

Standard library only: it starts before anything is installed.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO, NoReturn

from webapp.launcher import embedded_postgres, postgres_server, reloading, simulator, supervisor
from webapp.launcher.install import (
    PACKAGES,
    ROOT,
    VENV,
    fingerprint,
    install,
    plain_environment,
    quietly,
    stamped,
    step,
)

STARTING_LIMIT = 60.0
FAILED_STARTS = 3


def refuse(sentence: str, code: int = 1) -> NoReturn:
    print(sentence, file=sys.stderr, flush=True)
    raise SystemExit(code)


def run() -> int:
    """Bring everything up, in order, and take it down again when told; says each step in a line."""
    read_env_file()
    if os.environ.get("MAKELEVEL"):
        supervisor.die_with_parent(signal.SIGTERM)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    port = os.environ.get("PORT", "8000")
    if not port.isdecimal() or not 0 < int(port) < 65536:
        refuse(f"PORT must be a number from 1 to 65535, not {port!r}.", 2)
    state_dir = state_folder()
    held = claim(state_dir)
    left = supervisor.end_left_behind(state_dir)
    listener = listen(int(port), patience=3.0 if left else 0.0)
    stripe_listener = simulator.listen(int(port))
    if left:
        print(f"  ended {left} processes that an earlier start left behind", flush=True)
    install(tests=False)
    os.umask(0o077)
    environment = settings_for(state_dir, port)
    server: postgres_server.Server | None = None
    stripe: supervisor.Child | None = None
    try:
        if not environment.get("DATABASE_URL"):
            with step("database"):
                server = embedded_postgres.start(state_dir, packages=[PACKAGES])
            environment |= {"DATABASE_URL": server.app_url, "DATABASE_OWNER_URL": server.owner_url}
            if not server.home.is_relative_to(state_dir):
                print(f"  the database's data are in {server.home}", flush=True)
        stripe = simulator_for_stripe(state_dir, environment, stripe_listener)
        prepare(state_dir, environment, server, stripe)
        serve(listener, state_dir, environment, server, stripe)
    finally:
        if stripe is not None:
            stripe.signal_group(signal.SIGKILL)  # it still runs only where the start failed
        if server is not None:
            server.stop()
        stripe_listener.close()
        held.close()
    return 0


def simulator_for_stripe(
    state_dir: Path, environment: dict[str, str], listener: socket.socket
) -> supervisor.Child | None:
    """Where nobody named a Stripe account: a simulator, and the settings by which the app finds it."""
    if not simulator.is_needed(environment):
        return None
    environment |= simulator.settings(environment, listener)
    return simulator.child(VENV / "bin" / "python", listener, marked(environment, state_dir))


def prepare(
    state_dir: Path,
    environment: dict[str, str],
    server: postgres_server.Server | None,
    stripe: supervisor.Child | None,
) -> None:
    """Migrate and plant; where our own database says that it is as the last start left it, nothing is to do."""
    stamp, beginning = state_dir / "prepared", state_dir / "beginning"

    def current_stamp() -> str:
        revision = server.revision() if server is not None else ""
        sources = [path.relative_to(ROOT) for path in sorted((ROOT / "migrations").rglob("*.py"))]
        return (
            f"{revision} {environment['DEMO']} {fingerprint(*map(str, sources))}" if revision else "unknown"
        )

    if stamped(stamp, current_stamp()):
        return
    with step("migrations and demo world"):
        if server is not None and beginning.exists():
            # The first start was ended in the middle of its work: half a world is nobody's.
            server.start_over()
        elif server is not None and not server.revision():
            beginning.touch()
        if stripe is not None:
            stripe.start()  # the demo world pays by it; later the supervisor looks after it
        quietly([VENV / "bin" / "flask", "--app", "wsgi", "prepare"], env=marked(environment, state_dir))
    if server is not None:
        stamp.write_text(current_stamp())
        beginning.unlink(missing_ok=True)


def serve(
    listener: socket.socket,
    state_dir: Path,
    environment: dict[str, str],
    server: postgres_server.Server | None,
    stripe: supervisor.Child | None,
) -> None:
    """Start web and worker, and look after them and the database until told to stop."""
    python, bound = str(VENV / "bin" / "python"), listener.fileno()
    development = environment["STINT_ENV"] == "development"
    program = [python, "-m", *(["webapp.launcher.reloading"] if development else [])]
    web = [*program, "gunicorn", "--bind", f"fd://{bound}", "--workers", "2", "--threads", "64", "--config", "python:webapp.core.live.gunicorn_worker",
           "--preload", "--no-control-socket", "--graceful-timeout", "5",
           "--log-level", "warning", "wsgi:app"]  # fmt: skip
    supervised = marked(environment, state_dir)
    worker = supervisor.Child("worker", [*program, "webapp.worker"], supervised, reloads=development)

    def keep_database() -> None:
        if server is not None and not server.listens():
            tell("the database ended; it starts again")
            embedded_postgres.start(state_dir, packages=[PACKAGES])

    first = supervisor.Child("web", web, supervised, keep=[bound], reloads=development)
    keeper = supervisor.Supervisor([first], tell, reloading.Watcher().changed if development else None)
    try:
        with step("web and worker"):
            wait_for_answer(keeper, environment["PORT"])
            # After the web: the first answer is not made to wait for it.
            keeper.children.append(worker)
            if stripe is not None:
                keeper.children.append(stripe)
            keeper.look_after()
        if not keeper.stopping:
            greet(environment["BASE_URL"], state_dir, environment.get("STRIPE_API_BASE", ""))
        keeper.run(keep_database)
    finally:
        tell("stopping")
        keeper.end()


def tell(sentence: str) -> None:
    # The reader of the output may have left; that must not keep us from ending what we started.
    with contextlib.suppress(OSError):
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


def state_folder() -> Path:
    return Path(os.environ.get("STATE_DIR", "instance")).expanduser().absolute()


def claim(state_dir: Path) -> IO[str]:
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
    # Passkeys belong to a name, and a bare address has none.
    environment.setdefault("BASE_URL", f"http://localhost:{port}")
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


def greet(address: str, state_dir: Path, stripe: str) -> None:
    print(f"\nStint is at {address}  (Ctrl-C ends it)", flush=True)
    if stripe:
        print(f"  its Stripe simulator, with which no real money moves, is at {stripe}", flush=True)
    with contextlib.suppress(FileNotFoundError):
        for role, person in json.loads((state_dir / "demo.json").read_text()).items():
            print(f"  {role:<20} {person['email']:<36} {person['password']}", flush=True)
