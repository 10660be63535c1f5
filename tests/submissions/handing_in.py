"""How the tests hand work in, and what they read of it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from sqlalchemy import select

from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.internships.models import Internship
from webapp.submissions.models import Submission

TEXT = b"stall,price\n1,30000\n"


def work(team: Team) -> str:
    return f"/internships/{team.internship}/submission"


def upload(name: str = "prices.csv", content: bytes = TEXT) -> tuple[BytesIO, str]:
    return (BytesIO(content), name)


def finish_tasks(team: Team) -> None:
    from webapp.tasks.models import Task

    with team.app.app_context(), unit_of_work():
        db.session.execute(db.update(Task).values(state="done"))


def hand_in(team: Team, *, version: int = 0, **fields: Any) -> Any:
    """The intern submits with everything done."""
    fields = {"note": "All forty stalls.", "links": "", "intent": "submit", "despite_open": "y", **fields}
    return team.who(team.intern).send(work(team), version=version, **fields)


def submissions(team: Team) -> list[tuple[int, str, int]]:
    with team.app.app_context(), unit_of_work():
        rows = db.session.scalars(select(Submission).order_by(Submission.number))
        return [(row.number, row.state, len(row.files)) for row in rows]


def internship_state(team: Team) -> str:
    with team.app.app_context(), unit_of_work():
        return db.session.get_one(Internship, team.internship).state
