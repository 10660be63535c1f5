"""More than a server can do, in pairs: people come at a rate of their own, whether or not those before them were answered."""

from __future__ import annotations

import select
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

from tests.benchmarks import load
from tests.benchmarks.measure import Figures, percentile
from tests.benchmarks.paired.sides import Side, Trial
from tests.benchmarks.paired.table import PairRow, Work, in_turn, rows

TIMES = (1, 2, 3)  # of what the server can do
CALM = 0.1  # of it, afterwards
SETTLED = 30.0  # seconds after the last rush, from which on it should be as if nothing had been
PATIENCE = 20.0  # seconds after which a reader gives up
FULL = 16  # connections that ask without a pause, to find out what the server can do
TOLD = 503


@dataclass
class Arrivals:
    """What came of those who came: milliseconds until an answer of 200, how many were told to come back, and how many heard nothing."""

    seconds: float
    taken: list[float] = field(default_factory=list)
    told: int = 0
    silent: int = 0
    other: int = 0

    @property
    def came(self) -> int:
        return len(self.taken) + self.told + self.silent + self.other


def arrive(port: int, requests: Sequence[bytes], a_second: float, seconds: float) -> Arrivals:
    """Each arrival opens a connection of its own; those who wait longer than `PATIENCE` leave."""
    found, poll = Arrivals(seconds), select.epoll()
    waiting: dict[int, tuple[load.Connection, float]] = {}
    following, began = cycle(requests), time.perf_counter()
    due = 0
    try:
        while (now := time.perf_counter()) < began + seconds or waiting:
            while due < a_second * seconds and now >= began + due / a_second:
                due += 1
                try:
                    connection = load.Connection(port)
                    connection.send(next(following))
                except OSError:
                    found.silent += 1
                    continue
                waiting[connection.socket.fileno()] = connection, now
                poll.register(connection.socket.fileno(), select.EPOLLIN)
            for number, _event in poll.poll(0.005):
                connection, since = waiting[number]
                try:
                    answer = connection.read()
                except (OSError, ConnectionError):
                    found.silent += 1
                else:
                    if answer is None:
                        continue
                    if answer.status == 200:
                        found.taken.append((time.perf_counter() - since) * 1000)
                    elif answer.status == TOLD:
                        found.told += 1
                    else:
                        found.other += 1
                _end(waiting, poll, number)
            for number in [n for n, (_c, since) in waiting.items() if now - since > PATIENCE]:
                found.silent += 1
                _end(waiting, poll, number)
    finally:
        poll.close()
    return found


def _end(waiting: dict[int, tuple[load.Connection, float]], poll: select.epoll, number: int) -> None:
    poll.unregister(number)
    waiting.pop(number)[0].close()


def measure(trial: Trial) -> Iterator[PairRow]:
    """One turn each: what it can do, then once, twice and three times as much, then a tenth."""
    names = [("peak", f"answered with {FULL} connections that never rest", "1/s")]
    for times in TIMES:
        name = f"{times} x of what it can do"
        names += [
            (f"good{times}", f"{name}, answered, of its peak", ""),
            (f"told{times}", f"{name}, told to come back (503)", ""),
            (f"silent{times}", f"{name}, without any answer", ""),
            (f"p95{times}", f"{name}, p95 of what was answered", "ms"),
        ]
    names += [
        ("calm", "a page before, p95", "ms"),
        ("settled", f"a page {SETTLED:.0f} s after, p95", "ms"),
    ]
    yield from rows(in_turn([rush(trial, side) for side in trial.sides], 1), names)


def rush(trial: Trial, side: Side) -> Work:
    """The mix of a working day: a board, a home, open postings for a stranger."""
    who = side.visitor(trial.planted.board.intern)
    requests = [who.get(trial.planted.board.path), who.get("/home"), load.get("/postings"), who.get("/tasks")]
    seconds = trial.sizes.rush_seconds

    def once() -> Figures:
        load.run(side.port, [[one] * 5 for one in requests])
        plans = [requests * max(2, trial.sizes.requests // 4)] * FULL
        came = load.run(side.port, plans)
        peak = (len(came.taken) - len(came.bad)) / came.seconds
        found: Figures = {"peak": peak}
        calm = arrive(side.port, requests, peak * CALM, seconds / 4)
        found["calm"] = percentile(calm.taken, 0.95)
        for times in TIMES:
            here = arrive(side.port, requests, peak * times, seconds)
            found[f"good{times}"] = len(here.taken) / seconds / peak
            found[f"told{times}"] = here.told / here.came
            found[f"silent{times}"] = here.silent / here.came
            found[f"p95{times}"] = percentile(here.taken, 0.95) if here.taken else float("inf")
        arrive(side.port, requests, peak * CALM, min(SETTLED, seconds))
        settled = arrive(side.port, requests, peak * CALM, seconds / 4)
        found["settled"] = percentile(settled.taken, 0.95)
        return found

    return once
