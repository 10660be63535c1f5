"""Reading: the first view of a board, and one card of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.benchmarks import load
from tests.benchmarks.measure import Figures, Row, interleaved, row
from tests.benchmarks.servers import Served
from tests.benchmarks.world import Board, World


def asking(served: Served, request: bytes, times: int, connections: int = 1) -> Callable[[], Figures]:
    """Ask the same again and again: latencies, requests a second, processor time a request."""

    def once() -> Figures:
        load.run(served.port, [[request] * -(-times // (8 * connections))] * connections)
        before = served.cpu_ms()
        came = load.run(served.port, [[request] * -(-times // connections)] * connections)
        assert not came.bad, came.bad[0]
        return {**came.figures, "cpu": (served.cpu_ms() - before) / len(came.taken)}

    return once


def measure(world: World, ours: Served, floor: Served, boards: list[Board]) -> Iterator[Row]:
    """All rows about reading."""
    own = 0.0
    for board in boards:
        found = _first_view(world, ours, floor, board)
        yield from found
        if own:
            name = f"own first view of {board.size:,} cards against own of {boards[0].size:,}, p50 c1"
            yield row(name, "ms", found[0].value, own, "<= 1.5")
        own = own or found[0].value
    yield from _under_load(world, ours, floor, boards[0])
    yield from _one_card(world, ours, floor, boards[0])


def _first_view(world: World, ours: Served, floor: Served, board: Board) -> list[Row]:
    """`first view` is windowed: 25 cards a column. It is held against the floor of as many cards, and of all."""
    page = load.get(board.path, board.intern.cookie)
    answer = load.one(ours.port, page)
    shown = answer.body.count(b'id="card-')
    assert shown == min(board.size, 100), (shown, answer.status)
    times = world.sizes.requests
    whole = times if board.size <= 2_000 else max(4, times // 20)
    mine, same, all_of_it, ready = interleaved(
        asking(ours, page, times),
        asking(floor, load.get(f"/window/{board.id}"), times),
        asking(floor, load.get(f"/whole/{board.id}"), whole),
        asking(floor, load.get(f"/fragments/{board.id}"), times),
        rounds=world.sizes.rounds,
    )
    name = f"board of {board.size:,}, first view windowed to {shown} cards"
    least = load.one(floor.port, load.get(f"/window/{board.id}"))
    return [
        row(f"{name}, p50 c1 (floor: as many cards)", "ms", mine["p50"], same["p50"], "<= 1.6"),
        row(f"{name}, p50 c1 (floor: the whole board)", "ms", mine["p50"], all_of_it["p50"], "<= 1.6"),
        row(f"{name}, p50 c1 (floor: ready fragments)", "ms", mine["p50"], ready["p50"], "stretch <= 3"),
        row(f"{name}, p95 c1 (against own p50)", "ms", mine["p95"], mine["p50"], "<= 2"),
        row(f"{name}, cpu a request", "ms", mine["cpu"], same["cpu"]),
        row(f"{name}, gzip -6 (floor: its raw page)", "bytes", answer.gzipped, least.gzipped, "<= 15,700 B"),
    ]


def _under_load(world: World, ours: Served, floor: Served, board: Board) -> list[Row]:
    rows = []
    page, least = load.get(board.path, board.intern.cookie), load.get(f"/window/{board.id}")
    for connections in (8, 32):
        mine, same, whole = interleaved(
            asking(ours, page, 2 * world.sizes.requests, connections),
            asking(floor, least, 2 * world.sizes.requests, connections),
            asking(floor, load.get(f"/whole/{board.id}"), 2 * world.sizes.requests, connections),
            rounds=world.sizes.rounds,
        )
        name = f"board of {board.size:,}, first view windowed, c{connections}"
        rows += [
            row(f"{name} (floor: as many cards)", "req/s", mine["rate"], same["rate"], ">= 0.55"),
            row(f"{name} (floor: the whole board)", "req/s", mine["rate"], whole["rate"], ">= 0.55"),
        ]
    return rows


def _one_card(world: World, ours: Served, floor: Served, board: Board) -> list[Row]:
    card = board.todo[0].id
    part = load.get(f"/tasks/{card}/card", board.intern.cookie, htmx=True)
    answer, least = load.one(ours.port, part), load.one(floor.port, load.get(f"/card/{card}"))
    assert answer.status == 200, answer
    mine, same = interleaved(
        asking(ours, part, 2 * world.sizes.requests),
        asking(floor, load.get(f"/card/{card}"), 2 * world.sizes.requests),
        rounds=world.sizes.rounds,
    )
    return [
        row("partial: one card, p50 c1", "ms", mine["p50"], same["p50"], "<= 2.5"),
        row("partial: one card, cpu a request", "ms", mine["cpu"], same["cpu"]),
        row(
            "partial: one card, gzip -6 (floor: one raw card)", "bytes", answer.gzipped, least.gzipped, "<= 3"
        ),
    ]
