"""The score that walk and app play from names only what exists, and leaves nothing to chance."""

import pytest

from tests.workflows.coupling import (
    BY_ITSELF,
    CLOCK_RUNS_WHILE,
    CONSENT,
    CREATES,
    EFFECTS,
    ESCALATES,
    NEVER_ALONE,
    REQUIRES,
)
from tests.workflows.events import BIRTHS
from tests.workflows.things import FACTS, RELATED
from workflows import LAWS

MOVES = {f"{law.name}.{move}" for law in LAWS.values() for move in law.moves}
CLOCKS = {f"{law.name}.{clock.kind}": clock for law in LAWS.values() for clock in law.clocks}


def test_every_move_that_the_coupling_names_is_law() -> None:
    named = {effect.cause for effect in EFFECTS} | {move for effect in EFFECTS for move in effect.moves}
    assert named | NEVER_ALONE | set(REQUIRES) | set(CONSENT) | set(BY_ITSELF) <= MOVES
    assert {birth.cause for birth in CREATES} <= MOVES | set(CLOCKS)
    assert {birth.thing for birth in CREATES} <= set(LAWS)


def test_every_clock_that_the_coupling_names_is_law() -> None:
    assert set(CLOCK_RUNS_WHILE) | set(ESCALATES) <= set(CLOCKS)


def test_every_clock_of_a_payout_that_moves_nothing_calls_somebody() -> None:
    silent = {name for name, clock in CLOCKS.items() if clock.fires is None and name.startswith("payout.")}
    assert silent == set(ESCALATES)
    assert {chain[-1] for chain in ESCALATES.values()} == {"operator"}


def test_the_walk_knows_every_fact_relation_and_birth_and_no_other() -> None:
    required = {fact for facts in REQUIRES.values() for fact in facts}
    conditions = {*CONSENT.values(), *BY_ITSELF.values(), *CLOCK_RUNS_WHILE.values()}
    assert required | conditions | {birth.when for birth in CREATES} == set(FACTS)
    assert {effect.on for effect in EFFECTS} == set(RELATED)
    assert {f"{birth.thing}: {birth.each}" for birth in CREATES} == set(BIRTHS)


@pytest.mark.parametrize("name", sorted(BY_ITSELF))
def test_what_happens_by_itself_is_the_systems_to_do(name: str) -> None:
    machine, move = name.split(".")
    assert "system" in LAWS[machine].moves[move].by


def test_what_nobody_does_alone_is_entailed_by_something() -> None:
    assert {move for effect in EFFECTS for move in effect.moves} >= NEVER_ALONE


def test_a_machine_without_its_own_clock_moves_only_with_another_that_has_one() -> None:
    timed = {law.name for law in LAWS.values() if law.clocks}
    assert set(LAWS) - timed == {"task", "submission", "funding"}
    driven = {move.split(".")[0] for effect in EFFECTS for move in effect.moves}
    assert {"submission", "funding"} <= driven
