"""Thousands of walks through the coupled machines: no two ever disagree, and nobody waits for ever.

In each walk people act at random for about a month, one kind of them going away sooner or later; then everybody
leaves, and the clocks alone must bring to rest whatever is going on. Only where a clock has called the operator
does somebody still act: the stand-in whom the operator appoints for absent finance people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from tests.workflows.coupling import EFFECTS, Effect
from tests.workflows.invariants import no_two_machines_disagree
from tests.workflows.people import LATER, PEOPLE, People
from tests.workflows.world import Disagreement, World
from workflows import LAWS
from workflows.machine import Law

WALKS = 300
TEACH = "the walk does not know it: tests/workflows/things.py, coupling.py, events.py, and DAYS in world.py"
SOME = 600
STEPS = 100
AT_MOST = 2_000

# Chargebacks, disputes and corrections: their machines are law already, the rest of them is a later day's.
NOT_WALKED = LATER | {
    "payout.cancel",
    "funding.charge_back",
    "funding.win_back",
    "internship.freeze",
    "internship.unfreeze",
    "internship.conclude",
}


class WaitsForEver(AssertionError):
    """Something is awaited, and neither does a clock run nor is anybody there whose turn it is."""


def walk(world: World, absent: Sequence[str] = ()) -> World:
    """People come and act for a while, then all of them leave."""
    people = People(world)
    leaves = {kind: world.rng.choice((0, world.rng.randrange(8), world.rng.randrange(60))) for kind in absent}
    for step in range(STEPS):
        people.present -= {kind for kind, at in leaves.items() if at == step}
        nobody_waits_for_ever(people)
        people.somebody_acts()
        world.pass_time(world.now + world.rng.uniform(0, 0.6))
    people.present.clear()
    for _ in range(AT_MOST):
        if not people.awaited():
            return world
        nobody_waits_for_ever(people)
        if not people.somebody_acts() and (ring := world.next_ring()) is not None:
            world.pass_time(ring[0])
    raise WaitsForEver(f"not at rest on day {world.now:.0f}: {[(t.kind, t.state) for t in people.awaited()]}")


def nobody_waits_for_ever(people: People) -> None:
    for thing in people.awaited():
        if not people.is_covered(thing):
            raise WaitsForEver(f"{thing.kind} {thing.state}")


def look(seed: int, absent: Sequence[str] = (), **torn: Any) -> World:
    """One walk that is inspected after every step; a fault carries the whole story."""
    world = World(seed, inspect=no_two_machines_disagree, **torn)
    try:
        return walk(world, absent)
    except AssertionError as fault:
        fault.add_note("\n".join([f"seed {seed}, away: {absent}", *world.history]))
        raise


def paid(world: World) -> bool:
    return any(seat.state == "paid" for seat in world.posting.seats)


@pytest.mark.parametrize("absent", PEOPLE)
def test_whoever_stays_away_the_machines_agree_and_nobody_waits_for_ever(absent: str) -> None:
    for seed in range(WALKS):
        look(seed, [absent])


def test_when_everybody_is_there_most_walks_reach_paid() -> None:
    assert sum(paid(look(seed)) for seed in range(WALKS)) > WALKS * 0.7


def test_the_walks_try_every_move_of_the_law() -> None:
    tried = set[str]().union(*(look(seed, absent).tried for seed, absent in some_walks()))
    assert {f"{law.name}.{move}" for law in LAWS.values() for move in law.moves} - tried == NOT_WALKED, TEACH


# ---- Would the walk notice? A law book with something torn out must not pass. --------------------------------


def some_walks() -> Iterator[tuple[int, list[str]]]:
    """Walks of every sort: up to three kinds of people go away."""
    for seed in range(SOME):
        chance = Random(seed)
        yield seed, chance.sample(PEOPLE, chance.randrange(4))


def faults(**torn: Any) -> Iterator[AssertionError]:
    """The faults of all these walks. Which comes first is chance, and changes with each move that the law gets."""
    for seed, absent in some_walks():
        try:
            look(seed, absent, **torn)
        except AssertionError as fault:
            yield fault


def without(law: Law, *, move: str = "", clock: str = "") -> dict[str, Law]:
    """The law book with one step ("move from state") or one clock torn out of one law."""
    moves = [
        replace(m, sources=tuple(s for s in m.sources if f"{m.name} from {s}" != move))
        for m in law.moves.values()
    ]
    clocks = [c for c in law.clocks if c.kind != clock]
    torn = Law(law.name, law.states, initial=law.initial, moves=moves, clocks=clocks, resting=law.resting)
    return {**LAWS, law.name: torn}


@pytest.mark.parametrize(
    ("machine", "clock"),
    [(law.name, kind) for law in LAWS.values() for kind in dict.fromkeys(clock.kind for clock in law.clocks)],
)
def test_the_walk_sees_a_clock_that_is_missing(machine: str, clock: str) -> None:
    torn = without(LAWS[machine], clock=clock)
    seen = any(
        isinstance(f, WaitsForEver) or str(f) == "a match always has a clock" for f in faults(laws=torn)
    )
    assert seen, TEACH


@pytest.mark.parametrize(
    ("machine", "move", "fault"),
    [
        ("funding", "cancel from processing", "money in belongs to a match that stands, or has gone back"),
        ("funding", "refund from secured", "money in belongs to a match that stands, or has gone back"),
        ("application", "release from accepted", "should move one accepted application, but moved 0"),
        ("application", "reject from offered", "an offer holds a free seat, and no two offers hold one"),
        ("submission", "recall from submitted", "should move one newest submission, but moved 0"),
        ("payout", "confirm from sending", "not at rest on day"),
        ("internship", "settle from reviewed", "an internship is paid exactly when its base payout is"),
        ("funding", "settle from secured", "a funding is settled when every unit of the cap has left"),
        ("posting", "finish from closing", "posting closing"),
    ],
)
def test_the_walk_sees_a_move_that_is_missing(machine: str, move: str, fault: str) -> None:
    assert any(fault in str(seen) for seen in faults(laws=without(LAWS[machine], move=move)))


@pytest.mark.parametrize(
    "torn",
    [
        pytest.param(effect, id=f"{effect.cause} on {effect.on}")
        for effect in EFFECTS
        if effect.cause not in NOT_WALKED
    ],
)
def test_the_walk_sees_a_coupling_that_is_missing(torn: Effect) -> None:
    fault = next(faults(effects=[effect for effect in EFFECTS if effect is not torn]), None)
    assert isinstance(fault, Disagreement)
