"""Writing: a card is moved, with its history, alone and beside others, on boards of every size."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator

import psycopg

from tests.benchmarks import load, raw
from tests.benchmarks.measure import Figures, Row, interleaved, percentile, row
from tests.benchmarks.servers import Served
from tests.benchmarks.world import Board, Card, World
from webapp.launcher.postgres_places import find_binaries

Mover = tuple[Board, Card]


def moving(
    served: Served, movers: list[Mover], times: int, seen: list[float] | None = None
) -> Callable[[], Figures]:
    """Each mover has a connection and moves a card to and fro; all `taken` are added to `seen`."""

    def once() -> Figures:
        plans = [[board.intern.move(card) for _ in range(times)] for board, card in movers]
        before = served.cpu_ms()
        came = load.run(served.port, plans)
        assert not came.bad, came.bad[0]
        if seen is not None:
            seen.extend(came.taken)
        return {**came.figures, "cpu": (served.cpu_ms() - before) / len(came.taken)}

    return once


def least(floor: Served, cards: list[Card], times: int) -> Callable[[], Figures]:
    """The same to the floor's own copies of these cards."""
    requests = [load.post("/move/{}", to=to) for to in ("doing", "todo")]

    def once() -> Figures:
        plans = []
        for card in cards:
            both = [one.replace(b"/{}", f"/{card.id}".encode()) for one in requests]
            plans.append([both[n % 2] for n in range(times)])
        before = floor.cpu_ms()
        came = load.run(floor.port, plans)
        assert not came.bad, came.bad[0]
        return {**came.figures, "cpu": (floor.cpu_ms() - before) / len(came.taken)}

    return once


def bare(world: World, card: Card, times: int) -> Callable[[], Figures]:
    """The transaction alone, in a loop of psycopg."""

    def once() -> Figures:
        taken = []
        with psycopg.connect(world.app_url, autocommit=True, prepare_threshold=0) as at:
            for number in range(times):
                began = time.perf_counter()
                raw.transaction(at, card.id, ("doing", "todo")[number % 2])
                taken.append((time.perf_counter() - began) * 1000)
        return {"p50": percentile(taken, 0.5)}

    return once


def pgbench(world: World, cards: list[Card], clients: int, times: int) -> Callable[[], Figures]:
    """The transaction by the database's own measure, prepared."""
    first, last = min(card.id for card in cards), max(card.id for card in cards)
    script = "\n".join(
        (
            f"\\set card random({first}, {last})",
            "BEGIN;",
            raw.LOCK.replace("%s", ":card") + ";",
            raw.MOVE.replace("%s", "'doing'", 1).replace("%s", ":card") + ";",
            raw.AUDIT.replace("\n", " ")
            .replace("%s", ":card", 1)
            .replace("%s", "'todo'", 1)
            .replace("%s", "'doing'")
            + ";",
            "COMMIT;",
        )
    )

    def once() -> Figures:
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
            file.write(script + "\n")
            file.flush()
            done = subprocess.run(
                [str(find_binaries(None) / "pgbench"), "-n", "-M", "prepared", "-c", str(clients), "-j", "2",
                 "-t", str(times), "-f", file.name, world.app_url],
                capture_output=True, text=True, check=True,
            )  # fmt: skip
        found = re.search(r"tps = ([\d.]+) \(without", done.stdout)
        assert found is not None, done.stdout
        return {"rate": float(found[1])}

    return once


def measure(
    world: World, ours: Served, floor: Served, boards: list[Board], spread: list[Board]
) -> Iterator[Row]:
    """All rows about moving."""
    times, rounds, first = world.sizes.moves, world.sizes.rounds, boards[0]
    alone, audited = (first, first.todo[0]), _entries(world)
    moving(ours, [alone], max(2, times // 6))()
    seen: list[float] = []
    mine, same, loop, one = interleaved(
        moving(ours, [alone], times, seen),
        least(floor, [first.todo[0]], times),
        bare(world, first.todo[0], 4 * times),
        pgbench(world, first.todo, 1, 8 * times),
        rounds=rounds,
    )
    yield from (
        row("audited move, p50 c1 (floor: raw WSGI move)", "ms", mine["p50"], same["p50"], "<= 4"),
        row("audited move, p50 c1 (floor: bare transaction, psycopg)", "ms", mine["p50"], loop["p50"]),
        row("audited move, c1 (floor: pgbench c1)", "1/s", mine["rate"], one["rate"]),
        row(
            f"{len(seen)} moves, p95 c1, wall time at the client (against own p50)",
            "ms",
            percentile(seen, 0.95),
            percentile(seen, 0.5),
        ),
    )
    yield from _side_by_side(world, ours, floor, spread)
    yield from _by_size(world, ours, boards)
    yield from _bytes(ours, floor, boards)
    made = sum(
        card.move_version - 1
        for board in {b.id: b for b in (*boards, *spread)}.values()
        for card in board.todo
    )
    yield row("history entries a move", "", (_entries(world) - audited) / made, 1.0, "1.00")


def _side_by_side(world: World, ours: Served, floor: Served, spread: list[Board]) -> list[Row]:
    times, hot = max(2, world.sizes.moves // 2), spread[0]
    cards = [board.todo[0] for board in spread]
    many, one_board, same, same_hot, sql = interleaved(
        moving(ours, [(board, board.todo[0]) for board in spread], times),
        moving(ours, [(hot, card) for card in hot.todo[1 : 1 + len(spread)]], times),
        least(floor, cards, times),
        least(floor, hot.todo[1 : 1 + len(spread)], times),
        pgbench(world, hot.todo, 8, 4 * times),
        rounds=world.sizes.rounds,
    )
    c = f"c{len(spread)}"
    return [
        row(
            f"moves spread over {len(spread)} boards, {c} (floor: raw WSGI)",
            "1/s",
            many["rate"],
            same["rate"],
            ">= 0.25",
        ),
        row(
            f"moves spread over {len(spread)} boards, {c} (floor: pgbench {c})",
            "1/s",
            many["rate"],
            sql["rate"],
            ">= 0.06",
        ),
        row(f"moves spread over {len(spread)} boards, {c}, cpu a move", "ms", many["cpu"], same["cpu"]),
        row(f"moves on one hot board, {c} (floor: raw WSGI)", "1/s", one_board["rate"], same_hot["rate"]),
        row(
            f"moves on one hot board, {c} (against own, spread)",
            "1/s",
            one_board["rate"],
            many["rate"],
            ">= 0.8",
        ),
    ]


def _by_size(world: World, ours: Served, boards: list[Board]) -> list[Row]:
    found = interleaved(
        *(moving(ours, [(board, board.todo[1])], world.sizes.moves) for board in boards),
        rounds=world.sizes.rounds,
    )
    return [
        row(
            f"move on a board of {board.size:,}, p50 c1 (against own of {boards[0].size:,})",
            "ms",
            figures["p50"],
            found[0]["p50"],
            "<= 1.1" if board.size <= 2_000 else "",
        )
        for board, figures in zip(boards[1:], found[1:], strict=True)
    ]


def _bytes(ours: Served, floor: Served, boards: list[Board]) -> list[Row]:
    card = load.one(floor.port, load.get(f"/card/{boards[0].todo[0].id}"))
    rows, first = [], 0
    for board in boards:
        came = load.one(ours.port, board.intern.move(board.todo[2]))
        assert came.status == 200, came
        first = first or len(came.body)
        name = f"answer to a move among {board.size:,} cards"
        rows += [
            row(
                f"{name}, gzip -6 (floor: one raw card)",
                "bytes",
                came.gzipped,
                card.gzipped,
                "<= 3 and <= 1,017 B",
            ),
            row(
                f"{name} (against own of {boards[0].size:,})", "bytes", len(came.body), first, "0.95 to 1.05"
            ),
        ]
    return rows


def _entries(world: World) -> int:
    found = world.plain.execute("SELECT count(*) FROM history_entry WHERE subject_kind = 'task'").fetchone()
    assert found is not None
    return int(found[0])
