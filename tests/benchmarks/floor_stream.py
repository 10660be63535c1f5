"""The floor of streams: one asyncio process that sends each move to everybody who listens."""

from __future__ import annotations

import asyncio
import gc
import sys

HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"d\r\nretry: 2000\n\n\r\n"
)
DONE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Listener(asyncio.Protocol):
    """A connection: GET listens, POST makes everybody hear."""

    everybody: set[asyncio.WriteTransport] = set()  # noqa: RUF012 - one set for all
    number = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if data.startswith(b"GET"):
            self.transport.write(HEAD)
            self.everybody.add(self.transport)
            return
        Listener.number += 1
        said = f'id: {self.number}\nevent: card\ndata: {{"n": {self.number}, "card": 1, "version": 2}}\n\n'.encode()
        chunk = b"%x\r\n%s\r\n" % (len(said), said)
        for transport in self.everybody:
            transport.write(chunk)
        self.transport.write(DONE)

    def connection_lost(self, _error: Exception | None) -> None:
        self.everybody.discard(self.transport)


async def serve(port: int) -> None:
    """Hold streams until told to end."""
    server = await asyncio.get_running_loop().create_server(Listener, "127.0.0.1", port, backlog=1024)
    gc.freeze()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1])))
