"""Kill web, worker or database with -9 at each named point around a transfer; afterwards there is exactly one.

The points need no hook in the product. Before a commit: somebody else holds the internship's lock, so that the
transaction waits at its very end of the way. Around the call: the Stripe simulator hangs before or after it did the work.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import requests

from tests.soak.ground import Ground
from tests.soak.installation import Installation

POINTS = (
    "before the claim is committed",
    "before the call",
    "after the call",
    "before the result is committed",
)
TARGETS = ("web", "worker", "database")
LONGEST = 90.0  # seconds until what was left in the middle must be settled


@dataclass
class Tally:
    """What came of the kills: how long recovery took (seconds), and every sentence of what is wrong."""

    kills: dict[tuple[str, str], int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def eventually(true: Callable[[], bool], what: str, seconds: float = LONGEST) -> float:
    """Wait until it is so; how long it took."""
    began = time.monotonic()
    while True:
        try:
            if true():
                return time.monotonic() - began
        except Exception:  # the database may be away for a moment
            if time.monotonic() - began > seconds:
                raise
        if time.monotonic() - began > seconds:
            raise AssertionError(f"{what} did not happen within {seconds:.0f} s")
        time.sleep(0.05)


def kill_at(ground: Ground, point: str, target: str, tally: Tally) -> None:
    """One kill at one point, and what came of it."""
    payout_id, internship_id = ground.approved()
    pressing = threading.Thread(target=ground.release, args=(payout_id,))
    if point == POINTS[0]:
        with ground.lock_held(internship_id):
            pressing.start()
            eventually(ground.somebody_waits_for_a_lock, "the release waiting for its lock", 15)
            ground.kill(target)
    elif point in POINTS[1:3]:
        ground.control("faults", kind="hang", path="/v1/transfers$", seconds=3, after=point == POINTS[2])
        pressing.start()
        if point == POINTS[2]:
            eventually(lambda: bool(ground.transfers(payout_id)), "the transfer", 30)
        else:
            eventually(lambda: _asks(ground), "the call", 30)
        ground.kill(target)
    else:
        ground.control("faults", kind="slow", method="GET", path="/v1/transfers/tr_", seconds=1.5)
        pressing.start()
        eventually(lambda: bool(ground.transfers(payout_id)), "the transfer", 30)
        with ground.lock_held(internship_id):
            eventually(ground.somebody_waits_for_a_lock, "the result waiting for its lock", 15)
            ground.kill(target)
    ground.everything_answers()
    began = time.monotonic()
    pressing.join(LONGEST)
    eventually(lambda: ground.is_settled(payout_id), f"{point}, {target} killed: the payment")
    tally.seconds.append(time.monotonic() - began)
    tally.kills[point, target] = tally.kills.get((point, target), 0) + 1
    tally.wrong += [f"{point}, {target} killed: {one}" for one in ground.wrong(payout_id)]
    ground.control("faults/clear")


def _asks(ground: Ground) -> bool:
    """Stripe has the request in its hands: the fault was taken."""
    state = requests.get(f"{ground.simulator}/_simulator/state", timeout=30).json()
    return not any(fault["times_left"] for fault in state["faults"])


def tell(times: int) -> Tally:
    """Kill each part at each point so many times, in one installation."""
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        installation = Installation(Path(folder).resolve())
        installation.start()
        try:
            installation.find_database()
            ground = Ground(installation)
            for number in range(1, times + 1):
                for point in POINTS:
                    for target in TARGETS:
                        kill_at(ground, point, target, tally)
                print(f"  points: round {number} of {times}, wrong: {tally.wrong or 'nothing'}", flush=True)
            ground.close()
        except BaseException:
            print((installation.state_dir / "soak.log").read_text()[-4000:], flush=True)
            raise
        finally:
            installation.stop()
    return tally


def main(times: int) -> int:
    """Print what was killed where, how long it took to be settled, and what is wrong."""
    tally = tell(times)
    for point in POINTS:
        kills = ", ".join(f"{target} {tally.kills.get((point, target), 0)}" for target in TARGETS)
        print(f"  {point}: {kills}")
    taken = sorted(tally.seconds)
    print(
        f"points: {sum(tally.kills.values())} kills; settled after median {taken[len(taken) // 2]:.1f} s, "
        f"at most {taken[-1]:.1f} s; wrong: {tally.wrong or 'nothing, exactly one transfer each'}"
    )
    return 1 if tally.wrong else 0
