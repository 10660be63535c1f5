"""Lists of any length: many rows of each kind, put straight into the tables, and the statements that a page costs.

`Lists(app)` has one person of each role; `grow(rows)` brings every list to that many rows of each kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from tests.support import people as cast
from tests.support.lists.growth import Growth
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.payouts.models import Payout
from webapp.payouts.queries import approval_contents as payout_approval_contents


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that reach the database."""
    said: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


class Lists:
    """The people who read the lists, and how many rows there are.

    Every kind is there twice: once between one employer and one intern, whose own pages are long, and once between
    people and employers that differ from row to row, as finance and the programme see them.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.rows = 0
        self.browsers: dict[str, cast.Browser] = {}
        self.asked: set[tuple[str, str]] = set()
        with app.app_context(), unit_of_work():
            programme = cast.programme(approval_needed=True)
            employer = cast.organisation(name="River Maps")
            people = {
                "owner": cast.member(employer, "owner"),
                "intern": cast.intern("Ina Intern"),
                "finance": cast.member(programme, "finance"),
                "second": cast.member(programme, "finance"),
                "manager": cast.member(programme, "manager"),
                "mentor": cast.member(programme, "mentor"),
                "operator": cast.person("Olu Operator", operator=True),
            }
            popular = cast.posting(employer, programme, by=people["owner"], seats=2)
            cast.seat(popular, 1)
            board = cast.internship(
                of=cast.posting(employer, programme, by=people["owner"]), who=people["intern"]
            )
            self.people = {role: person.id for role, person in people.items()}
            self.programme, self.employer = programme.id, employer.id
            self.popular, self.board = popular.id, board.id

    def grow(self, rows: int) -> None:
        """Bring every list to so many rows of each kind."""
        with self.app.app_context(), unit_of_work():
            Growth(self.people, self.programme, self.employer, self.popular, self.board).add(
                range(self.rows, rows)
            )
            self.rows = rows
        with self.app.app_context(), unit_of_work():
            for payout in db.session.scalars(db.select(Payout).where(Payout.state == "approved")):
                payout.approval_hash = payout_approval_contents.approval_hash(payout)

    def cost(self, role: str, path: str) -> list[str]:
        """What this page asks the database; `path` names things of this world: "/organisations/{employer}".

        Raises AssertionError when it is not shown.
        """
        address = path.format(**vars(self))
        if role not in self.browsers:
            self.browsers[role] = cast.signed_in(self.app, self.people[role])
        browser = self.browsers[role]
        if (role, path) not in self.asked:  # what is read once a process or a session belongs to no page
            self.asked.add((role, path))
            browser.get(address)
        with counted(self.app) as statements:
            assert browser.get(address).status_code == 200, address
        return statements
