"""Everybody who looks at one board: open streams, and the reading of single cards, in one thread."""

from __future__ import annotations

import json
import re
import select
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.benchmarks import load
from tests.benchmarks.ears import OPENERS, Ear
from tests.benchmarks.paired.rows import Place
from tests.benchmarks.paired.sides import Side
from tests.benchmarks.paired.visitor import Press, Shown
from tests.benchmarks.world import STREAMS_A_PERSON

AGAIN = 1.0  # seconds until a viewer who was refused a card asks again
PATIENCE = 120.0  # seconds that a move may take to reach everybody
A_BROWSER = 6  # connections that a browser opens to one server


class Viewer(Ear):
    """An open board: its stream, and the cards that it still has to read by itself."""

    def __init__(self, port: int, stream: bytes, part: bytes) -> None:
        super().__init__(port, stream)
        self.part = part
        self.waiting: deque[Told] = deque()
        self.readings = 0

    def messages(self) -> list[str]:
        """The data of each message that came."""
        came = self.socket.recv(262_144)
        if not came or b"event: bye" in came:
            raise ConnectionError(f"a stream ended: {came[:300]!r}")
        *whole, self.left = (self.left + came).split(b"\n\n")
        lines = (line for part in whole for line in part.decode().splitlines())
        return [line[6:] for line in lines if line.startswith("data: ")]


@dataclass(eq=False)
class Told:
    """One move: since when it is on its way, its answer, and after how many milliseconds which viewer had the card."""

    card: int
    mover: load.Connection
    began: float
    answer: load.Answer | None = None
    have: dict[Viewer, float] = field(default_factory=dict)
    asked: set[Viewer] = field(default_factory=set)

    def is_over(self, viewers: int) -> bool:
        return self.answer is not None and len(self.have) >= viewers


class Crowd:
    """All viewers of a board. `move` sends one move; `pump` does what is to be done, for some seconds at most."""

    def __init__(self, side: Side, place: Place, shown: Shown, wanted: int) -> None:
        """The addresses of the stream and of a card are on the board's page, the same for everybody."""
        self.side, self.shown = side, shown
        self.no_card = shown.card_address(0).encode()
        people = [side.visitor(email) for email in place.viewers[: -(-wanted // STREAMS_A_PERSON)]]
        part = shown.card_address(0)
        browsers = [
            (who.get(shown.stream), who.get(part, htmx=True))
            for who in people
            for _ in range(STREAMS_A_PERSON)
        ]
        with ThreadPoolExecutor(OPENERS) as openers:
            opened = openers.map(lambda both: Viewer(side.port, *both), browsers[:wanted])
            self.viewers = list(opened)
        self.poll = select.epoll()
        self.streams = {viewer.socket.fileno(): viewer for viewer in self.viewers}
        self.reads: dict[int, tuple[Viewer, Told, load.Connection]] = {}
        self.movers: dict[int, Told] = {}
        self.under_way: list[Told] = []
        self.later: deque[tuple[float, Viewer, Told]] = deque()
        for number in self.streams:
            self.poll.register(number, select.EPOLLIN)

    def close(self) -> None:
        self.poll.close()
        for viewer in self.viewers:
            viewer.socket.close()
        for _viewer, _told, connection in self.reads.values():
            connection.close()
        for told in self.movers.values():
            told.mover.close()

    def begin(self, request: bytes, press: Press) -> Told:
        """Send a move, and wait for nothing."""
        mover = load.Connection(self.side.port)
        told = Told(press.card, mover, time.perf_counter())
        self.movers[mover.socket.fileno()] = told
        self.under_way.append(told)
        self.poll.register(mover.socket.fileno(), select.EPOLLIN)
        mover.send(request)
        return told

    def move(self, request: bytes, press: Press) -> Told:
        """Send a move, and wait until everybody has the card."""
        told = self.begin(request, press)
        while self.under_way and time.perf_counter() - told.began < PATIENCE:
            self.pump(1.0)
        assert told.answer is not None and told.answer.status == 200, told.answer
        assert len(told.have) == len(self.viewers), f"{len(told.have)} of {len(self.viewers)} have the card"
        return told

    def rest(self, seconds: float) -> None:
        """Let time pass, and take in whatever comes."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.pump(left)

    def pump(self, seconds: float) -> None:
        """Do what there is to do now; wait for it no longer than `seconds`."""
        for number, _event in self.poll.poll(min(seconds, 0.05) if self.later else seconds):
            if number in self.streams:
                for message in self.streams[number].messages():
                    self._hear(self.streams[number], message)
            elif number in self.reads:
                self._read(number)
            elif (answer := self.movers[number].mover.read()) is not None:
                told = self.movers.pop(number)
                told.answer = answer
                self.poll.unregister(number)
                told.mover.close()
        while self.later and self.later[0][0] <= time.perf_counter():
            _when, viewer, told = self.later.popleft()
            self._ask(viewer, told)
        self.under_way = [told for told in self.under_way if not told.is_over(len(self.viewers))]

    def _hear(self, viewer: Viewer, message: str) -> None:
        for told in self.under_way:
            if carries(message, told.card):
                told.have.setdefault(viewer, 1000 * (time.perf_counter() - told.began))
            elif mentions(message, told.card) and viewer not in told.asked:
                told.asked.add(viewer)
                self._ask(viewer, told)

    def _ask(self, viewer: Viewer, told: Told) -> None:
        if viewer.readings >= A_BROWSER:
            viewer.waiting.append(told)
            return
        viewer.readings += 1
        connection = load.Connection(self.side.port)
        connection.send(viewer.part.replace(self.no_card, self.shown.card_address(told.card).encode(), 1))
        self.reads[connection.socket.fileno()] = viewer, told, connection
        self.poll.register(connection.socket.fileno(), select.EPOLLIN)

    def _read(self, number: int) -> None:
        viewer, told, connection = self.reads[number]
        answer = connection.read()
        if answer is None:
            return
        self.poll.unregister(number)
        del self.reads[number]
        connection.close()
        viewer.readings -= 1
        if answer.status == 200:
            told.have.setdefault(viewer, 1000 * (time.perf_counter() - told.began))
        else:
            self.later.append((time.perf_counter() + AGAIN, viewer, told))
        if viewer.waiting:
            self._ask(viewer, viewer.waiting.popleft())


def carries(message: str, card: int) -> bool:
    """The message has the card's markup in it, or the markup that takes it off the part of the board that pages show."""
    return any(re.search(rf"card-{card}\b", text) for text in _texts(json.loads(message)))


def mentions(message: str, card: int) -> bool:
    """The message is about this card, or about the whole board."""
    data = json.loads(message)
    return not data or re.search(rf"\b{card}\b", json.dumps(data.get("card", data))) is not None


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, dict | list):
        for one in data.values() if isinstance(data, dict) else data:
            yield from _texts(one)
