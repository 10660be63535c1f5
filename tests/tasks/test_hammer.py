"""Fifty browsers at one card: exactly one of each round moves it, the others see the card as it is, nobody fails."""

from __future__ import annotations

import pytest

from tests.support.application import Served
from tests.tasks.hammering import hammer

CLIENTS, ROUNDS, FREE = 50, 10, 2


@pytest.mark.point(18)
def test_fifty_browsers_hammer_one_card_and_its_history_is_one_story(live_server: Served) -> None:
    together, alone = hammer(live_server.app, live_server.url, clients=CLIENTS, rounds=ROUNDS, free=FREE)
    assert together.wrong == [] and alone.wrong == []
    assert together.statuses == {200: ROUNDS, 409: (CLIENTS - 1) * ROUNDS}
    assert set(alone.statuses) == {200, 409}
    assert len(alone.blows) == CLIENTS * FREE
