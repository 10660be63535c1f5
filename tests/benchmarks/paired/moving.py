"""Moving in pairs: cards are moved on by their buttons, one after the other and on many boards at once."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks import load
from tests.benchmarks.measure import Figures
from tests.benchmarks.paired.rows import Place
from tests.benchmarks.paired.sides import Side, Trial
from tests.benchmarks.paired.table import PairRow, Work, pair_row


def measure(trial: Trial) -> Iterator[PairRow]:
    """All rows about moves."""
    sizes = trial.sizes
    yield from trial.measure(
        lambda side: moving(side, trial.spread(side)[:1], sizes.moves),
        [
            ("p50", "audited move, wall p50 c1", "ms"),
            ("p95", "audited move, wall p95 c1", "ms"),
            ("cpu", "audited move, cpu", "ms"),
        ],
    )
    name = f"moves spread over {sizes.spread} boards, c{sizes.spread}"
    yield from trial.measure(
        lambda side: moving(side, trial.spread(side), max(2, sizes.moves // 2)),
        [("rate", name, "1/s"), ("p95", f"{name}, wall p95", "ms"), ("cpu", f"{name}, cpu a move", "ms")],
    )
    yield from _answer(trial)


def pressed(side: Side, place: Place, times: int) -> list[bytes]:
    """So many moves of different cards, by the buttons that are on the board's page now."""
    visitor = side.visitor(place.intern)
    shown = visitor.open(side.port, place.path)
    found = [visitor.post(press, place.path) for press in shown.presses()][:times]
    assert len(found) == times, f"{place.path} of {side.build.name} has {len(found)} buttons, not {times}"
    return found


def moving(side: Side, places: list[Place], times: int) -> Work:
    """Each board has a connection, over which so many of its cards are moved."""

    def once() -> Figures:
        for place in places[:1]:
            load.run(side.port, [pressed(side, place, 2)])
        plans = [pressed(side, place, times) for place in places]
        before = side.cpu_ms()
        came = load.run(side.port, plans)
        used = side.cpu_ms() - before
        assert not came.bad, came.bad[0]
        return {**came.figures, "cpu": used / len(came.taken)}

    return once


def _answer(trial: Trial) -> Iterator[PairRow]:
    plain, packed = [], []
    for side in trial.sides:
        came = load.one(side.port, pressed(side, trial.spread(side)[-1], 1)[0])
        assert came.status == 200, came
        plain.append([float(len(came.body))])
        packed.append([float(came.gzipped)])
    yield pair_row("answer to a move", "bytes", *plain)
    yield pair_row("answer to a move, gzip -6", "bytes", *packed)
