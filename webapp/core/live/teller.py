"""What is said to whom when something changed: each message made once, in the order of the changes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from webapp.core.lifecycle import history
from webapp.core.lifecycle.changes import Change
from webapp.core.live.connections import (
    BoardFeed,
    Channel,
    Connection,
    Message,
    Viewer,
    cached_message,
    card_message,
    reload_message,
)

log = logging.getLogger(__name__)
ADD_UP_EVERY = 30.0
Missed = dict[tuple[Channel, int], "list[Change] | None"]  # what those who heard so much did not hear


class Teller:
    """Tells the streams of this process. `boards()` are those that somebody looks at, by kind, `streams(board)` who does;
    `ask` runs something that may read the database.
    """

    def __init__(
        self,
        sources: Mapping[str, BoardFeed],
        boards: Callable[[], dict[str, set[int]]],
        streams: Callable[[Channel], list[Connection]],
        ask: Callable[[Callable[[], Any]], Any],
    ) -> None:
        self._sources, self._boards, self._streams, self._ask = sources, boards, streams, ask
        self._written, self._added_up = -1, 0.0

    def tell(self, change: Change) -> None:
        """One change, to all who look at a board on which it is to be seen."""
        missed: Missed = {}
        for kind, ids in self._boards().items():
            source = self._sources[kind]
            card = self._card_of(source, change)
            messages: dict[tuple[int, str | None], Message] = {}  # each is made once, however many look
            for board_id in self._boards_of(source, change, ids):
                streams = self._streams((kind, board_id))
                drawn = self._drawn(source, change, streams) if card else {}
                for stream in streams:
                    html = drawn.get(stream.viewer, "") if source.draw is not None else None
                    if source.since is None:
                        stream.heard += 1
                        if card is not None:
                            stream.say(cached_message(messages, change, card, stream.heard, html))
                    elif change.n == stream.heard + 1:
                        if card is None or stream.say(cached_message(messages, change, card, change.n, html)):
                            stream.heard = change.n
                    elif change.n > stream.heard:
                        # What came between must come first: notifications of two commits may overtake each other.
                        self._catch_up(stream, change.n, missed)

    def _drawn(self, source: BoardFeed, change: Change, streams: list[Connection]) -> Mapping[Viewer, str]:
        viewers = {stream.viewer for stream in streams if stream.rights is not None}
        if source.draw is None or not viewers:
            return {}
        try:
            drawn: Mapping[Viewer, str] = self._ask(partial(source.draw, change, viewers))
            return drawn
        except Exception:  # then their pages read the card by themselves
            log.exception("a card that changed could not be drawn")
            return {}

    def _card_of(self, source: BoardFeed, change: Change) -> int | None:
        asks = source.reads_card(change)
        return self._ask(partial(source.card_of, change)) if asks else source.card_of(change)

    def _boards_of(self, source: BoardFeed, change: Change, ids: set[int]) -> set[int]:
        find = partial(source.boards_of, change, ids)
        return self._ask(find) if source.reads_boards else find()

    def look(self) -> None:
        """What no notification told: read from the database how far each board is."""
        missed: Missed = {}
        boards = self._boards()
        quiet = self._is_quiet(boards)
        for kind, ids in boards.items():
            source = self._sources[kind]
            if quiet and source.since is None:
                continue
            newest: dict[int, int] = self._ask(partial(source.newest, ids))
            for board_id, n in newest.items():
                for stream in self._streams((kind, board_id)):
                    old = source.again_every and time.monotonic() - stream.drawn > source.again_every
                    if source.since is None and (n != stream.heard or old):
                        stream.heard, stream.drawn = n, time.monotonic()
                        stream.say(reload_message(n))
                    elif n > stream.heard:
                        self._catch_up(stream, n, missed)

    def _is_quiet(self, boards: Mapping[str, set[int]]) -> bool:
        """Nothing was written since the last look: the changes of boards over many internships need no adding up.

        They are added up all the same for a stream that is new, and every half minute: two transactions may end in the
        other order than their entries are numbered.
        """
        sums = [
            (kind, one) for kind, ids in boards.items() if self._sources[kind].since is None for one in ids
        ]
        if not sums:
            return True
        written: int = self._ask(history.newest_id)
        now, before = time.monotonic(), self._added_up
        new = any(stream.began >= before for board in sums for stream in self._streams(board))
        if written == self._written and not new and now - before < ADD_UP_EVERY:
            return True
        self._written, self._added_up = written, now
        return False

    def _catch_up(self, stream: Connection, n: int, missed: Missed) -> None:
        """Tell what a stream has not heard, up to change `n`; streams that `missed` the same are asked for once."""
        source, key = self._sources[stream.topic[0]], (stream.topic, stream.heard)
        assert source.since is not None
        if key not in missed:
            missed[key] = self._ask(partial(source.since, stream.topic[1], stream.heard))
        changes = missed[key]
        if changes is None:
            stream.say(reload_message(n))
        for change in changes or ():
            self._say(stream, source, change)
        stream.heard = max(stream.heard, n)

    def _say(self, stream: Connection, source: BoardFeed, change: Change) -> None:
        card = source.card_of(change)
        html = "" if source.draw is not None else None  # as many as missed it must not all ask at once
        if change.n > stream.heard and (
            card is None or stream.say(card_message(change, card, at=change.n, html=html))
        ):
            stream.heard = change.n
