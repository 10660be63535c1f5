"""Statements in pairs: what a board, a move and the long pages say to the database, counted on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.benchmarks import load
from tests.benchmarks.paired.moving import pressed
from tests.benchmarks.paired.reading import board_page, long_pages
from tests.benchmarks.paired.sides import Side, Trial
from tests.benchmarks.paired.table import PairRow, pair_row
from tests.benchmarks.paired.wire import Said, listening

TIMES = 6  # of so many requests the least is taken: other work of the server falls in between
COUNTS = ("statements", "round trips")
Requests = Callable[[Side], Sequence[bytes]]


def measure(trial: Trial) -> Iterator[PairRow]:
    """Statements and round trips; beginnings and ends of transactions are round trips, and no statements."""
    board = trial.planted.board
    asked: list[tuple[str, Requests]] = [
        (f"board of {board.size:,}, first view", lambda side: [board_page(side, board)] * TIMES),
        ("audited move", lambda side: pressed(side, (trial.spread(side) or [board])[0], TIMES)),
    ]
    if trial.planted.roles:
        for name, request in long_pages(trial):
            asked.append((name, lambda side, request=request: [request(side)] * TIMES))  # type: ignore[misc]
    found = []
    for side in (trial.first, trial.other):
        with overheard(side) as (aside, said):
            found.append([counted(aside, requests(aside), said) for _name, requests in asked])
    for (name, _requests), one, other in zip(asked, *found, strict=True):
        for place, what in enumerate(COUNTS):
            yield pair_row(f"{name}, {what}", "", [one[place]], [one[place]], [other[place]])


@contextmanager
def overheard(side: Side) -> Iterator[tuple[Side, Said]]:
    """Another server of this side, with one process, whose talk with the database is counted."""
    with TemporaryDirectory(prefix="wire-") as folder:
        Path(folder).chmod(0o711)
        with (
            listening(side.build.server.socket_folder, Path(folder)) as said,
            side.build.serve(socket_folder=Path(folder), workers=1) as served,
        ):
            yield Side(side.build, served, side.postmaster, side.people), said


def counted(side: Side, requests: Sequence[bytes], said: Said) -> tuple[int, int]:
    """What one of these requests says to the database."""
    came = []
    for request in requests:
        said.forget()
        answer = load.one(side.port, request)
        assert answer.status == 200, answer
        came.append((said.statements, said.round_trips))
    return min(one for one, _ in came), min(one for _, one in came)
