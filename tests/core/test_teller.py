"""Looking for what no notification told: one row where nothing happened, the sums of a board where something did."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from webapp.core.lifecycle import history
from webapp.core.live import teller as live_teller
from webapp.core.live.connections import BoardFeed, Connection
from webapp.core.live.teller import Teller

BOARD = ("organisation", 7)


class Office:
    """A board over several internships, its viewers, and how often its changes were added up."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.changes, self.written, self.sums = 5, 100, 0
        self.streams = [Connection(BOARD, 1, b"", heard=5, slot=1)]
        feed = BoardFeed(
            newest=self._newest,
            allowed=lambda asked: {},
            card_of=lambda change: change.card,
            boards_of=lambda change, ids: ids,
        )
        monkeypatch.setattr(history, "newest_id", lambda: self.written)
        self.teller = Teller(
            {BOARD[0]: feed}, lambda: {BOARD[0]: {BOARD[1]}}, lambda board: self.streams, lambda ask: ask()
        )

    def _newest(self, ids: Iterable[int]) -> dict[int, int]:
        self.sums += 1
        return dict.fromkeys(ids, self.changes)

    def told(self, stream: int = 0) -> int:
        return self.streams[stream].waiting.qsize()

    def looks(self, times: int) -> int:
        """How often the changes are added up when it is looked so often."""
        before = self.sums
        for _ in range(times):
            self.teller.look()
        return self.sums - before


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> Office:
    return Office(monkeypatch)


def test_where_nothing_is_written_the_changes_are_added_up_once(office: Office) -> None:
    assert office.looks(10) == 1
    assert office.told() == 0


def test_what_is_written_is_added_up_and_told_at_the_next_look(office: Office) -> None:
    office.looks(3)
    office.changes, office.written = 6, 101
    assert office.looks(5) == 1
    assert office.told() == 1


def test_who_begins_to_look_with_an_old_page_is_told_although_nothing_is_written(office: Office) -> None:
    office.looks(3)
    office.streams.append(Connection(BOARD, 2, b"", heard=4, slot=1))
    assert office.looks(5) == 1
    assert (office.told(0), office.told(1)) == (0, 1)


def test_two_transactions_that_end_in_the_other_order_are_found_all_the_same(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.looks(3)
    office.changes = 6  # its entry has a lower number than one that was there already
    assert office.looks(3) == 0
    monkeypatch.setattr(live_teller, "ADD_UP_EVERY", 0.0)
    office.looks(1)
    assert office.told() == 1
