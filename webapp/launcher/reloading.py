"""A changed file is a new page within two seconds: how web and worker run in development.

Standard library only. `python -m webapp.launcher.reloading gunicorn|webapp.worker …` loads the packages that the
product imports and nothing of the product itself, then forks the real program. On SIGHUP the old program is told to
finish and a new one is forked at once, which has only our own modules to load. The listening socket belongs to the
launcher, so nobody is refused meanwhile. A program that cannot be loaded shows its traceback, in the terminal and to
the browser, until the next change.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import re
import runpy
import signal
import socket
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import NoReturn

from webapp.launcher.supervisor import die_with_parent

ROOT = Path(__file__).resolve().parents[2]
OURS = ("webapp", "workflows")
WATCHED = (".py", ".mo")
PATIENCE = 6.0  # seconds that the old program has to finish what it is doing
IMPORT = re.compile(r"^(?:from|import) ([a-z_][\w.]*)", re.MULTILINE)
HEARD = {signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGALRM}


class Watcher:
    """Says which file was changed, added or removed since it was asked before."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.seen = dict(self._files())

    def changed(self) -> str:
        """One of the changed files, as a path below the root; empty where nothing was changed."""
        now = dict(self._files())
        different = now.items() ^ self.seen.items()
        self.seen = now
        return min((path for path, _ in different), default="")

    def _files(self) -> Iterator[tuple[str, int]]:
        # The launcher itself is not reloaded: it is the one who watches.
        folders = [self.root / name for name in OURS]
        while folders:
            with contextlib.suppress(FileNotFoundError), os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        if entry.name not in ("__pycache__", "launcher"):
                            folders.append(Path(entry.path))
                    elif entry.name.endswith(WATCHED):
                        with contextlib.suppress(FileNotFoundError):
                            relative = os.path.relpath(entry.path, self.root)
                            yield relative, entry.stat().st_mtime_ns


def load_packages() -> None:
    """Import the packages that our files name at their left margin, so that each fork finds them loaded."""
    named: set[str] = set()
    for folder in OURS:
        for path in (ROOT / folder).rglob("*.py"):
            named.update(IMPORT.findall(path.read_text("utf-8", "replace")))
    for name in sorted(named):
        if name.split(".")[0] not in {*OURS, *sys.stdlib_module_names}:
            # What is wrong with an import is shown where our own module is loaded.
            with contextlib.suppress(ImportError):
                importlib.import_module(name)
    gc.freeze()


class Forks:
    """The running program and those before it that have not finished yet."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = list(arguments)
        self.current = self._fork()
        self.leaving: list[int] = []

    def _fork(self) -> int:
        pid = os.fork()
        if pid == 0:
            die_with_parent(signal.SIGKILL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
            perform(self.arguments)
        return pid

    def replace(self) -> None:
        """Fork the new program and let the old one finish meanwhile."""
        os.kill(self.current, signal.SIGTERM)
        self.leaving.append(self.current)
        self.current = self._fork()
        signal.setitimer(signal.ITIMER_REAL, PATIENCE)

    def reap(self) -> int | None:
        """Collect what has ended; the exit code where it was the running program."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return None
            if pid == 0:
                return None
            if pid == self.current:
                return os.waitstatus_to_exitcode(status)
            self.leaving = [left for left in self.leaving if left != pid]

    def end(self) -> None:
        for pid in (self.current, *self.leaving):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(ChildProcessError):
            while True:
                os.wait()

    def hurry(self) -> None:
        for pid in self.leaving:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def perform(arguments: list[str]) -> NoReturn:
    """Be the program: load the app, then serve it or work for it; never returns."""
    program, *others = arguments
    try:
        try:
            app = importlib.import_module("wsgi").app
        except Exception:
            traceback.print_exc()
            show(traceback.format_exc(), others)
        if program == "gunicorn":
            sys.argv = arguments
            runpy.run_module("gunicorn", run_name="__main__", alter_sys=False)
        else:
            importlib.import_module(program).main(app)
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        sys.stdout.flush()
        os._exit(code)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def show(trace: str, arguments: list[str]) -> NoReturn:
    """Answer every request with the traceback until the next change; without a socket of ours just wait for it."""
    leaving: list[int] = []
    bound = next(
        (argument.removeprefix("fd://") for argument in arguments if argument.startswith("fd://")), ""
    )

    class Answer(BaseHTTPRequestHandler):
        timeout = 3  # seconds that a browser has to say what it wants; nobody else is served meanwhile

        def do_GET(self) -> None:
            body = f"The app cannot be loaded. Mend the file and look again.\n\n{trace}".encode()
            self.send_response(500)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name it is called by

        def log_message(self, *_: object) -> None:
            """The terminal has the traceback already."""

    if not bound:
        while True:
            signal.pause()
    # Whoever was let in is answered before we leave; who still waits at the socket is the next program's.
    signal.signal(signal.SIGTERM, lambda number, _: leaving.append(number))
    server = HTTPServer(("127.0.0.1", 0), Answer, bind_and_activate=False)
    server.socket.close()
    server.socket = socket.socket(fileno=int(bound))
    server.socket.settimeout(0.1)
    while not leaving:
        server.handle_request()
    os._exit(0)


def main(arguments: list[str]) -> int:
    signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    load_packages()
    # A compiled file is taken for current by the second of its source: two changes in one second would be one.
    sys.dont_write_bytecode = True
    forks = Forks(arguments)
    while True:
        heard = signal.sigwait(HEARD)
        if heard == signal.SIGHUP:
            forks.replace()
        elif heard == signal.SIGALRM:
            forks.hurry()
        elif heard == signal.SIGCHLD:
            code = forks.reap()
            if code is not None:
                # As the program itself would end, so that the supervisor says why and starts us again.
                forks.hurry()
                return code if code >= 0 else die_of(-code)
        else:
            forks.end()
            return 0


def die_of(number: int) -> int:
    """End by the very signal that ended the program."""
    with contextlib.suppress(OSError):  # some cannot be handled, so need no handler taken away
        signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    time.sleep(1)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
