"""The people around one internship, for the tests of its board, its work and its review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask

from tests.support import people as cast
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.tasks.actions import cards as task_cards


@dataclass(frozen=True)
class Team:
    """Numbers, not rows: rows end with the transaction in which they were read."""

    app: Flask
    internship: int
    intern: int
    owner: int
    reviewer: int
    second_reviewer: int
    mentor: int
    finance: int
    manager: int
    outsider: int

    def who(self, person: int) -> cast.Browser:
        return cast.signed_in(self.app, person)


def build(app: Flask, state: str = "in_progress", *, seeded: bool = True, **values: Any) -> Team:
    """An internship in `state` with two cards on its board, and everybody around it."""
    with app.app_context(), unit_of_work():
        employer, programme = cast.organisation(name="Phở & Partners"), cast.programme()
        owner = cast.member(employer, "owner", "Olga Owner")
        posting = cast.posting(employer, programme, by=owner)
        intern = cast.intern()
        internship = cast.internship(state, of=posting, who=intern, **values)
        team = Team(
            app,
            internship.id,
            intern.id,
            owner.id,
            cast.member(employer, "reviewer", "Rita Reviewer").id,
            cast.member(employer, "reviewer", "Rolf Reviewer").id,
            cast.member(programme, "mentor", "Minh Mentor").id,
            cast.member(programme, "finance", "Fiona Finance").id,
            cast.member(programme, "manager", "Mona Manager").id,
            cast.intern("Otto Outsider").id,
        )
        if seeded:
            task_cards.seed_board(internship, actor=SYSTEM)
    return team
