"""What goes over the wire to the database: statements, and how often the application waits for an answer."""

from __future__ import annotations

import re
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from select import select

SOCKET = ".s.PGSQL.5432"
AROUND = re.compile(rb"\s*(BEGIN|START|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|DEALLOCATE|CLOSE)\b", re.IGNORECASE)
START = 8  # bytes of a message without a kind: the first one of a connection


@dataclass
class Said:
    """What the connections of one application said since `forget`; beginnings and ends of transactions are no statements."""

    statements: int = 0
    round_trips: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def forget(self) -> None:
        with self.lock:
            self.statements = self.round_trips = 0


@dataclass
class Talk:
    """One connection, read as PostgreSQL's protocol has it."""

    said: Said
    left: bytes = b""
    begun: bool = False
    texts: dict[bytes, bytes] = field(default_factory=dict)
    portals: dict[bytes, bytes] = field(default_factory=dict)
    asking: bool = False

    def ask(self, data: bytes) -> None:
        """What the application sent."""
        self.left += data
        while (message := self._next()) is not None:
            self._read(*message)
        with self.said.lock:
            self.said.round_trips += not self.asking
        self.asking = True

    def _next(self) -> tuple[bytes, bytes] | None:
        head = 5 if self.begun else 4
        if len(self.left) < head:
            return None
        length = struct.unpack("!I", self.left[head - 4 : head])[0] + head - 4
        if len(self.left) < length:
            return None
        message, self.left = self.left[:length], self.left[length:]
        if not self.begun:
            self.begun = True
            return b"", b""
        return message[:1], message[5:]

    def _read(self, kind: bytes, body: bytes) -> None:
        """Parse, Bind and Execute are parts of a prepared statement; Query is one in plain words."""
        if kind == b"P":
            name, _, rest = body.partition(b"\0")
            self.texts[name] = rest.partition(b"\0")[0]
        elif kind == b"B":
            portal, _, rest = body.partition(b"\0")
            self.portals[portal] = self.texts.get(rest.partition(b"\0")[0], b"?")
        text = (
            body
            if kind == b"Q"
            else self.portals.get(body.partition(b"\0")[0], b"?")
            if kind == b"E"
            else b"BEGIN"
        )
        if not AROUND.match(text):
            with self.said.lock:
                self.said.statements += 1


@contextmanager
def listening(database: Path, folder: Path) -> Iterator[Said]:
    """A socket in `folder` that hands everything on to the database's, and counts."""
    said, over = Said(), threading.Event()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(str(folder / SOCKET))
        door.listen(64)
        door.settimeout(0.2)
        threading.Thread(target=_admit, args=(door, str(database / SOCKET), said, over), daemon=True).start()
        try:
            yield said
        finally:
            over.set()


def _admit(door: socket.socket, database: str, said: Said, over: threading.Event) -> None:
    while not over.is_set():
        with suppress(TimeoutError):
            try:
                client = door.accept()[0]
            except OSError as error:
                if isinstance(error, TimeoutError):
                    raise
                return
            client.setblocking(True)
            server = socket.socket(socket.AF_UNIX)
            server.connect(database)
            threading.Thread(target=_hand_on, args=(client, server, said, over), daemon=True).start()


def _hand_on(client: socket.socket, server: socket.socket, said: Said, over: threading.Event) -> None:
    talk = Talk(said)
    with client, server, suppress(OSError):
        while not over.is_set():
            for ready in select([client, server], [], [], 0.5)[0]:
                data = ready.recv(262_144)
                if not data:
                    return
                if ready is client:
                    talk.ask(data)
                    server.sendall(data)
                else:
                    talk.asking = False
                    client.sendall(data)
