"""Many open streams in one thread: when each of them heard what."""

from __future__ import annotations

import re
import select
import socket
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.benchmarks import load

NUMBER = re.compile(rb"id: (\d+)")
OPENERS = 8
PATIENCE = 30.0


class Ear:
    """One stream; `heard` are the numbers of the changes in the order in which they came."""

    def __init__(self, port: int, request: bytes) -> None:
        self.heard: list[int] = []
        self.left = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.sendall(request)
        while b"retry:" not in self.left:
            came = self.socket.recv(4096)
            if not came or b" 200 " not in (self.left + came)[:20]:
                raise ConnectionError(f"no stream: {(self.left + came)[:300]!r}")
            self.left += came
        self.left = self.left.partition(b"retry:")[2]
        self.socket.setblocking(False)

    def read(self) -> int:
        """Take in what came; how many changes it told."""
        came = self.socket.recv(65_536)
        if not came or b"event: bye" in came:
            raise ConnectionError(f"a stream ended after {self.heard}: {came!r}")
        *whole, self.left = (self.left + came).split(b"\n\n")
        numbers = [
            int(found[1]) for part in whole if b"event: card" in part and (found := NUMBER.search(part))
        ]
        self.heard += numbers
        return len(numbers)


class Audience:
    """All streams, read while cards are moved."""

    def __init__(self, port: int, requests: Sequence[bytes]) -> None:
        self.port = port
        with ThreadPoolExecutor(OPENERS) as openers:
            self.ears = list(openers.map(lambda request: Ear(port, request), requests))
        self.poll = select.epoll()
        self.by_number = {ear.socket.fileno(): ear for ear in self.ears}
        for number in self.by_number:
            self.poll.register(number, select.EPOLLIN)

    def move(self, request: bytes) -> list[float]:
        """Send a move; the milliseconds until each stream told it (fewer than there are streams: some did not)."""
        self.listen(0.0)
        taken: list[float] = []
        answered, mover = None, load.Connection(self.port)
        self.poll.register(mover.socket.fileno(), select.EPOLLIN)
        began = time.perf_counter()
        mover.send(request)
        while (len(taken) < len(self.ears) or answered is None) and time.perf_counter() - began < PATIENCE:
            for number, _event in self.poll.poll(1.0):
                ear = self.by_number.get(number)
                if ear is None:
                    answered = answered or mover.read()
                elif ear.read():
                    taken.append((time.perf_counter() - began) * 1000)
        mover.close()
        assert answered is not None and answered.status == 200, answered
        return taken

    def listen(self, seconds: float) -> int:
        """Read for a while; how many changes were told."""
        end, told = time.monotonic() + seconds, 0
        while True:
            for number, _event in self.poll.poll(max(0.0, end - time.monotonic())):
                told += self.by_number[number].read()
            if time.monotonic() >= end:
                return told

    def close(self) -> None:
        self.poll.close()
        for ear in self.ears:
            ear.socket.close()
