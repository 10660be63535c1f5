"""What the tests of reviews do: hand in, score, decide, and read what came of it."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from sqlalchemy import select

from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.internships.models import Internship
from webapp.payouts.models import Payout
from webapp.reviews import queries as review_queries
from webapp.submissions.models import Submission
from workflows.award import calculate

FULL: dict[str, Any] = {"level_1": 4, "level_2": 4, "level_3": 4}


def fund(team: Team) -> None:
    """The employer is asked for the money and finance records that it arrived."""
    from webapp.accounts.models import Person
    from webapp.core.lifecycle.history import SYSTEM
    from webapp.fundings.actions import transfers as funding_transfers

    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        funding = funding_transfers.request(internship, actor=SYSTEM)
        funding_transfers.accept_receipt(
            funding,
            actor=db.session.get_one(Person, team.finance),
            version=funding.version,
            amount=funding.total,
            received_on=clock.now().date(),
            bank_reference=f"BANK {internship.id}",
        )


def hand_in(team: Team, version: int = 0, content: bytes = b"one") -> str:
    answer = team.who(team.intern).send(
        f"/internships/{team.internship}/submission",
        version=version,
        intent="submit",
        despite_open="y",
        note="All forty stalls.",
        files=(BytesIO(content), "table.csv"),
    )
    assert answer.status_code == 303
    return str(answer.location)


def score(browser: cast.Browser, where: str, *, version: int = 0, **fields: Any) -> Any:
    return browser.send(f"{where}/review", version=version, **{"intent": "save", **fields})


def decide(browser: cast.Browser, where: str, decision: str) -> Any:
    """Press the button of the check page, with what that page holds."""
    page = browser.get(f"{where}/review/{decision}")
    assert page.status_code == 200
    fields = dict(re.findall(r'name="(version|sha256)" value="([^"]*)"', page.get_data(as_text=True)))
    return browser.send(f"{where}/review/{decision}", **fields)


def facts(team: Team) -> dict[str, Any]:
    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        payouts = db.session.scalars(select(Payout).where(Payout.type == "base")).all()
        versions = db.session.scalars(select(Submission).order_by(Submission.number)).all()
        return {
            "state": internship.state,
            "award": internship.award,
            "outcome": internship.outcome,
            "payouts": [payout.amount for payout in payouts],
            "versions": [version.state for version in versions],
            "rounds": internship.rounds_used,
        }


def expected(team: Team, levels: tuple[int, int, int], bonus: int = 0) -> int:
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        return calculate(review_queries.terms_of(internship), levels, bonus).award
