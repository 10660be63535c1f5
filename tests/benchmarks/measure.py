"""Rows of figures: medians of interleaved rounds, each beside the least that the same work could cost."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

Figures = dict[str, float]
ROUNDS = 3
WIDTH = 92


@dataclass
class Row:
    """One figure: the median of all rounds, in `unit`; `floor` is what it is held against, `ratio` how many times that."""

    name: str
    value: float
    unit: str
    floor: float | None
    ratio: float | None
    goal: str = ""


def row(name: str, unit: str, value: float, floor: float | None = None, goal: str = "") -> Row:
    """A row, with its ratio where there is a floor."""
    ratio = round(value / floor, 3) if floor else None
    return Row(name, round(value, 3), unit, None if floor is None else round(floor, 3), ratio, goal)
    #     print(".", end="", file=sys.stderr, flush=True)


def interleaved(*works: Callable[[], Figures], rounds: int = ROUNDS) -> list[Figures]:
    """All of them one after the other, `rounds` times; of each the median of every figure."""
    found: list[list[Figures]] = [[] for _ in works]
    for _ in range(rounds):
        for place, work in enumerate(works):
            found[place].append(work())
    return [{name: statistics.median(one[name] for one in runs) for name in runs[0]} for runs in found]


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` of all values are."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def median_ms(work: Callable[[], Any], runs: int) -> float:
    """The median of `runs` runs after a warm-up, in milliseconds."""
    for _ in range(max(3, runs // 10)):
        work()
    taken = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return statistics.median(taken)


def header() -> str:
    """What stands above the rows."""
    return f"{'what':<{WIDTH}}  {'median':>10} {'':<6} {'floor':>10}  {'ratio':>7}  goal"


def line(one: Row) -> str:
    """A row as text."""
    floor = f"{one.floor:10.3f}" if one.floor is not None else " " * 10
    ratio = f"{one.ratio:7.2f}" if one.ratio is not None else " " * 7
    return f"{one.name:<{WIDTH}}  {one.value:10.3f} {one.unit:<6} {floor}  {ratio}  {one.goal}".rstrip()


def write(rows: Sequence[Row], where: Path) -> None:
    """The rows as a file that other programs read."""
    where.parent.mkdir(exist_ok=True)
    where.write_text(json.dumps([asdict(one) for one in rows], indent=2) + "\n")
