"""A posting with its people, for the tests of applications."""

from __future__ import annotations

from flask import Flask

from tests.support import people as cast
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.postings.models import Posting, Question


class World:
    """A posting with two seats, its owner and reviewer, and two interns; everything committed."""

    def __init__(self, app: Flask, seats: int = 2) -> None:
        self.app = app
        with app.test_request_context(), unit_of_work():
            employer = cast.organisation(name="Kim Foods")
            owner = cast.member(employer, "owner", "Mai Owner")
            reviewer = cast.member(employer, "reviewer", "Rui Reviewer")
            posting = cast.posting(employer, seats=seats, by=owner)
            posting.questions = [Question(position=1, text="Which stalls do you know?")]
            for number in range(1, seats + 1):
                cast.seat(posting, number)
            lan, minh = cast.intern("Lan Nguyễn"), cast.intern("Minh Trần")
            db.session.flush()
            self.employer, self.posting, self.question = employer.id, posting.id, posting.questions[0].id
            self.owner, self.reviewer, self.lan, self.minh = owner.id, reviewer.id, lan.id, minh.id

    def as_(self, who: int) -> cast.Browser:
        return cast.signed_in(self.app, who)

    def application_of(self, who: int) -> Application:
        with self.app.app_context():
            return db.session.scalars(
                db.select(Application).where(
                    Application.posting_id == self.posting, Application.intern_id == who
                )
            ).one()

    def applied(self, who: int, state: str = "applied") -> int:
        with self.app.test_request_context(), unit_of_work():
            posting, intern = db.session.get_one(Posting, self.posting), db.session.get_one(cast.Person, who)
            return cast.application(posting, intern, state=state).id
