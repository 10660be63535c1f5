"""The three servers that take turns: the first build, the first build again, and the other one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from tests.benchmarks import load, servers
from tests.benchmarks.measure import Figures
from tests.benchmarks.paired.builds import Build
from tests.benchmarks.paired.rows import Place, Planted, Sizes
from tests.benchmarks.paired.table import PairRow, Work, in_turn, rows
from tests.benchmarks.paired.visitor import Visitor
from tests.benchmarks.servers import Served


@dataclass
class Side:
    """A server of a build, and those who have signed in there.

    Two servers of one build share database and people; the second one moves cards on boards of its own.
    """

    build: Build
    served: Served
    postmaster: int
    people: dict[str, Visitor] = field(default_factory=dict)
    is_second: bool = False

    @property
    def port(self) -> int:
        return self.served.port

    def cpu_ms(self) -> float:
        """What the server and the database have used of the processors; only one side is busy at a time."""
        return self.served.cpu_ms() + servers.cpu_ms(self.postmaster)

    def visitor(self, email: str) -> Visitor:
        """This person, signed in."""
        if email not in self.people:
            self.people[email] = Visitor(email).sign_in(self.port)
        return self.people[email]


@dataclass(frozen=True)
class Trial:
    """Who is measured, on what."""

    first: Side
    again: Side
    other: Side
    planted: Planted
    sizes: Sizes

    def spread(self, side: Side) -> list[Place]:
        """The boards on which this side moves cards."""
        half = len(self.planted.spread) // 2
        return self.planted.spread[half:] if side.is_second else self.planted.spread[:half]

    @property
    def sides(self) -> tuple[Side, Side, Side]:
        return self.first, self.again, self.other

    def measure(
        self, work: Callable[[Side], Work | None], names: Sequence[tuple[str, str, str]]
    ) -> Iterator[PairRow]:
        """The work of each side in turn, as rows (key of a figure, its name, its unit)."""
        yield from rows(in_turn([work(side) for side in self.sides], self.sizes.rounds), names)


def asking(side: Side, request: bytes, times: int, connections: int = 1) -> Work:
    """Ask the same again and again: latencies, requests a second that were answered, processor time of one."""

    def once() -> Figures:
        load.run(side.port, [[request] * -(-times // (8 * connections))] * connections)
        before = side.cpu_ms()
        came = load.run(side.port, [[request] * -(-times // connections)] * connections)
        used = side.cpu_ms() - before
        assert connections > 1 or not came.bad, came.bad[0]
        good = len(came.taken) - len(came.bad)
        return {**came.figures, "rate": good / came.seconds, "cpu": used / len(came.taken)}

    return once
