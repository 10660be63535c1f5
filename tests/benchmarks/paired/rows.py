"""What both builds are measured on, made once by the code of the working tree: boards, their people, long lists, long histories."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.benchmarks.world import STREAMS_A_PERSON, Board, World
from tests.benchmarks.world import Sizes as WorldSizes
from tests.support import people as cast
from tests.support.lists import Lists
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work

ROLES = {"finance": "finance", "owner": "employer", "manager": "manager", "intern": "intern"}
VIEWERS = """
INSERT INTO person (email, password_hash, full_name, preferred_name, locale, zone, country, confirmed_at)
SELECT 'viewer' || n || '@example.org', %s, 'Viewer ' || n, 'Viewer', 'en', 'UTC', 'VN', now()
FROM generate_series(1, %s) AS n RETURNING id
"""
MEMBERS = """
INSERT INTO membership (organisation_id, person_id, role, began_at)
SELECT %s, unnest(%s::bigint[]), 'reviewer', now() - interval '1 day'
"""
HISTORY = """
INSERT INTO history_entry (root_kind, root_id, number, subject_kind, subject_id, move, from_state, to_state, actor_id,
  happened_at, params, previous_hash, hash)
SELECT 'internship', %(root)s, last + n, 'task', %(card)s, CASE n %% 2 WHEN 0 THEN 'start' ELSE 'put_back' END,
  CASE n %% 2 WHEN 0 THEN 'todo' ELSE 'doing' END, CASE n %% 2 WHEN 0 THEN 'doing' ELSE 'todo' END, %(actor)s,
  now() - (%(entries)s - n) * interval '1 minute', '{}', sha256('before'), sha256('after')
FROM generate_series(1, %(entries)s) AS n,
  (SELECT history_number AS last FROM internship WHERE id = %(root)s) AS known
"""
LAST = """
UPDATE internship SET history_head = sha256('after'),
  history_number = (SELECT max(number) FROM history_entry WHERE root_kind = 'internship' AND root_id = %(root)s)
WHERE id = %(root)s
"""


@dataclass(frozen=True)
class Sizes:
    """How much of everything; the defaults are what `make bench ARGS="paired …"` measures."""

    board: int = 200
    whole: int = 2_000
    spread: int = 8
    requests: int = 60
    at_once: int = 32
    moves: int = 60
    viewers: tuple[int, ...] = (100, 1_000)
    heard_moves: tuple[int, ...] = (10, 3)
    held_rate: int = 10
    held_seconds: float = 60.0
    rush_seconds: float = 60.0
    rows: int = 400
    entries: tuple[int, int] = (60, 12_000)
    rounds: int = 3


@dataclass(frozen=True)
class Place:
    """A board and who moves its cards; `viewers` are e-mail addresses, each for three browsers."""

    path: str
    size: int
    intern: str
    viewers: tuple[str, ...] = ()


@dataclass
class Planted:
    """Where everything is; people are named by their e-mail addresses and have the cast's password.

    `spread` holds the boards on which cards are moved: those of the first server of a build, then those of its second.
    """

    board: Place
    whole: Place
    spread: list[Place]
    roles: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)
    histories: dict[int, Place] = field(default_factory=dict)


def plant(app_url: str, owner_url: str, state: Path, sizes: Sizes, parts: tuple[str, ...]) -> Planted:
    """Fill an empty, migrated database with what these parts need."""
    world = World(app_url, owner_url, state, WorldSizes())
    try:
        place = Planting(world, sizes)
        planted = place.boards(parts)
        if "lists" in parts:
            place.lists(planted)
        if "history" in parts:
            place.histories(planted)
    finally:
        world.close()
    return planted


class Planting:
    """The rows of one database, kind by kind."""

    def __init__(self, world: World, sizes: Sizes) -> None:
        self.world, self.sizes = world, sizes

    def boards(self, parts: tuple[str, ...]) -> Planted:
        first = self.world.board(self.sizes.board)
        wanted = max(self.sizes.viewers) if {"fan_out", "held"} & set(parts) else 0
        whole = self.world.board(self.sizes.whole) if "boards" in parts else first
        spread = [
            self.world.board(self.sizes.board)
            for _ in range(2 * self.sizes.spread if "moves" in parts else 0)
        ]
        return Planted(
            self._place(first, self._viewers(first, wanted)),
            self._place(whole),
            list(map(self._place, spread)),
        )

    def lists(self, planted: Planted) -> None:
        """Long lists and who reads them."""
        lists = Lists(self.world.app)
        lists.grow(self.sizes.rows)
        with self.world.app.app_context():
            planted.roles = {role: db.session.get_one(Person, lists.people[role]).email for role in ROLES}
        planted.pages = {"board": f"/internships/{lists.board}/board"}

    def histories(self, planted: Planted) -> None:
        """An internship with a short history and one with a long one."""
        for entries in self.sizes.entries:
            board = self.world.board(8)
            place = self._place(board)
            with self.world.app.app_context(), unit_of_work():
                actor = db.session.scalar(db.select(Person.id).where(Person.email == place.intern))
            values = {"root": board.id, "card": board.todo[0].id, "actor": actor, "entries": entries}
            with psycopg.connect(self.world.environment["DATABASE_OWNER_URL"]) as owner:
                owner.execute(HISTORY, values)
                owner.execute(LAST, values)
            planted.histories[entries] = place

    def _viewers(self, board: Board, wanted: int) -> tuple[str, ...]:
        people = -(-wanted // STREAMS_A_PERSON)
        found = self.world.plain.execute(VIEWERS, [cast._hash(), people]).fetchall()
        self.world.plain.execute(MEMBERS, [board.employer, [row[0] for row in found]])
        return tuple(f"viewer{n}@example.org" for n in range(1, people + 1))

    def _place(self, board: Board, viewers: tuple[str, ...] = ()) -> Place:
        found = self.world.plain.execute(
            "SELECT email FROM person JOIN internship ON intern_id = person.id WHERE internship.id = %s",
            [board.id],
        ).fetchone()
        assert found is not None
        return Place(board.path, board.size, str(found[0]), viewers)
