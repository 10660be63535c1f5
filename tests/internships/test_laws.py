"""The verbs of the spine keep the law book: every move from every state, allowed or refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from tests.support import people as cast
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import of_root
from webapp.internships import actions as internship_actions
from webapp.internships.models import Internship
from webapp.postings import files as posting_files
from webapp.postings.queries import postings as posting_queries
from webapp.postings.queries.postings import posting_of
from webapp.recipients import actions as recipient_actions
from workflows.internship import LAW

OWNER, REVIEWER, INTERN, CLOCK = "owner", "reviewer", "intern", "clock"
LATER_ISSUES = {"abandon", "conclude", "freeze", "unfreeze"}


def result(move: str, by: str) -> tuple[str, Callable[..., Any]]:
    return by, lambda i, who: internship_actions.fix_result(
        i, actor=who, move=move, award=20_000, outcome="accepted"
    )


VERBS: dict[str, tuple[str, Callable[..., Any]]] = {
    "match": (INTERN, lambda i, who: matched(i, who)),
    "start": (INTERN, lambda i, who: internship_actions.start(i, actor=who, version=i.version)),
    "unmatch": (CLOCK, lambda i, who: internship_actions.unmatch(i, actor=who, reason="sign")),
    "submit": (INTERN, lambda i, who: internship_actions.submit(i, actor=who, late=True)),
    "recall": (INTERN, lambda i, who: internship_actions.recall(i, actor=who)),
    "request_changes": (
        REVIEWER,
        lambda i, who: internship_actions.request_changes(i, actor=who, criteria=[1]),
    ),
    "review": result("review", REVIEWER),
    "approve_by_silence": result("approve_by_silence", CLOCK),
    "end_early": result("end_early", CLOCK),
    "settle": (CLOCK, lambda i, who: internship_actions.settle(i, actor=who)),
    "cancel": (OWNER, lambda i, who: internship_actions.cancel_seat(i, actor=who)),
}
PERSONAL = ("submit", "recall", "request_changes", "review", "cancel", "start")


def matched(internship: Internship, who: Any) -> None:
    other = who if internship.state == "posted" else cast.intern()
    application = cast.application(posting_of(internship), other, state="released")
    internship_actions.match(
        internship,
        actor=who,
        intern=who,
        application_id=application.id,
        terms=posting_files.terms_for(posting_queries.posting_of(internship), who),
    )


def staged(state: str) -> tuple[Internship, dict[str, Any]]:
    """An internship in `state` (a matched one unsigned but funded, so that it may start or be cancelled)."""
    employer = cast.organisation()
    owner = cast.member(employer, "owner")
    posting = cast.posting(employer, by=owner)
    people: dict[str, Any] = {
        OWNER: owner,
        REVIEWER: cast.member(employer, "reviewer"),
        INTERN: cast.intern(),
        "manager": cast.member(posting.programme, "manager"),
        CLOCK: cast.SYSTEM,
    }
    recipient_actions.add_method(
        people[INTERN],
        actor=people[INTERN],
        country="VN",
        bank_name="Vietcombank",
        account_holder="LAN NGUYEN",
        account_number="0071000123456",
    )
    if state == "posted":
        return cast.seat(posting), people
    return cast.internship(state, of=posting, who=people[INTERN], secured=state != "cancelled"), people


def marked(move: str) -> Any:
    return pytest.param(move, marks=pytest.mark.move(f"internship.{move}"))


def test_every_move_of_the_law_has_its_verb() -> None:
    assert set(VERBS) | LATER_ISSUES == set(LAW.moves)


@pytest.mark.parametrize("move", [marked(move) for move in LAW.moves if move not in LATER_ISSUES])
def test_a_move_is_made_from_each_state_the_law_names_and_refused_from_every_other(
    app: Flask, move: str
) -> None:
    who, verb = VERBS[move]
    for state in LAW.states:
        with app.test_request_context(), unit_of_work():
            internship, people = staged(state)
            if (move, state) == ("cancel", "matched"):
                internship.signed_at = None
                db.session.flush()
            if state not in LAW.moves[move].sources:
                with pytest.raises((NotNow, NotAllowed)):
                    verb(internship, people[who])
                db.session.rollback()
                continue
            verb(internship, people[who])
            assert internship.state == LAW.moves[move].target, state
            entries = [entry.move for entry in of_root("internship", internship.id)]
            assert entries.count(move) == 1
            allowed = {clock.kind for clock in LAW.clocks_in(internship.state)}
            assert set(deadlines.armed(internship)) <= allowed
            db.session.rollback()


@pytest.mark.parametrize("move", PERSONAL)
def test_a_move_of_somebody_elses_is_refused(app: Flask, move: str) -> None:
    _who, verb = VERBS[move]
    others = {"submit": OWNER, "recall": OWNER, "start": OWNER, "cancel": REVIEWER}
    with app.test_request_context(), unit_of_work():
        internship, people = staged(LAW.moves[move].sources[-1])
        with pytest.raises(NotAllowed):
            verb(internship, people[others.get(move, INTERN)])
        db.session.rollback()


@pytest.mark.abuse(1)
def test_the_one_who_did_the_work_never_reviews_it_even_as_the_employers_owner(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        internship, people = staged("submitted")
        cast.join(internship.organisation, people[INTERN], "owner")
        for move in ("review", "request_changes"):
            with pytest.raises(NotAllowed):
                VERBS[move][1](internship, people[INTERN])
        db.session.rollback()


def test_changes_are_asked_for_twice_and_not_a_third_time(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        internship, people = staged("submitted")
        reviewer, lan = people[REVIEWER], people[INTERN]
        with pytest.raises(Invalid):
            internship_actions.request_changes(internship, actor=reviewer, criteria=[])
        for used in (1, 2):
            internship_actions.request_changes(internship, actor=reviewer, criteria=[2])
            assert internship.rounds_used == used
            assert internship.submit_by == max(internship.ends_at, internship.revise_by or internship.ends_at)
            internship_actions.submit(internship, actor=lan, late=False)
        with pytest.raises(NotNow):
            internship_actions.request_changes(internship, actor=reviewer, criteria=[2])
        db.session.rollback()


def test_the_reviewer_may_take_more_time_once(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        internship, people = staged("submitted")
        before = deadlines.armed(internship)["approve_by_silence"].due_at
        with pytest.raises(Stale):
            internship_actions.extend_review(
                internship, actor=people[REVIEWER], version=internship.version + 1
            )
        with pytest.raises(NotAllowed):
            internship_actions.extend_review(internship, actor=people[INTERN], version=internship.version)
        internship_actions.extend_review(internship, actor=people[REVIEWER], version=internship.version)
        assert (deadlines.armed(internship)["approve_by_silence"].due_at - before).days == 7
        with pytest.raises(NotNow):
            internship_actions.extend_review(internship, actor=people[REVIEWER], version=internship.version)
        db.session.rollback()


def test_an_accepted_result_lets_the_remainder_go_at_once(app: Flask) -> None:
    with app.test_request_context(), unit_of_work():
        internship, people = staged("submitted")
        VERBS["review"][1](internship, people[REVIEWER])
        with pytest.raises(NotAllowed):
            internship_actions.accept_result(internship, actor=people[OWNER])
        internship_actions.accept_result(internship, actor=people[INTERN])
        assert deadlines.armed(internship)["return_remainder"].due_at == internship.result_accepted_at
        with pytest.raises(NotNow):
            internship_actions.accept_result(internship, actor=people[INTERN])
        internship_actions.mark_remainder_returned(internship, actor=cast.SYSTEM)
        assert deadlines.armed(internship) == {}
        db.session.rollback()
