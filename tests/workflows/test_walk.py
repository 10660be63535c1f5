"""Thousands of walks through the coupled machines: nobody contradicts anybody, and nobody waits for ever."""

from collections import Counter
from collections.abc import Callable

import pytest

from tests.workflows.invariants import no_two_machines_disagree
from tests.workflows.world import PEOPLE, WaitsForEver, World

WALKS = 400
STEPS = 100
AT_MOST = 3_000


def walk(world: World, absent: str | None = None) -> World:
    """People come and act for a while, then all of them leave, and the clocks alone bring everything to rest."""
    leaves_after = world.rng.choice((0, world.rng.randrange(60)))
    for step in range(STEPS):
        if step == leaves_after and absent is not None:
            world.present.discard(absent)
        nobody_waits_for_ever(world)
        somebody_acts(world)
        world.pass_time(world.now + world.rng.uniform(0, 0.6))
    world.present.clear()
    for _ in range(AT_MOST):
        nobody_waits_for_ever(world)
        if not world.awaited():
            return world
        if not somebody_acts(world):
            ring = world.next_ring()
            assert ring is not None
            world.pass_time(ring[0])
    raise WaitsForEver(f"still not at rest on day {world.now:.0f}: {world.awaited()}")


def somebody_acts(world: World) -> bool:
    acts = world.acts()
    if not acts:
        return False
    world.do(world.rng.choices(acts, [act.eagerness for act in acts])[0])
    return True


def nobody_waits_for_ever(world: World) -> None:
    for thing in world.awaited():
        if not world.is_covered(thing):
            raise WaitsForEver(f"{thing.kind} {thing.state}")


def outcomes(worlds: list[World]) -> Counter[str]:
    return Counter(
        "paid" if any(s.state == "paid" for s in w.posting.seats) else w.posting.state for w in worlds
    )


@pytest.mark.parametrize("absent", [None, *PEOPLE])
def test_the_machines_agree_and_come_to_rest_whoever_stays_away(absent: str | None) -> None:
    worlds = [walk(World(seed, at_rest=no_two_machines_disagree), absent) for seed in range(WALKS)]
    print(absent, outcomes(worlds))
