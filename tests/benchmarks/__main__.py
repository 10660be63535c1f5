"""`make bench`: what a page, a move and its telling cost, beside the least that the same work could cost.

`make bench ARGS="boards moves fan_out machine"` measures some of it; the file then holds only those rows.
`make bench ARGS=statements` only counts what list pages ask the database, at 4, 40 and 400 rows.
`make bench ARGS="paired 7fb3208"` measures two builds side by side: see tests/benchmarks/paired/run.py.
"""

from __future__ import annotations

import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks import boards, fan_out, measure, moves, servers, statements
from tests.benchmarks.measure import Row, median_ms, row
from tests.benchmarks.paired import run
from tests.benchmarks.world import Sizes, World
from tests.support.postgres import run_migrations
from webapp.core.database.jobs import SEND_MAIL, defer
from webapp.core.database.transactions import unit_of_work
from webapp.launcher import embedded_postgres
from workflows import task as task_law

RESULTS = servers.ROOT / "instance" / "bench.json"
PARTS = ("boards", "moves", "fan_out", "machine")
FILES = 8_192


def measured(world: World, parts: tuple[str, ...] = PARTS) -> Iterator[Row]:
    """All rows of these parts, as they are found."""
    if {"boards", "moves"} & set(parts):
        made = [world.board(size) for size in world.sizes.boards]
        spread = [world.board(world.sizes.spread_cards) for _ in range(world.sizes.spread)]
        world.plain.execute("ANALYZE")
        with servers.application(world.environment) as ours, servers.floor(world.environment) as floor:
            if "boards" in parts:
                yield from boards.measure(world, ours, floor, made)
            if "moves" in parts:
                yield from moves.measure(world, ours, floor, made, spread)
    if "fan_out" in parts:
        yield from fan_out.measure(world)
    if "machine" in parts:
        yield from in_process(world)


def in_process(world: World) -> list[Row]:
    """What needs no server."""

    def enqueue() -> None:
        with unit_of_work():
            defer(SEND_MAIL, mail_id=0)

    trigger = median_ms(lambda: [task_law.LAW.target("todo", "start") for _ in range(1000)], 20)
    with world.app.app_context():
        job = median_ms(enqueue, 60)
    return [
        row("state machine, one trigger", "us", trigger),
        row("a job's row in our transaction", "ms", job),
    ]


def main(arguments: list[str]) -> int:
    """Print the table and write instance/bench.json."""
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    wanted = FILES if most == resource.RLIM_INFINITY else min(FILES, most)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))
    if arguments[:1] == ["paired"]:
        return run.main(arguments[1:])
    parts = tuple(part for part in PARTS if part in arguments) or PARTS
    print(f"load average before: {', '.join(f'{one:.2f}' for one in os.getloadavg())}", flush=True)
    if arguments != ["statements"]:
        print(measure.header(), flush=True)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder).resolve()
        state.chmod(0o711)
        server = embedded_postgres.start(state)
        try:
            run_migrations(server.owner_url)
            if arguments == ["statements"]:
                for said in statements.table(server.app_url, server.owner_url, state):
                    print(said, flush=True)
                return 0
            world = World(server.app_url, server.owner_url, state, Sizes())
            for one in measured(world, parts):
                print(measure.line(one), flush=True)
                rows.append(one)
            world.close()
        finally:
            server.stop()
            shutil.rmtree(server.home, ignore_errors=True)  # it may lie outside of our folder
    measure.write(rows, RESULTS)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
