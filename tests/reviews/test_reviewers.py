"""Who reviews: never the author, only the people of the employer, and whose queue shows it."""

from __future__ import annotations

import psycopg
import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.reviews.deciding import FULL, facts, hand_in
from tests.support import people as cast
from tests.support import teams
from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.internships.models import Internship
from webapp.reviews import queries as review_queries


@pytest.mark.abuse(4)
def test_nobody_reviews_their_own_work_with_whatever_role(team: Team, submitted: str) -> None:
    with team.app.app_context(), unit_of_work():
        from webapp.accounts.models import Person

        internship = db.session.get_one(Internship, team.internship)
        intern = db.session.get_one(Person, team.intern)
        for role in ("owner", "reviewer"):
            cast.join(internship.organisation, intern, role)
        cast.join(internship.programme, intern, "manager")
    both = team.who(team.intern)
    for path in ("review", "review/approval", "review/change-request", "review/rejection"):
        assert both.get(f"{submitted}/{path}").status_code == 403
        assert both.send(f"{submitted}/{path}", version=0, sha256="x", **FULL).status_code == 403
    assert both.send(f"{submitted}/review/draft", version=0, **FULL).status_code == 403
    assert both.send(f"{submitted}/review/extension", version=1).status_code == 403
    assert facts(team)["versions"] == ["submitted"]


@pytest.mark.abuse(4)
def test_the_database_itself_refuses_a_review_of_ones_own_work(team: Team, submitted: str) -> None:
    with team.app.app_context(), pytest.raises(DBAPIError) as refused, unit_of_work():
        db.session.execute(
            text(
                "INSERT INTO review (submission_id, reviewer_id, begun_at) SELECT id, author_id, now() FROM submission"
            )
        )
    assert isinstance(refused.value.orig, psycopg.errors.RestrictViolation)


@pytest.mark.abuse(1)
def test_only_the_employers_people_review(team: Team, submitted: str) -> None:
    for person, status in (
        (team.mentor, 403),
        (team.finance, 403),
        (team.manager, 403),
        (team.intern, 403),
        (team.outsider, 404),
        (team.owner, 200),
        (team.second_reviewer, 200),
    ):
        assert team.who(person).get(f"{submitted}/review").status_code == status


def test_the_queue_shows_what_waits_for_this_reviewer_alone(app: Flask) -> None:
    first, second = teams.build(app), teams.build(app)
    for team in (first, second):
        hand_in(team)
    with app.app_context():
        from webapp.accounts.models import Person

        person = db.session.get_one(Person, first.reviewer)
        assert [s.internship_id for s in review_queries.waiting(person)] == [first.internship]
        assert review_queries.waiting(db.session.get_one(Person, first.intern)) == []
