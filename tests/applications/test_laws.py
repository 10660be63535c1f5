"""The actions keep the law book: every move from every state, allowed or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.support import people as cast
from webapp.applications.actions import answers as application_answers
from webapp.applications.actions import drafts as application_drafts
from webapp.applications.models import Application
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import NotAllowed, NotNow, Stale
from webapp.core.lifecycle.history import of_subject
from workflows.application import LAW

OWNER, INTERN, CLOCK = "owner", "intern", "clock"
# move: (who makes it, how)
VERBS: dict[str, tuple[str, Callable[..., Any]]] = {
    "send": (INTERN, lambda a, who, v: application_drafts.send(a, actor=who, version=v)),
    "shortlist": (OWNER, lambda a, who, v: application_answers.shortlist(a, actor=who, version=v)),
    "unshortlist": (OWNER, lambda a, who, v: application_answers.unshortlist(a, actor=who, version=v)),
    "offer": (OWNER, lambda a, who, v: application_answers.offer(a, actor=who, version=v)),
    "accept": (INTERN, lambda a, who, v: application_answers.accept(a, actor=who, version=v)),
    "decline": (INTERN, lambda a, who, v: application_answers.decline(a, actor=who, version=v)),
    "lapse": (CLOCK, lambda a, _who, _v: application_answers.lapse(a)),
    "reject": (OWNER, lambda a, who, v: application_answers.reject(a, actor=who, version=v, reason="skills")),
    "withdraw": (INTERN, lambda a, who, v: application_answers.withdraw(a, actor=who, version=v)),
    "undo_withdraw": (INTERN, lambda a, who, v: application_answers.undo_withdraw(a, actor=who, version=v)),
    "expire": (CLOCK, lambda a, _who, _v: application_answers.expire(a)),
    "release": (CLOCK, lambda a, who, _v: application_answers.release(a, actor=who, reason="sign")),
}
PERSONAL = sorted(set(VERBS) - {"lapse", "expire", "release"})


def marked(move: str) -> Any:
    return pytest.param(move, marks=pytest.mark.move(f"application.{move}"))


def staged(state: str) -> tuple[Application, dict[str, Any]]:
    """An application in `state`, and the people who may move it."""
    employer = cast.organisation()
    owner = cast.member(employer, "owner")
    posting = cast.posting(employer, seats=2, by=owner)
    seat, _other = cast.seat(posting, 1), cast.seat(posting, 2)
    lan = cast.intern()
    held = seat if state in ("offered", "accepted") else None
    application = cast.application(posting, lan, state=state, seat=held)
    return application, {OWNER: owner, INTERN: lan, CLOCK: cast.SYSTEM}


def test_every_move_of_the_law_has_its_verb() -> None:
    assert set(VERBS) == set(LAW.moves)


@pytest.mark.parametrize("move", [marked(move) for move in LAW.moves])
def test_a_move_is_made_from_each_state_the_law_names_and_refused_from_every_other(
    app: Flask, move: str
) -> None:
    who, verb = VERBS[move]
    for state in LAW.states:
        with app.test_request_context(), unit_of_work():
            application, people = staged(state)
            before = len(of_subject("application", application.id))
            if state not in LAW.moves[move].sources or (move, state) == ("reject", "offered"):
                with pytest.raises((NotNow, NotAllowed)):
                    verb(application, people[who], application.version)
                db.session.rollback()
                continue
            verb(application, people[who], application.version)
            assert application.state == LAW.moves[move].target, state
            entry = of_subject("application", application.id)[before]
            assert (entry.move, entry.from_state, entry.to_state) == (move, state, application.state)
            db.session.rollback()


@pytest.mark.parametrize("move", PERSONAL)
def test_a_stale_version_and_the_wrong_person_are_refused(app: Flask, move: str) -> None:
    who, verb = VERBS[move]
    state = next(s for s in LAW.moves[move].sources if (move, s) != ("reject", "offered"))
    with app.test_request_context():
        for refusal, wrong in ((Stale, False), (NotAllowed, True)):
            with unit_of_work():
                application, people = staged(state)
                version = application.version
                if not wrong:
                    db.session.execute(
                        db.update(Application)
                        .where(Application.id == application.id)
                        .values(version=version + 1)
                    )
                actor = people[INTERN if who == OWNER else OWNER] if wrong else people[who]
                with pytest.raises(refusal):
                    verb(application, actor, version)
                db.session.rollback()
