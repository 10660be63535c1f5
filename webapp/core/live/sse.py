"""Live updates: a person who looks at a board hears within a moment that something on it changed, and reads it again.

One LISTEN connection a process, no other broker. A message carries the card, its version, who did it, the number of the
change, from which a stream that was cut goes on, and on boards that draw it the card itself: drawn once for all viewers
who see the same, so that a thousand pages need not ask for it. It is sent after the commit, on another
connection, so that no transaction waits for listeners; what gets lost on the way is found by a look every two seconds.
"""

from __future__ import annotations

import json
import queue
import socket
import ssl
from collections.abc import Iterator, Mapping

from flask import Flask, Response, current_app, g, request
from flask_babel import get_locale, get_timezone

from webapp.core.lifecycle.changes import Publisher
from webapp.core.live.broker import HEARTBEAT, STILL_HERE, Broker
from webapp.core.live.connections import ALL, BoardFeed, Channel, Connection, HandedOver, goodbye_message
from webapp.core.web.forms import whole_number


def current_broker() -> Broker:
    """The broker of this process."""
    broker: Broker = current_app.extensions["stream"]
    return broker


def events(broker: Broker, stream: Connection, connection: socket.socket | None = None) -> Iterator[str]:
    """What a browser's EventSource reads. It holds no transaction and no connection while it waits.

    With the socket over which the answer goes, the broker goes on by itself after the first message.
    """
    handed = False
    try:
        yield "retry: 2000\n\n"
        if connection is not None:
            broker.take_over(stream, connection)
            handed = True
            raise HandedOver
        while True:
            try:
                message = stream.waiting.get(timeout=HEARTBEAT)
            except queue.Empty:
                message = STILL_HERE
            yield message.text
            if message.last:
                return
    finally:
        if not handed:
            broker.close(stream)


def _socket_of(environ: Mapping[str, object], broker: Broker) -> socket.socket | None:
    """The plain socket of a request whose answer HTTP/1.1 frames, where the server lets go of it."""
    connection = environ.get("gunicorn.socket") if broker.takes_sockets else None
    if not isinstance(connection, socket.socket) or isinstance(connection, ssl.SSLSocket):
        return None
    return connection if environ.get("SERVER_PROTOCOL") == "HTTP/1.1" else None


def _asked_for(topic: Channel, named: str | None) -> int:
    """The number from which to go on that a client names; the newest where it names none that can be."""
    source = current_broker().sources[topic[0]]
    newest = source.newest([topic[1]]).get(topic[1], 0)
    number = whole_number(named)
    if number is None:
        return newest
    return number if source.since is None else min(number, newest)


def answer(kind: str, board_id: int) -> Response:
    """Every change of a board as it happens, from the one after `Last-Event-ID` or `since` on."""
    if request.method == "HEAD":  # nobody would listen
        return Response(content_type="text/event-stream; charset=utf-8")
    topic = (kind, board_id)
    heard = _asked_for(topic, request.headers.get("Last-Event-ID") or request.args.get("since"))
    broker = current_broker()
    connection = _socket_of(request.environ, broker)
    stream = None
    # Pages need threads too: a browser that gets no stream asks for changes now and then.
    if connection is not None or broker.threads_held() < broker.most_threads:
        stream = broker.open(
            topic,
            g.person.id,
            bytes(g.web_session.token_hash),
            heard,
            locale=str(get_locale()),
            zone=str(get_timezone()),
            rights=broker.sources[kind].rights_of(g.person, board_id),
        )
    text = (
        events(broker, stream, connection) if stream is not None else iter((goodbye_message("limit").text,))
    )
    response = Response(text, content_type="text/event-stream; charset=utf-8")
    response.headers["X-Accel-Buffering"] = "no"  # a proxy that collects would make it late
    return response


def since_answer(kind: str, board_id: int) -> Response:
    """The same for a browser that cannot listen: what changed after change number `n`."""
    topic = (kind, board_id)
    source = current_broker().sources[kind]
    begin = _asked_for(topic, request.args.get("n"))
    newest = source.newest([board_id]).get(board_id, 0)
    changes = source.since(board_id, begin) if source.since else None if newest != begin else []
    changes_and_cards = [(change, source.card_of(change)) for change in changes or ()]
    cards = [
        {"n": change.n, "card": card, "version": change.version, "actor": change.actor}
        for change, card in changes_and_cards
        if card
    ]
    body = {
        "n": newest,
        "cards": cards,
        "again": changes is None or any(card == ALL for _, card in changes_and_cards),
    }
    return Response(json.dumps(body), content_type="application/json")


def init_live(app: Flask, sources: dict[str, BoardFeed]) -> None:
    """Hang the broker and the teller on the app."""
    app.extensions["stream"] = Broker(app, sources)
    app.extensions["stream_teller"] = Publisher(app)
