"""`make bench ARGS="paired 7fb3208 [OTHER] [PART …]"`: the parts are `PARTS`."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import psycopg

from tests.benchmarks import load, servers
from tests.benchmarks.measure import Figures
from tests.benchmarks.paired import copying, moving, overload, reading, statements, table, telling
from tests.benchmarks.paired.builds import HERE, check_out
from tests.benchmarks.paired.rows import Sizes, plant
from tests.benchmarks.paired.sides import Side, Trial
from tests.benchmarks.paired.table import PairRow, Work
from webapp.launcher import embedded_postgres
from webapp.launcher.postgres_server import APP_ROLE, OWNER_ROLE, SUPERUSER, Server

WARM = 20
PARTS = ("boards", "moves", "lists", "statements", "history", "fan_out", "held", "overload", "machine")
ASKED_FOR = ("held", "overload")
"""What is measured only when it is named."""
USUAL = tuple(part for part in PARTS if part not in ASKED_FOR)
ROWS = "rows_for_all"
USAGE = f"""usage: make bench ARGS="paired COMMIT [OTHER] [PART …]"
COMMIT is measured against OTHER, which is HEAD unless named; "." is the working tree as it is.
Parts: {", ".join(PARTS)}; without a name all but {", ".join(ASKED_FOR)}."""


def main(arguments: Sequence[str]) -> int:
    """Print the table of two builds."""
    names = [one for one in arguments if one not in PARTS]
    parts = tuple(one for one in PARTS if one in arguments) or USUAL
    if not 1 <= len(names) <= 2:
        print(USAGE, file=sys.stderr)
        return 2
    first, other = (*names, "HEAD")[:2]
    print(f"{first} against {other}: {about()}", flush=True)
    print(table.header(first, other), flush=True)
    with tempfile.TemporaryDirectory(prefix="paired-") as folder:
        home = Path(folder).resolve()
        home.chmod(0o711)
        server = embedded_postgres.start(home)
        try:
            for one in compared(first, other, home, server, Sizes(), parts):
                print(table.line(one), flush=True)
        finally:
            server.stop()
            shutil.rmtree(server.home, ignore_errors=True)  # it may lie outside of our folder
    return 0


def about() -> str:
    """What a reader must know of the machine and of how it was used."""
    cores, before = os.cpu_count() or 1, os.getloadavg()[0]
    return (
        f"{cores} cores, shared by load generator, servers (2 processes each) and database; "
        f"load average before {before:.2f}; "
        f"Python {platform.python_version()}"
    )


def compared(
    first: str, other: str, home: Path, server: Server, sizes: Sizes, parts: tuple[str, ...]
) -> Iterator[PairRow]:
    """All rows of these parts, as they are found."""
    with ExitStack() as ends:
        ours = check_out(HERE, 0, home, server)
        builds = [check_out(name, place, home, server) for place, name in enumerate((first, other), start=1)]
        ours.database = ROWS
        ours.migrate()
        planted = plant(ours.url(APP_ROLE), ours.url(OWNER_ROLE), ours.state, sizes, parts)
        for build in builds:
            build.migrate()
            copying.fill(build, ROWS, ours)
        watch = ends.enter_context(psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True))
        found = watch.execute("SELECT pg_backend_pid()").fetchone()
        assert found is not None
        postmaster = servers.parent_of(int(found[0]))
        served = [ends.enter_context(build.serve()) for build in (builds[0], *builds)]
        one = Side(builds[0], served[0], postmaster)
        again = Side(builds[0], served[1], postmaster, one.people, is_second=True)
        trial = Trial(one, again, Side(builds[1], served[2], postmaster), planted, sizes)
        for side in trial.sides:
            warm = side.visitor(planted.board.intern).get(planted.board.path)
            load.run(side.port, [[warm] * WARM])
        for part in parts:
            yield from MEASURES[part](trial)


def machine(trial: Trial) -> Iterator[PairRow]:
    """How long a server takes to start, and its memory after some work: a new server each time."""
    requests = 10 * trial.sizes.requests

    def started(side: Side) -> Work:
        page = side.visitor(trial.planted.board.intern).get(trial.planted.board.path)

        def once() -> Figures:
            began = time.perf_counter()
            with side.build.serve() as served:
                answer = load.one(served.port, load.get("/"))
                taken = 1000 * (time.perf_counter() - began)
                assert answer.status < 400, answer
                load.run(served.port, [[page] * (requests // 2)] * 2)
                return {"start": taken, "memory": served.pss_kb() / 1024}

        return once

    yield from trial.measure(
        started,
        [
            ("start", "process start to first page", "ms"),
            ("memory", f"memory of the web processes after {requests:,} boards (PSS)", "MB"),
        ],
    )


MEASURES: dict[str, Callable[[Trial], Iterator[PairRow]]] = {
    "boards": reading.measure_boards,
    "moves": moving.measure,
    "lists": reading.measure_lists,
    "statements": statements.measure,
    "history": reading.measure_history,
    "fan_out": telling.measure,
    "held": telling.measure_held,
    "overload": overload.measure,
    "machine": machine,
}
