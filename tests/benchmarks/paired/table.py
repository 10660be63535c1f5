"""The rows that are printed: the medians of two builds, their ratio, and how far two servers of the first lie apart."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.benchmarks.measure import Figures

NAMES = 74
Work = Callable[[], Figures]


@dataclass(frozen=True)
class PairRow:
    """One figure in `unit`: the median of the first build, of its second server, and of the other build.

    `ratio` is other / first; `spread` how many times apart the first build's two servers were in the round in which
    they differed most (1.0: not at all). Both None for what a build does not offer.
    """

    name: str
    unit: str
    first: float | None
    again: float | None
    other: float | None
    ratio: float | None
    spread: float | None

    @property
    def is_equal(self) -> bool:
        """The two builds lie no further apart than two servers of one of them."""
        if self.ratio is None or self.spread is None:
            return False
        return max(self.ratio, 1 / self.ratio) <= self.spread if self.ratio > 0 else False


def pair_row(
    name: str, unit: str, first: Sequence[float], again: Sequence[float], other: Sequence[float]
) -> PairRow:
    """A row of what came in each round; empty is what a build does not offer."""
    middle = [statistics.median(of) if of else None for of in (first, again, other)]
    one, _same, two = middle
    ratio = two / one if one and two is not None else None
    apart = [abs(math.log(b / a)) for a, b in zip(first, again, strict=False) if a > 0 and b > 0]
    return PairRow(
        name, unit, middle[0], middle[1], middle[2], ratio, math.exp(max(apart)) if apart else None
    )


def in_turn(works: Sequence[Work | None], rounds: int) -> list[list[Figures]]:
    """The works of first, first again and other, one after the other, so many rounds; what came, in rounds."""
    found: list[list[Figures]] = [[] for _ in works]
    for _ in range(rounds):
        for place, work in enumerate(works):
            if work is not None:
                found[place].append(work())
    return found


def rows(found: list[list[Figures]], names: Sequence[tuple[str, str, str]]) -> list[PairRow]:
    """A row for each (key of a figure, its name, its unit)."""
    return [
        pair_row(name, unit, *([one[key] for one in runs if key in one] for runs in found))
        for key, name, unit in names
    ]


def header(first: str, other: str) -> str:
    """What stands above the rows."""
    columns = f"{first[:10]:>11} {'again':>11} {other[:10]:>11}"
    return f"{'what':<{NAMES}} {'':<5} {columns}  {'ratio':>7} {'spread':>7}"


def line(one: PairRow) -> str:
    """A row as text."""
    values = " ".join(
        "        n/a" if v is None else f"{v:11,.2f}" for v in (one.first, one.again, one.other)
    )
    ratio = "      -" if one.ratio is None else f"{one.ratio:7.3f}"
    spread = "      -" if one.spread is None else f"{one.spread:7.3f}"
    return f"{one.name:<{NAMES}} {one.unit:<5} {values}  {ratio} {spread}{'  equal' if one.is_equal else ''}"
