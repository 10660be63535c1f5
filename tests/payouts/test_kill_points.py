"""Kill -9 at each named point around a transfer, once each, in a whole installation; `make soak` does it twenty times."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.soak import points
from tests.soak.installation import Installation

# The one whose death hurts most at each point; the soak kills all three at all four.
KILLS = tuple(zip(points.POINTS, ("web", "worker", "database", "worker"), strict=True))


@pytest.fixture
def ground(tmp_path: Path) -> Iterator[points.Ground]:
    installation = Installation(tmp_path.resolve())
    installation.start()
    try:
        installation.find_database()
        made = points.Ground(installation)
        yield made
        made.close()
    finally:
        installation.stop()


@pytest.mark.fault(1)
@pytest.mark.fault(2)
@pytest.mark.fault(3)
def test_whoever_is_killed_around_a_transfer_there_is_exactly_one(ground: points.Ground) -> None:
    tally = points.Tally()
    for point, target in KILLS:
        points.kill_at(ground, point, target, tally)
    assert tally.wrong == []
    assert sum(tally.kills.values()) == len(KILLS)
