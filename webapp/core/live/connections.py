"""What goes over a live connection, and what the features that own boards tell the broker."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from webapp.core.lifecycle.changes import Change

LONGEST_BACKLOG = 200  # messages that a slow stream may lag behind before it is told to come again
Asked = tuple[int, bytes, int]  # a person, their session, a board
Channel = tuple[str, int]
"""A board: its kind, and the number of whose it is."""


class Viewer(NamedTuple):
    """For whom a card is drawn. Who has the same rights, language and zone sees the same."""

    person: int
    rights: Hashable
    locale: str
    zone: str


ALL = 0
"""Instead of a card's number: the change touches every card of the board."""
FAREWELL = 5.0  # seconds
MOST_BEHIND = 64 * 1024  # bytes that a slow reader's socket may lag behind
AT_ONCE = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL


class HandedOver(BaseException):
    """The stream's socket belongs to the broker now: the server lets go of its own end without a word.

    No Exception, because no handler of errors may take it for one.
    """


@dataclass(frozen=True)
class Message:
    """One message as it goes over the stream; after the `last` one the stream ends."""

    text: str
    last: bool = False

    @cached_property
    def chunk(self) -> bytes:
        """The message as HTTP/1.1 frames a part of an answer."""
        body = self.text.encode()
        return b"%x\r\n%b\r\n%b" % (len(body), body, b"0\r\n\r\n" if self.last else b"")


@dataclass(eq=False)
class Connection:
    """One open stream: who looks at what, and what they have still to hear.

    It waits for a thread to send it, or, once `take` was given its socket, it is sent by the broker itself.
    """

    topic: Channel
    person: int
    session: bytes
    heard: int
    slot: int
    locale: str = "en"
    zone: str = "UTC"
    rights: Hashable = None  # None: not known yet, then its page reads the card by itself
    began: float = field(default_factory=time.monotonic)
    drawn: float = field(default_factory=time.monotonic)
    waiting: queue.Queue[Message] = field(default_factory=lambda: queue.Queue(LONGEST_BACKLOG))
    connection: socket.socket | None = None
    behind: bytearray = field(default_factory=bytearray)
    over: bool = False
    ending: float = 0.0  # when its farewell was said, while that is still on its way
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.person, self.rights, self.locale, self.zone)

    def say(self, message: Message) -> bool:
        """Tell it. False for one that reads too slowly: it is to come again, from the last change that it has read."""
        with self._lock:
            if self.over or self.ending:
                return True
            if self.connection is not None:
                return self._send(message.chunk, last=message.last)
            try:
                self.waiting.put_nowait(message)
                return True
            except queue.Full:
                with contextlib.suppress(queue.Empty):
                    while True:
                        self.waiting.get_nowait()
                self.waiting.put_nowait(goodbye_message("stop"))
                return False

    def take(self, connection: socket.socket) -> None:
        """From now on messages go to this socket at once; first those that waited."""
        with self._lock:
            self.connection = connection
            with contextlib.suppress(queue.Empty):
                while True:
                    message = self.waiting.get_nowait()
                    self._send(message.chunk, last=message.last)

    def flush(self) -> None:
        """Send what a slow reader has room for again."""
        with self._lock:
            if self.connection is not None and self.behind and not self.over:
                waiting = bytes(self.behind)
                self.behind.clear()
                self._send(waiting)

    def may_go(self) -> bool:
        """Nothing more is to be sent; a farewell gets some seconds to reach a slow reader."""
        return self.over or bool(self.ending and time.monotonic() - self.ending > FAREWELL)

    def end(self) -> None:
        """Let go of the socket; closing twice does no harm."""
        with self._lock:
            self.over = True
            if self.connection is not None:
                self.connection.close()

    def _send(self, data: bytes, *, last: bool = False) -> bool:
        assert self.connection is not None
        sent = 0
        if not self.behind:
            try:
                sent = self.connection.send(data, AT_ONCE)
            except BlockingIOError:
                pass
            except OSError:  # the viewer has gone
                self.over = True
                return True
        self.behind += data[sent:]
        if last:
            self.ending = time.monotonic()
        if len(self.behind) > MOST_BEHIND or (self.ending and not self.behind):
            self.over = True
        return not self.over or bool(self.ending)


@dataclass(frozen=True)
class BoardFeed:
    """What the slice that owns boards of a kind tells the broker. Each is called in an app context.

    `newest(ids)` counts the changes of each board so far; `boards_of(change, ids)` says on which of these boards a
    change is to be seen, `card_of` as which card (None: as none, ALL: as every one); `allowed(streams)` which
    (person, session, id) may still look, each with its rights on that board. `draw(change, viewers)` gives the card as
    those viewers see it now: then the message carries it, and no page has to ask; `rights_of(person, id)` are the rights
    of one who begins to look, asked while their request is answered.
    `since(id, n)` gives the changes after number `n` in order, None when they are too many to be told; a board over
    several internships has no such order and no `since`: a viewer who missed something reads all of its cards again.
    Where cards also say what no history tells, they are looked at again every so many seconds. `reads_card` and
    `reads_boards` say whether `card_of` and `boards_of` ask the database about a change.
    """

    newest: Callable[[Iterable[int]], dict[int, int]]
    allowed: Callable[[Iterable[Asked]], Mapping[Asked, Hashable]]
    card_of: Callable[[Change], int | None]
    boards_of: Callable[[Change, set[int]], set[int]]
    since: Callable[[int, int], list[Change] | None] | None = None
    draw: Callable[[Change, Iterable[Viewer]], Mapping[Viewer, str]] | None = None
    rights_of: Callable[[Any, int], Hashable] = lambda person, board_id: None
    again_every: float | None = None
    reads_card: Callable[[Change], bool] = lambda change: False
    reads_boards: bool = True


def card_message(change: Change, card: int, *, at: int, html: str | None = None) -> Message:
    """A change as the browser reads it: its number, the card, its version, who did it; and how the card looks now.

    With an empty `html` the page asks for the card after a random pause, with none at once.
    """
    if card == ALL:
        return reload_message(at)
    data: dict[str, Any] = {"n": change.n, "card": card, "version": change.version, "actor": change.actor}
    if html is not None:
        data["html"] = html
    return Message(f"id: {at}\nevent: card\ndata: {json.dumps(data)}\n\n")


def reload_message(at: int) -> Message:
    """So much has changed that the whole board is to be read again."""
    return Message(f"event: again\nid: {at}\ndata: {{}}\n\n")


def goodbye_message(why: str) -> Message:
    """The server ends a stream: rights, limit or stop."""
    return Message(f'event: bye\ndata: {{"why": "{why}"}}\n\n', last=True)


def cached_message(
    known: dict[tuple[int, str | None], Message], change: Change, card: int, at: int, html: str | None
) -> Message:
    """The message for this place in the order and these viewers, made only where it was not needed before."""
    if (at, html) not in known:
        known[at, html] = card_message(change, card, at=at, html=html)
    return known[at, html]
