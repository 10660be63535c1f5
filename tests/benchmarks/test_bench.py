"""The benchmark measures what it says: a tiny one has every row, in shape, and every viewer hears every move.

Never milliseconds: those are for `make bench`, on a quiet machine.
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from tests.benchmarks import measure
from tests.benchmarks.__main__ import measured
from tests.benchmarks.measure import Row
from tests.benchmarks.world import Sizes, World
from tests.support.postgres import TestDatabase

TINY = Sizes(
    boards=(20, 120), spread=2, spread_cards=20, requests=4, moves=4, viewers=10, heard_moves=5, rounds=1, stream_threads=8
)  # fmt: skip


def named(rows: list[Row], *words: str) -> Row:
    found = [row for row in rows if all(word in row.name for word in words)]
    assert len(found) == 1, (words, [row.name for row in rows])
    return found[0]


@pytest.mark.point(17)
def test_a_tiny_benchmark_has_every_row_and_every_viewer_hears_every_move(
    database: TestDatabase, tmp_path: Path
) -> None:
    world = World(database.app_url, database.owner_url, tmp_path, TINY)
    try:
        rows = list(measured(world))
    finally:
        world.close()
    for words in (
        ("board of 20, first view", "as many cards", "p50 c1"),
        ("own first view of 120 cards against own of 20",),
        ("first view windowed, c8", "as many cards"),
        ("first view windowed, c32", "the whole board"),
        ("partial: one card, p50",),
        ("audited move", "raw WSGI move"),
        ("audited move", "pgbench"),
        ("moves, p95",),
        ("moves on one hot board", "against own, spread"),
        ("move on a board of 120", "against own of 20"),
        ("one move to 10 viewers, p95",),
        ("one move to 10 viewers, cpu",),
        ("a viewer who joins, cpu (web + database)",),
        ("a viewer, memory",),
    ):
        assert named(rows, *words).floor is not None
    assert named(rows, "state machine").value > 0 and named(rows, "job's row").value > 0
    heard = named(rows, "viewers, heard")
    assert (heard.value, heard.floor, heard.ratio) == (50, 50, 1.0)
    assert named(rows, "another story").value == 0
    assert named(rows, "came again").value == 0
    assert named(rows, "history entries a move").value == 1.0
    assert named(rows, "answer to a move among 120 cards (").ratio == pytest.approx(1.0, abs=0.05)
    file = tmp_path / "bench.json"
    measure.write(rows, file)
    for told in json.loads(file.read_text()):
        assert {"name", "value", "unit", "floor", "ratio"} <= set(told)
        assert math.isfinite(told["value"])
