"""The processes that are measured: the application under gunicorn, the floor under gunicorn, the floor of streams."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START = 30.0
TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Served:
    """A server with all its processes; `port` is where it answers."""

    port: int
    pid: int

    def cpu_ms(self) -> float:
        """What it has used of the processors since it began."""
        return cpu_ms(self.pid)

    def pss_kb(self) -> float:
        """Its memory, what processes share counted once."""
        return sum(_pss_kb(number) for number in tree(self.pid))


def tree(pid: int) -> list[int]:
    """A process and all that descend from it."""
    found, parents = [pid], _parents()
    for one in found:
        found.extend(child for child, parent in parents.items() if parent == one)
    return found


def cpu_ms(pid: int) -> float:
    """User and system time of a process tree, the children that have ended included."""
    ticks = 0
    for number in tree(pid):
        try:
            fields = Path(f"/proc/{number}/stat").read_text().rpartition(") ")[2].split()
        except OSError:
            continue
        ticks += sum(int(field) for field in fields[11:13])  # utime, stime
        ticks += sum(int(field) for field in fields[13:15]) if number == pid else 0
    return ticks * 1000 / TICK


def parent_of(pid: int) -> int:
    """Which process started it."""
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()[1])


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = parent_of(int(folder.name))
        except OSError:
            continue
    return found


def _pss_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


@contextmanager
def application(environment: Mapping[str, str], *, workers: int = 2, threads: int = 4) -> Iterator[Served]:
    """The application as `make run` starts it, with as many threads as wanted."""
    settings = ["--preload", "--config", "python:webapp.core.live.gunicorn_worker"]
    with _gunicorn("wsgi:app", environment, settings, workers, threads) as served:
        yield served


@contextmanager
def application_in(
    folder: Path,
    python: str,
    environment: Mapping[str, str],
    settings: Sequence[str],
    *,
    workers: int = 2,
    threads: int = 8,
) -> Iterator[Served]:
    """The application of another folder, by that folder's own code and settings."""
    with _gunicorn(
        "wsgi:app", environment, settings, workers, threads, python=python, folder=folder
    ) as served:
        yield served


@contextmanager
def floor(environment: Mapping[str, str]) -> Iterator[Served]:
    """A bare WSGI callable in the same server."""
    with _gunicorn("tests.benchmarks.raw:app", environment, ["--worker-class", "gthread"], 2, 4) as served:
        yield served


@contextmanager
def floor_of_streams() -> Iterator[Served]:
    """One asyncio process that does nothing but hold streams."""
    port = _free_port()
    command = [sys.executable, "-m", "tests.benchmarks.floor_stream", str(port)]
    with _running(command, os.environ, port) as served:
        yield served


@contextmanager
def _gunicorn(
    what: str,
    environment: Mapping[str, str],
    more: Sequence[str],
    workers: int,
    threads: int,
    *,
    python: str = sys.executable,
    folder: Path = ROOT,
) -> Iterator[Served]:
    port = _free_port()
    command = [
        python, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}",
        "--workers", str(workers), "--threads", str(threads), "--worker-connections", str(2 * threads + 1000),
        "--backlog", "1024", "--no-control-socket", "--graceful-timeout", "2", "--log-level", "warning",
        *more, what,
    ]  # fmt: skip
    with _running(command, {**os.environ, **environment}, port, folder) as served:
        yield served


@contextmanager
def _running(
    command: Sequence[str], environment: Mapping[str, str], port: int, folder: Path = ROOT
) -> Iterator[Served]:
    process = subprocess.Popen(command, cwd=folder, env=dict(environment))
    try:
        _wait_for(process, port)
        yield Served(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            for number in reversed(tree(process.pid)):
                os.kill(number, signal.SIGKILL)
            process.wait(20)


def _wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the server does not answer")


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
