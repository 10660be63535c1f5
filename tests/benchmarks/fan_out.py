"""Telling: one move is heard by everybody who looks at the board."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from tests.benchmarks import load, servers
from tests.benchmarks.ears import Audience
from tests.benchmarks.measure import Row, percentile, row
from tests.benchmarks.world import STREAMS_A_PERSON, Board, World

PAUSE = 0.1  # between two moves
QUIET = 6.0  # seconds in which nothing happens, to see what open streams cost by themselves


@dataclass
class Heard:
    """What an audience heard, and what that cost. Processor times are [server, database]."""

    viewers: int
    moves: list[list[float]] = field(default_factory=list)
    numbers_missing: int = 0
    joining: list[float] = field(default_factory=list)
    quiet: list[float] = field(default_factory=list)
    telling: list[float] = field(default_factory=list)
    seconds_joining: float = 0.0
    seconds_telling: float = 0.0
    kb_a_viewer: float = 0.0

    def middle(self, of: Callable[[Sequence[float]], float]) -> float:
        return statistics.median(of(taken) for taken in self.moves)

    @property
    def cpu_a_move(self) -> float:
        """Without what the same time costs when nothing is told."""
        return (sum(self.telling) - sum(self.quiet) * self.seconds_telling) / len(self.moves)


def attend(
    served: servers.Served,
    database: int | None,
    requests: Sequence[bytes],
    moves: Sequence[bytes],
    quiet: float,
) -> Heard:
    """Open all streams, be quiet for a while, then make all moves."""

    def used() -> list[float]:
        return [served.cpu_ms(), servers.cpu_ms(database) if database else 0.0]

    def since(before: list[float]) -> list[float]:
        return [now - then for now, then in zip(used(), before, strict=True)]

    found, before, memory = Heard(len(requests)), used(), served.pss_kb()
    began = time.monotonic()
    audience = Audience(served.port, requests)
    found.joining, found.seconds_joining = since(before), time.monotonic() - began
    try:
        audience.listen(min(1.0, quiet))
        before, began = used(), time.monotonic()
        audience.listen(quiet)
        found.quiet = [one / (time.monotonic() - began) for one in since(before)]
        found.kb_a_viewer = (served.pss_kb() - memory) / len(requests)
        before, began = used(), time.monotonic()
        for move in moves:
            found.moves.append(audience.move(move))
            audience.listen(PAUSE)
        found.telling, found.seconds_telling = since(before), time.monotonic() - began
        numbers = audience.ears[0].heard
        assert len(set(numbers)) == len(moves), numbers
        found.numbers_missing = sum(ear.heard != numbers for ear in audience.ears)
    finally:
        audience.close()
    return found


def come_again(served: servers.Served, board: Board, cookies: Sequence[str], moves: Sequence[bytes]) -> int:
    """Streams that were cut while cards were moved go on where they were; how many did not hear all of it.

    One stream a person: a server learns late that a line was cut, and a fourth one ends the oldest.
    """
    before = Audience(served.port, [load.get(f"{board.path}/stream", cookie) for cookie in cookies])
    try:
        before.move(moves[0])
        last = before.ears[0].heard[-1]
    finally:
        before.close()
    for move in moves[1:]:
        assert load.one(served.port, move).status == 200
    since = f"{board.path}/stream?since={last}"
    audience = Audience(served.port, [load.get(since, cookie) for cookie in cookies])
    try:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline and any(len(e.heard) < len(moves) - 1 for e in audience.ears):
            audience.listen(0.1)
        return sum(len(set(ear.heard)) != len(moves) - 1 for ear in audience.ears)
    finally:
        audience.close()


def measure(world: World) -> list[Row]:
    """All rows about telling."""
    sizes = world.sizes
    board = world.board(sizes.spread_cards)
    cookies = [browser.cookie for browser in world.viewers(board, sizes.viewers)]
    quiet = QUIET if sizes.viewers > 100 else 0.1
    with servers.application(world.environment, threads=sizes.stream_threads) as served:
        for _ in range(20):
            load.one(served.port, load.get(board.path, board.intern.cookie))
        streams = [load.get(f"{board.path}/stream", cookie) for cookie in cookies]
        cards = cycle(board.todo[:20])
        moves = [board.intern.move(next(cards)) for _ in range(sizes.heard_moves)]
        ours = attend(served, world.postmaster, streams, moves, quiet)
        late = [board.intern.move(next(cards)) for _ in range(4)]
        others = [browser.cookie for browser in world.viewers(board, min(150, sizes.viewers))]
        lost = come_again(served, board, others[::STREAMS_A_PERSON], late)
    with servers.floor_of_streams() as served:
        floor = attend(
            served,
            None,
            [load.get("/stream")] * sizes.viewers,
            [load.post("/move")] * sizes.heard_moves,
            quiet,
        )
    return _rows(ours, floor, lost)


def _rows(ours: Heard, floor: Heard, lost: int) -> list[Row]:
    name, wanted = f"one move to {ours.viewers:,} viewers", ours.viewers * len(ours.moves)

    def share(of: float) -> Callable[[Sequence[float]], float]:
        return lambda taken: percentile(taken, of) if taken else float("inf")

    return [
        row(f"{name}, heard", "", sum(map(len, ours.moves)), wanted, "1.00"),
        row(f"{name}, viewers who heard another story", "", ours.numbers_missing, None, "0"),
        row("viewers who missed a move after they came again", "", lost, None, "0"),
        row(f"{name}, p50", "ms", ours.middle(share(0.5)), floor.middle(share(0.5))),
        row(f"{name}, p95", "ms", ours.middle(share(0.95)), floor.middle(share(0.95)), "<= 1.5 and <= 44 ms"),
        row(
            f"{name}, last",
            "ms",
            ours.middle(lambda t: max(t, default=0)),
            floor.middle(lambda t: max(t, default=0)),
        ),
        row(
            f"{name}, cpu a move (web + database)",
            "ms",
            ours.cpu_a_move,
            floor.cpu_a_move,
            "<= 3 and <= 30 ms",
        ),
        row(
            "a viewer who joins, cpu (web + database)",
            "ms",
            sum(ours.joining) / ours.viewers,
            sum(floor.joining) / floor.viewers,
            "<= 4.3 ms",
        ),
        row(
            "a viewer who joins, cpu (web alone)",
            "ms",
            ours.joining[0] / ours.viewers,
            floor.joining[0] / floor.viewers,
        ),
        row(
            f"{ours.viewers:,} viewers and nothing to tell, cpu a second (web + database)",
            "ms",
            sum(ours.quiet),
            max(0.01, sum(floor.quiet)),
        ),
        row(
            "a viewer, memory (PSS of the web processes)",
            "KB",
            ours.kb_a_viewer,
            max(0.1, floor.kb_a_viewer),
            "<= 35 KB",
        ),
    ]
