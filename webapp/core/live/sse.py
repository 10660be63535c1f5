"""Live updates: a person who looks at a board hears within a moment that something on it changed, and reads it again.

One LISTEN connection a process, no other broker. A message carries numbers only: the card, its version, who did it,
and the number of the change, from which a line that was cut goes on. It is sent after the commit, on another
connection, so that no transaction waits for listeners; what gets lost on the way is found by a look every two seconds.
"""

from __future__ import annotations

import json
import queue
import socket
import ssl
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, current_app, g, request

from webapp.core.lifecycle.changes import Publisher
from webapp.core.live.broker import HEARTBEAT, STILL_HERE, Broker
from webapp.core.live.connections import ALL, BoardFeed, Channel, Connection, HandedOver, goodbye_message
from webapp.core.web.forms import whole_number


def broker() -> Broker:
    """The broker of this process."""
    found: Broker = current_app.extensions["stream"]
    return found


def events(of: Broker, line: Connection, connection: socket.socket | None = None) -> Iterator[str]:
    """What a browser's EventSource reads. It holds no transaction and no connection while it waits.

    With the socket over which the answer goes, the broker goes on by itself after the first message.
    """
    handed = False
    try:
        yield "retry: 2000\n\n"
        if connection is not None:
            of.take_over(line, connection)
            handed = True
            raise HandedOver
        while True:
            try:
                said = line.waiting.get(timeout=HEARTBEAT)
            except queue.Empty:
                said = STILL_HERE
            yield said.text
            if said.last:
                return
    finally:
        if not handed:
            of.close(line)


def _socket_of(environ: Any, of: Broker) -> socket.socket | None:
    """The plain socket of a request whose answer HTTP/1.1 frames, where the server lets go of it."""
    found = environ.get("gunicorn.socket") if of.takes_sockets else None
    plain = isinstance(found, socket.socket) and not isinstance(found, ssl.SSLSocket)
    return found if plain and environ.get("SERVER_PROTOCOL") == "HTTP/1.1" else None


def _asked_for(topic: Channel, named: str | None) -> int:
    """The number from which to go on that a client names; the newest where it names none that can be."""
    source = broker().sources[topic[0]]
    newest = source.newest([topic[1]]).get(topic[1], 0)
    number = whole_number(named)
    if number is None:
        return newest
    return number if source.since is None else min(number, newest)


def answer(kind: str, one: int) -> Response:
    """Every change of a board as it happens, from the one after `Last-Event-ID` or `since` on."""
    if request.method == "HEAD":  # nobody would listen
        return Response(content_type="text/event-stream; charset=utf-8")
    topic = (kind, one)
    heard = _asked_for(topic, request.headers.get("Last-Event-ID") or request.args.get("since"))
    of, connection = broker(), _socket_of(request.environ, broker())
    if connection is None and of.threads_held() >= of.most_threads:
        line = (
            None  # pages that are to be answered need threads too: whoever gets no stream asks now and then
        )
    else:
        line = of.open(topic, g.person.id, bytes(g.web_session.token_hash), heard)
    told = events(of, line, connection) if line is not None else iter((goodbye_message("limit").text,))
    response = Response(told, content_type="text/event-stream; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that collects would make it late
    return response


def since_answer(kind: str, one: int) -> Response:
    """The same for whoever cannot listen: what changed after change number `n`."""
    topic = (kind, one)
    source = broker().sources[kind]
    begin = _asked_for(topic, request.args.get("n"))
    newest = source.newest([one]).get(one, 0)
    changes = source.since(one, begin) if source.since else None if newest != begin else []
    told = [(change, source.card_of(change)) for change in changes or ()]
    cards = [
        {"n": change.n, "card": card, "version": change.version, "actor": change.actor}
        for change, card in told
        if card
    ]
    body = {"n": newest, "cards": cards, "again": changes is None or any(card == ALL for _, card in told)}
    return Response(json.dumps(body), content_type="application/json")


def init_live(app: Flask, sources: dict[str, BoardFeed]) -> None:
    """Hang the broker and the teller on the app."""
    app.extensions["stream"] = Broker(app, sources)
    app.extensions["stream_teller"] = Publisher(app)
