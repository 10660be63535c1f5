"""What is measured on: boards with many cards, their people, and signed-in browsers, put straight into the tables."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from tests.benchmarks import load, raw, servers
from tests.support import people as cast
from webapp.app import create_app
from webapp.core.config import Settings
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.postings.queries.postings import posting_of

COLUMNS = ("todo", "doing", "blocked", "done")
STREAMS_A_PERSON = 3
FILL = """
INSERT INTO task (internship_id, state, title, rank, created_at, blocked_on_id, blocked_why, answer_by, due_on, labels)
SELECT %(board)s, (%(columns)s::text[])[n %% 4 + 1], 'Card ' || lpad(n::text, 6, '0') || ': look at a thing and write down',
  n, now(), CASE WHEN n %% 4 = 2 THEN %(owner)s END, CASE WHEN n %% 4 = 2 THEN 'An answer' ELSE '' END,
  CASE WHEN n %% 4 = 2 THEN now() + interval '2 days' END, current_date + n %% 30 - 5,
  CASE n %% 3 WHEN 0 THEN '{}' WHEN 1 THEN '{Field work}' ELSE '{Field work,Interviews}' END::text[]
FROM generate_series(0, %(cards)s - 1) AS n
"""
CHECKS = """
INSERT INTO task_check (task_id, position, text, done_at, done_by_id)
SELECT task.id, n, 'Step ' || n, CASE n WHEN 1 THEN now() END, CASE n WHEN 1 THEN %(owner)s END::bigint
FROM task, generate_series(1, 3) AS n WHERE internship_id = %(board)s AND rank::bigint %% 5 = 0
"""
MIRROR = """
INSERT INTO floor_card (id, board, state, rank, title, seq, due_on)
SELECT id, internship_id, state, rank, title, move_version, due_on FROM task WHERE internship_id = %s
"""
VIEWERS = """
INSERT INTO person (email, password_hash, full_name, preferred_name, locale, zone, country, confirmed_at)
SELECT gen_random_uuid() || '@example.org', '-', 'Viewer ' || n, 'Viewer', 'en', 'UTC', 'VN', now()
FROM generate_series(1, %s) AS n RETURNING id
"""


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the defaults are what `make bench` measures."""

    boards: tuple[int, ...] = (200, 2_000, 20_000)
    spread: int = 8
    spread_cards: int = 200
    requests: int = 60
    moves: int = 70
    viewers: int = 1_000
    heard_moves: int = 30
    rounds: int = 3
    stream_threads: int = 8


@dataclass
class Card:
    """A card that somebody moves to and fro."""

    id: int
    move_version: int = 1
    at: str = "todo"

    def next_place(self) -> str:
        self.at, self.move_version = ("doing" if self.at == "todo" else "todo"), self.move_version + 1
        return self.at


@dataclass
class Browser:
    """What a signed-in browser sends along."""

    cookie: str
    token: str

    def move(self, card: Card) -> bytes:
        """The next move of this card, as its button sends it."""
        seq, to = card.move_version, card.next_place()
        fields = {"to": to, "before": "top", "move_version": seq, "view": "card"}
        return load.post(
            f"/tasks/{card.id}/move",
            self.cookie,
            csrf_token=self.token,
            operation_id=uuid4(),
            why="",
            **fields,
        )


@dataclass
class Board:
    """An internship with its intern's browser; `todo` are cards that can be moved."""

    id: int
    size: int
    employer: int
    intern: Browser
    todo: list[Card] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/internships/{self.id}/board"


class World:
    """Everything in one database; the application here only fills it and signs cookies, and answers nothing."""

    def __init__(self, app_url: str, owner_url: str, state_dir: Path, sizes: Sizes) -> None:
        self.sizes, self.app_url = sizes, app_url
        self.environment = {
            "STINT_ENV": "production",
            "DEMO": "0",
            "DATABASE_URL": app_url,
            "DATABASE_OWNER_URL": owner_url,
            "STATE_DIR": str(state_dir),
            "BASE_URL": f"https://{load.HOST}",
            "SECRET_KEY": "a key for benchmarks only, of more than thirty-two characters",
            "SMTP_URL": "smtp://127.0.0.1:9",
            "FLOOR_URL": app_url,
        }
        self.app: Flask = create_app(Settings.from_environment(self.environment))
        with psycopg.connect(owner_url) as owner:
            owner.execute(raw.TABLES)
        self.plain = psycopg.connect(app_url, autocommit=True)
        found = self.plain.execute("SELECT pg_backend_pid()").fetchone()
        assert found is not None
        self.postmaster = servers.parent_of(int(found[0]))

    def close(self) -> None:
        self.plain.close()
        self.app.extensions["stream"].rest()
        with self.app.app_context():
            db.session.remove()
            db.engine.dispose()

    def database_cpu_ms(self) -> float:
        """What all of the database's processes have used."""
        return servers.cpu_ms(self.postmaster)

    def board(self, cards: int) -> Board:
        """An internship with so many cards, equally many in each column, and the same cards for the floor."""
        with self.app.app_context(), unit_of_work():
            internship = cast.internship("in_progress")
            posting = posting_of(internship)
            number, owner, intern = internship.id, posting.created_by_id, internship.intern_id
            employer = posting.organisation_id
        assert intern is not None
        made = Board(number, cards, employer, self.browser(intern))
        self.plain.execute(FILL, {"board": number, "columns": list(COLUMNS), "owner": owner, "cards": cards})
        self.plain.execute(CHECKS, {"board": number, "owner": owner})
        self.plain.execute(MIRROR, [number])
        query = "SELECT id FROM task WHERE internship_id = %s AND state = 'todo' ORDER BY rank LIMIT 50"
        made.todo = [Card(row[0]) for row in self.plain.execute(query, [number])]
        return made

    def browser(self, person: int) -> Browser:
        """This person with a session of their own."""
        token, known = secrets.token_urlsafe(32), secrets.token_hex(20)
        self.plain.execute(
            "INSERT INTO web_session (token_hash, person_id, started_at, seen_at, confirmed_at)"
            " VALUES (%s, %s, now(), now(), now())",
            [hashlib.sha256(token.encode()).digest(), person],
        )
        interface: Any = self.app.session_interface
        signed = interface.get_signing_serializer(self.app).dumps(
            {"_user_id": token, "_fresh": True, "csrf_token": known}
        )
        form = URLSafeTimedSerializer(self.environment["SECRET_KEY"], salt="wtf-csrf-token").dumps(known)
        return Browser(f"{self.app.config['SESSION_COOKIE_NAME']}={signed}", str(form))

    def viewers(self, board: Board, wanted: int) -> Iterator[Browser]:
        """So many browsers of reviewers of the board's employer, three a person."""
        people = -(-wanted // STREAMS_A_PERSON)
        numbers = [int(row[0]) for row in self.plain.execute(VIEWERS, [people])]
        self.plain.execute(
            "INSERT INTO membership (organisation_id, person_id, role, began_at)"
            " SELECT %s, unnest(%s::bigint[]), 'reviewer', now()",
            [board.employer, numbers],
        )
        for place in range(wanted):
            if place % STREAMS_A_PERSON == 0:
                browser = self.browser(numbers[place // STREAMS_A_PERSON])
            yield browser
