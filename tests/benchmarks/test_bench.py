"""The benchmark measures what it says: a tiny one has every row, in shape, and every viewer hears every move.

Never milliseconds: those are for `make bench`, on a quiet machine.
"""

from __future__ import annotations

import json
import math
import shutil
from pathlib import Path

import pytest

from tests.benchmarks import measure
from tests.benchmarks.__main__ import measured
from tests.benchmarks.measure import Row
from tests.benchmarks.paired import rows, run, table
from tests.benchmarks.paired.builds import HERE
from tests.benchmarks.world import Sizes, World
from tests.support.postgres import TestDatabase
from webapp.launcher import embedded_postgres

TINY = Sizes(
    boards=(20, 120), spread=2, spread_cards=20, requests=4, moves=4, viewers=10, heard_moves=5, rounds=1, stream_threads=8
)  # fmt: skip


def named(of: list[Row], *words: str) -> Row:
    found = [row for row in of if all(word in row.name for word in words)]
    assert len(found) == 1, (words, [row.name for row in of])
    return found[0]


@pytest.mark.point(17)
def test_a_tiny_benchmark_has_every_row_and_every_viewer_hears_every_move(
    database: TestDatabase, tmp_path: Path
) -> None:
    world = World(database.app_url, database.owner_url, tmp_path, TINY)
    try:
        found = list(measured(world))
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
        assert named(found, *words).floor is not None
    assert named(found, "state machine").value > 0 and named(found, "job's row").value > 0
    heard = named(found, "viewers, heard")
    assert (heard.value, heard.floor, heard.ratio) == (50, 50, 1.0)
    assert named(found, "another story").value == 0
    assert named(found, "came again").value == 0
    assert named(found, "history entries a move").value == 1.0
    assert named(found, "answer to a move among 120 cards (").ratio == pytest.approx(1.0, abs=0.05)
    file = tmp_path / "bench.json"
    measure.write(found, file)
    for told in json.loads(file.read_text()):
        assert {"name", "value", "unit", "floor", "ratio"} <= set(told)
        assert math.isfinite(told["value"])


def test_a_build_beside_itself_has_every_row_and_every_viewer_gets_the_card(tmp_path: Path) -> None:
    sizes = rows.Sizes(
        board=24, whole=104, spread=2, requests=4, at_once=2, moves=3, viewers=(6,), heard_moves=(2,), held_seconds=0.5,
        entries=(5, 60), rounds=1,
    )  # fmt: skip
    parts = ("boards", "moves", "statements", "history", "fan_out", "held")
    tmp_path.chmod(0o711)
    server = embedded_postgres.start(tmp_path)
    try:
        found = {one.name: one for one in run.compared(HERE, HERE, tmp_path, server, sizes, parts)}
    finally:
        server.stop()
        shutil.rmtree(server.home, ignore_errors=True)
    assert {one.name for one in found.values() if one.first is None or one.other is None} == set()
    for name in (
        "board of 24, first view, wall p50 c1",
        "whole board of 104 (length of a page raised), cpu a request",
        "one card as a part, wall p50 c1",
        "audited move, cpu",
        "moves spread over 2 boards, c2",
        "page of an internship with 60 entries against 5, wall",
        "one move until 6 viewers have the card, wall p95",
    ):
        first, other = found[name].first, found[name].other
        assert first is not None and other is not None and first > 0 and other > 0
    assert found["audited move, statements"].ratio == 1.0
    assert found["10 moves a second for 0 s, 6 viewers, had by everybody"].other == 10.0
    assert found["answer to a move"].ratio == pytest.approx(1.0, abs=0.05)


def test_what_lies_within_the_spread_of_one_build_counts_as_equal() -> None:
    assert table.pair_row("a page", "ms", [10, 10], [11, 12], [11, 11]).is_equal
    faster = table.pair_row("a page", "ms", [10, 10], [11, 9.5], [5, 6])
    assert not faster.is_equal
    assert faster.ratio == pytest.approx(5.5 / 10)
    assert faster.spread == pytest.approx(1.1)
    assert "n/a" in table.line(table.pair_row("a page", "ms", [10], [10], []))
