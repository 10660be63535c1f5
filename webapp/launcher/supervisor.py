"""Keep the processes of `make run` alive, and end all of them together.

Standard library only, and importable without Flask. Whatever ends is started again, also when it says it
ended well: a worker whose database was restarted leaves with code 0. What a killed supervisor left behind is
found by a mark in its environment, so that the next start can end it.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

MARK = "STINT_SUPERVISED_IN"
GRACE = 8.0
LONGEST_PAUSE = 5.0
HEALTHY_AFTER = 10.0
LOOK_EVERY = 0.3
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(how: int) -> None:
    """Ask Linux for a signal when our parent is gone; elsewhere the mark has to do."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)


def end_left_behind(state_dir: Path) -> int:
    """Kill what a dead supervisor of this state folder left running; says how many there were.

    Only to be called while holding the folder's lock: then nobody alive owns these processes.
    """
    mark = f"{MARK}={state_dir}".encode()
    ended = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int(process.name) != os.getpid() and mark in (process / "environ").read_bytes().split(b"\0"):
                os.kill(int(process.name), signal.SIGKILL)
                ended += 1
    return ended


class Child:
    """One process that must always run."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        keep: Sequence[int] = (),
        *,
        reloads: bool = False,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.environment = dict(environment)
        self.keep = tuple(keep)
        self.reloads = reloads
        self.process: subprocess.Popen[bytes] | None = None
        self.started = 0.0
        self.next_start = 0.0
        self.pause = 0.0
        self.endings = 0

    def start(self) -> None:
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which ends the rest.
        self.process = subprocess.Popen(
            self.command,
            env=self.environment,
            pass_fds=self.keep,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            # Safe: the supervisor has no threads.
            preexec_fn=self._before,  # noqa: PLW1509
        )
        self.started = time.monotonic()

    def _before(self) -> None:
        die_with_parent(signal.SIGKILL)
        if self.reloads:
            # A change while it starts waits until it can be handled; unblocked, this signal would end it.
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP})

    def look_after(self) -> str | None:
        """Start it when it is due; returns a sentence when it was found ended."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.next_start:
                self.start()
            return None
        code = self.process.poll()
        if code is None:
            return None
        # Its own children may have outlived it.
        self.signal_group(signal.SIGKILL)
        self.process = None
        self.endings += 1
        lived = now - self.started
        self.pause = 0.2 if lived > HEALTHY_AFTER else min(max(self.pause * 2, 0.2), LONGEST_PAUSE)
        self.next_start = now + self.pause
        how = f"signal {-code}" if code < 0 else f"code {code}"
        return f"{self.name} ended with {how}; it starts again"

    def reload(self) -> None:
        """Let it load changed files, where it can; one that waits for its next start starts now."""
        self.next_start = 0.0
        if self.reloads and self.process is not None:
            self.process.send_signal(signal.SIGHUP)

    def signal_group(self, signal_number: int) -> None:
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal_number)


class Supervisor:
    """Run the children until a signal comes; then end them, the last started first."""

    def __init__(
        self, children: Sequence[Child], tell: Callable[[str], None], changed: Callable[[], str] | None = None
    ) -> None:
        self.children = list(children)
        self.tell = tell
        self.changed = changed
        self.next_look = 0.0
        self.stopping = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def look_after(self) -> None:
        for child in self.children:
            sentence = child.look_after()
            if sentence and not self.stopping:
                self.tell(sentence)
        if self.changed is not None and time.monotonic() >= self.next_look:
            self._take_up_changes(self.changed())
            self.next_look = time.monotonic() + LOOK_EVERY

    def _take_up_changes(self, path: str) -> None:
        if path:
            self.tell(f"{path} changed; web and worker start again")
            for child in self.children:
                child.reload()

    def run(self, every_second: Callable[[], None]) -> None:
        """Look after the children until told to stop; `every_second` looks after the rest."""
        last = time.monotonic()
        while not self.stopping:
            self.look_after()
            if time.monotonic() - last >= 1:
                every_second()
                last = time.monotonic()
            time.sleep(0.05)

    def end(self, grace: float = GRACE) -> None:
        """SIGTERM, `grace` seconds, SIGKILL."""
        self.stopping = True
        running = [child for child in reversed(self.children) if child.process is not None]
        for child in running:
            # To the child alone: gunicorn tells its workers itself, in its own order.
            if child.process is not None:
                child.process.terminate()
        deadline = time.monotonic() + grace
        for child in running:
            if child.process is not None:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.process.wait(max(0.05, deadline - time.monotonic()))
        for child in running:
            child.signal_group(signal.SIGKILL)
            if child.process is not None:
                child.process.wait()
                child.process = None
