"""A lean client: keep-alive HTTP/1.1 over bare sockets, any number of connections in one thread, so that it costs little."""

from __future__ import annotations

import gzip
import select
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.benchmarks.measure import Figures, percentile

HOST = "bench.example"
HTMX = "HX-Request: true\r\nHX-Request-Type: partial\r\n"
PATIENCE = 60.0


@dataclass(frozen=True)
class Answer:
    status: int
    body: bytes

    @property
    def gzipped(self) -> int:
        return len(gzip.compress(self.body, 6))


@dataclass
class Load:
    """What came of a run: `bad` are the answers that were not 200."""

    seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    bad: list[Answer] = field(default_factory=list)

    @property
    def figures(self) -> Figures:
        return {
            "p50": percentile(self.taken, 0.5),
            "p95": percentile(self.taken, 0.95),
            "rate": len(self.taken) / self.seconds,
        }


def get(path: str, cookie: str = "", *, htmx: bool = False) -> bytes:
    """The bytes of a GET."""
    head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\n"
    return (head + (f"Cookie: {cookie}\r\n" if cookie else "") + (HTMX if htmx else "") + "\r\n").encode()


def post(path: str, cookie: str = "", **fields: object) -> bytes:
    """The bytes of a form that htmx sends."""
    body = urlencode(fields)
    head = f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAccept: text/html\r\n{HTMX}"
    if cookie:
        head += f"Cookie: {cookie}\r\n"
    return (
        f"{head}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


class Connection:
    """One connection, which sends a request only when the one before is answered."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kept = b""
        self.length = -1
        self.status = 0

    def send(self, request: bytes) -> None:
        self.kept, self.length = b"", -1
        self.socket.sendall(request)

    def read(self) -> Answer | None:
        """Read what is there; the answer once it is whole."""
        came = self.socket.recv(262_144)
        if not came:
            raise ConnectionError(f"the server hung up after {self.kept[:300]!r}")
        self.kept += came
        if self.length < 0:
            head, end, body = self.kept.partition(b"\r\n\r\n")
            if not end:
                return None
            self.status = int(head[9:12])
            lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
            if not lengths:
                raise ConnectionError(f"an answer without its length: {head!r}")
            self.length, self.kept = int(lengths[0][15:]), body
        return Answer(self.status, self.kept) if len(self.kept) >= self.length else None

    def ask(self, request: bytes) -> Answer:
        self.send(request)
        while (answer := self.read()) is None:
            pass
        return answer

    def close(self) -> None:
        self.socket.close()


def one(port: int, request: bytes) -> Answer:
    """Ask once."""
    connection = Connection(port)
    try:
        return connection.ask(request)
    finally:
        connection.close()


def run(port: int, plans: Sequence[Sequence[bytes]]) -> Load:
    """Each connection sends its plan, one request after the other; all connections at once."""
    load, poll = Load(), select.epoll()
    connections = [Connection(port) for _ in plans]
    waiting = {c.socket.fileno(): (c, iter(plan)) for c, plan in zip(connections, plans, strict=True)}
    sent: dict[int, float] = {}
    try:
        began = time.perf_counter()
        for number, (connection, plan) in waiting.items():
            poll.register(number, select.EPOLLIN)
            sent[number] = time.perf_counter()
            connection.send(next(plan))
        while sent:
            ready = poll.poll(PATIENCE)
            if not ready:
                raise TimeoutError(f"no answer for {PATIENCE:.0f} s")
            for number, _event in ready:
                connection, plan = waiting[number]
                answer = connection.read()
                if answer is None:
                    continue
                load.taken.append((time.perf_counter() - sent.pop(number)) * 1000)
                if answer.status != 200:
                    load.bad.append(answer)
                following = next(plan, None)
                if following is None:
                    poll.unregister(number)
                else:
                    sent[number] = time.perf_counter()
                    connection.send(following)
        load.seconds = time.perf_counter() - began
    finally:
        poll.close()
        for connection in connections:
            connection.close()
    return load
