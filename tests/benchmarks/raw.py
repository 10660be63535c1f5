"""The floor: a bare WSGI callable with psycopg and prepared statements that does the same work and nothing else."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg
from jinja2 import Environment

TABLES = """
CREATE TABLE IF NOT EXISTS floor_card (
  id bigint PRIMARY KEY, board bigint NOT NULL, state text NOT NULL, rank numeric NOT NULL, title text NOT NULL,
  seq bigint NOT NULL, due_on date, moved_at timestamptz, moved_by bigint
);
CREATE INDEX IF NOT EXISTS floor_board ON floor_card (board, state, rank);
CREATE TABLE IF NOT EXISTS floor_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, card bigint NOT NULL, move text NOT NULL,
  from_state text, to_state text, actor bigint, happened_at timestamptz NOT NULL, params jsonb NOT NULL
);
CREATE INDEX IF NOT EXISTS floor_of_card ON floor_history (card);
GRANT SELECT, INSERT, UPDATE ON floor_card, floor_history TO stint_app;
"""
FIELDS = "id, title, state, seq, due_on"
WHOLE = f"SELECT {FIELDS} FROM floor_card WHERE board = %s ORDER BY state, rank"
WINDOW = f"""SELECT c.* FROM unnest(ARRAY['todo', 'doing', 'blocked', 'done']) AS s, LATERAL (
  SELECT {FIELDS} FROM floor_card WHERE board = %s AND state = s ORDER BY rank LIMIT 25) AS c"""
LOCK = f"SELECT {FIELDS} FROM floor_card WHERE id = %s FOR UPDATE"
MOVE = "UPDATE floor_card SET state = %s, seq = seq + 1, moved_at = now(), moved_by = 1 WHERE id = %s"
AUDIT = """INSERT INTO floor_history (card, move, from_state, to_state, actor, happened_at, params)
VALUES (%s, 'move', %s, %s, 1, now(), '{}')"""
JINJA = Environment(autoescape=True)
CARD = JINJA.from_string("""<li class="card" id="card-{{ c[0] }}" data-version="{{ c[3] }}" data-column="{{ c[2] }}">
  <h3><a href="/tasks/{{ c[0] }}">{{ c[1] }}</a></h3>
  <p class="meta"><span class="visually-hidden">{{ c[2] }}</span>{% if c[4] %}<span>{{ c[4] }}</span>{% endif %}</p>
  <div class="row">
    <form method="post" action="/tasks/{{ c[0] }}/move"><input type="hidden" name="move_version" value="{{ c[3] }}">
      <input type="hidden" name="before" value="end"><button name="to" value="doing">Start</button></form>
    <a class="button button-plain" id="mv-{{ c[0] }}" href="/tasks/{{ c[0] }}/move">Move… {{ c[1] }}</a>
  </div>
</li>
""")
JINJA.globals["card"] = CARD
PAGE = JINJA.from_string("""<!doctype html><html lang="en"><head><title>Board</title></head><body><main>
{% for c in cards %}{% include card %}{% endfor %}</main></body></html>""")
READY: dict[tuple[int, int], str] = {}
_mine = threading.local()


def connection() -> psycopg.Connection[Any]:
    """The connection of this thread."""
    found: psycopg.Connection[Any] | None = getattr(_mine, "connection", None)
    if found is None:
        found = psycopg.connect(os.environ["FLOOR_URL"], autocommit=True, prepare_threshold=0)
        _mine.connection = found
    return found


def whole(board: int, _body: bytes) -> str:
    """All cards of a board: select and Jinja."""
    return PAGE.render(cards=connection().execute(WHOLE, [board]).fetchall())


def window(board: int, _body: bytes) -> str:
    """The first 25 cards of each column: select and Jinja."""
    return PAGE.render(cards=connection().execute(WINDOW, [board]).fetchall())


def fragments(board: int, _body: bytes) -> str:
    """The same cards, each made once for its (id, version)."""
    parts = []
    for card in connection().execute(WINDOW, [board]).fetchall():
        key = (card[0], card[3])
        if key not in READY:
            READY[key] = CARD.render(c=card)
        parts.append(READY[key])
    return "".join(parts)


def one_card(number: int, _body: bytes) -> str:
    """One card as a fragment."""
    found = connection().execute(f"SELECT {FIELDS} FROM floor_card WHERE id = %s", [number]).fetchone()
    return CARD.render(c=found)


def move(number: int, body: bytes) -> str:
    """An audited move of one card, and the card as a fragment."""
    to, at = parse_qs(body.decode())["to"][0], connection()
    with at.transaction():
        found = at.execute(LOCK, [number]).fetchone()
        assert found is not None
        at.execute(MOVE, [to, number])
        at.execute(AUDIT, [number, found[2], to])
    return CARD.render(c=(found[0], found[1], to, found[3] + 1, found[4]))


DOORS: dict[str, Callable[[int, bytes], str]] = {
    "whole": whole,
    "window": window,
    "fragments": fragments,
    "card": one_card,
    "move": move,
}


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The WSGI callable: /what/number."""
    what, number = environ["PATH_INFO"][1:].split("/")
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body = DOORS[what](int(number), environ["wsgi.input"].read(length)).encode()
    headers = [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]


def transaction(at: psycopg.Connection[Any], number: int, to: str) -> None:
    """The move's bare transaction, for a loop without any server."""
    with at.transaction():
        found = at.execute(LOCK, [number]).fetchone()
        assert found is not None
        at.execute(MOVE, [to, number])
        at.execute(AUDIT, [number, found[2], to])
