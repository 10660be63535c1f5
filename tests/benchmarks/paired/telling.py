"""Telling in pairs: from a move's sending until everybody who looks at the board has the card."""

from __future__ import annotations

import statistics
import time
from collections import deque
from collections.abc import Iterator

from tests.benchmarks import load
from tests.benchmarks.measure import Figures, percentile
from tests.benchmarks.paired.crowd import Crowd, Told
from tests.benchmarks.paired.rows import Place
from tests.benchmarks.paired.sides import Side, Trial
from tests.benchmarks.paired.table import PairRow, Work, in_turn, rows
from tests.benchmarks.paired.visitor import Press

PAUSE = 0.5  # seconds between two moves
FAREWELLS = 3  # moves after everybody has left
AFTER = 10.0  # seconds after the last of many moves, in which it may still arrive


def measure(trial: Trial) -> Iterator[PairRow]:
    """One move at a time, for each number of viewers."""
    for wanted, moves in zip(trial.sizes.viewers, trial.sizes.heard_moves, strict=True):
        name = f"one move until {wanted:,} viewers have the card"
        yield from trial.measure(
            lambda side, wanted=wanted, moves=moves: attended(side, trial.planted.board, wanted, moves),  # type: ignore[misc]
            [
                ("p95", f"{name}, wall p95", "ms"),
                ("last", f"{name}, wall of the last", "ms"),
                ("cpu", f"{name}, cpu (web + database)", "ms"),
                ("reads", f"{name}, cards read by viewers", ""),
            ],
        )


def measure_held(trial: Trial) -> Iterator[PairRow]:
    """Many moves a second, for a minute: one turn each."""
    wanted, a_second, seconds = trial.sizes.viewers[0], trial.sizes.held_rate, trial.sizes.held_seconds
    name = f"{a_second} moves a second for {seconds:,.0f} s, {wanted:,} viewers"
    works = [held(side, trial.planted.board, wanted, a_second, seconds) for side in trial.sides]
    yield from rows(
        in_turn(works, 1),
        [
            ("sent", f"{name}, sent", "1/s"),
            ("had", f"{name}, had by everybody", "1/s"),
            ("p95", f"{name}, wall p95 of what was had", "ms"),
            ("cpu", f"{name}, cpu a move (web + database)", "ms"),
        ],
    )


def attended(side: Side, place: Place, wanted: int, moves: int) -> Work:
    """So many viewers, and so many moves, each when everybody has the one before."""

    def once() -> Figures:
        mover = side.visitor(place.intern)
        shown = mover.open(side.port, place.path)
        presses: list[Press] = list(shown.presses())[: moves + 1]
        assert len(presses) == moves + 1, len(presses)
        crowd = Crowd(side, place, shown, wanted)
        told, used = [], []
        try:
            crowd.rest(PAUSE)
            for press in presses:
                before = side.cpu_ms()
                told.append(crowd.move(mover.post(press, place.path), press))
                used.append(side.cpu_ms() - before)
                crowd.rest(PAUSE)
        finally:
            crowd.close()
        leave(side, place)
        # The first one warms up what each process works out once.
        taken = [list(one.have.values()) for one in told[1:]]
        return {
            "p95": statistics.median(percentile(times, 0.95) for times in taken),
            "last": statistics.median(max(times) for times in taken),
            "cpu": statistics.mean(used[1:]),
            "reads": statistics.mean(len(one.asked) for one in told[1:]),
        }

    return once


def held(side: Side, place: Place, wanted: int, a_second: int, seconds: float) -> Work:
    """A move at each beat, whatever has become of the ones before; a card is moved again when everybody has it."""

    def once() -> Figures:
        mover = side.visitor(place.intern)
        shown = mover.open(side.port, place.path)
        ready = deque(shown.presses())
        crowd = Crowd(side, place, shown, wanted)
        told: list[Told] = []
        under_way: list[Told] = []
        try:
            crowd.rest(PAUSE)
            before, began = side.cpu_ms(), time.perf_counter()
            for beat in range(round(a_second * seconds)):
                crowd.rest(began + beat / a_second - time.perf_counter())
                for one in [one for one in under_way if one.is_over(wanted)]:
                    under_way.remove(one)
                    assert one.answer is not None
                    if (again := shown.put(one.answer.body, one.card)) is not None:
                        ready.append(again)
                if ready:
                    press = ready.popleft()
                    told.append(crowd.begin(mover.post(press, place.path), press))
                    under_way.append(told[-1])
            end = time.perf_counter() + AFTER
            while crowd.under_way and time.perf_counter() < end:
                crowd.pump(0.2)
            used, sent = side.cpu_ms() - before, len(told)
        finally:
            crowd.close()
        leave(side, place)
        whole = [one for one in told if one.is_over(wanted)]
        times = [after for one in whole for after in one.have.values()]
        return {
            "sent": sent / seconds,
            "had": len(whole) / seconds,
            "cpu": used / max(1, len(whole)),
            **({"p95": percentile(times, 0.95)} if times else {}),
        }

    return once


def leave(side: Side, place: Place) -> None:
    """Let the server learn that lines were cut: it does when it writes. Else the next streams of these people are too many."""
    mover = side.visitor(place.intern)
    for press in list(mover.open(side.port, place.path).presses())[:FAREWELLS]:
        load.one(side.port, mover.post(press, place.path))
        time.sleep(PAUSE / 2)
