"""What reviewers decide, what it pays, and what is refused."""

from __future__ import annotations

import hashlib
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.applications.test_clocks import later
from tests.support import people as cast
from tests.support import teams
from tests.support.teams import Team
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.deadlines import armed
from webapp.internships.models import Internship
from webapp.notifications.models import Notice
from webapp.payouts.models import Payout
from webapp.reviews import actions as review_actions
from webapp.reviews import queries as review_queries
from webapp.reviews.models import Review
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


@pytest.fixture
def submitted(team: Team) -> str:
    """The path of a version that waits for its review; the money is secured."""
    fund(team)
    return hand_in(team)


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


@pytest.mark.move("submission.accept")
@pytest.mark.move("internship.review")
def test_a_review_at_the_top_levels_accepts_the_work_and_pays_the_full_base(
    team: Team, submitted: str
) -> None:
    reviewer = team.who(team.reviewer)
    assert score(reviewer, submitted, **FULL, comment_1="Every stall", comment="Thank you").status_code == 303
    page = reviewer.get(f"{submitted}/review/approval")
    words = cast.visible_text(page)
    assert "Lan Nguyễn is paid this amount." in words
    assert "$300.00" in words
    answer = decide(reviewer, submitted, "approval")
    assert answer.status_code == 303
    assert facts(team) == {
        "state": "reviewed",
        "award": 30_000,
        "outcome": "accepted",
        "payouts": [30_000],
        "versions": ["accepted"],
        "rounds": 0,
    }
    result = cast.visible_text(team.who(team.intern).get(answer.location))
    assert "$300.00" in result
    assert "Every stall" in result
    assert "The money is sent by" in result
    with team.app.app_context():
        notices = db.session.scalars(select(Notice).where(Notice.code == "result_ready")).all()
        assert [notice.person_id for notice in notices] == [team.intern]
        entries = history.of_root("internship", team.internship)
        assert history.broken_entries([db.session.get_one(Internship, team.internship)]) == []
        assert [f"{e.subject_kind}.{e.move}" for e in entries if e.subject_kind != "task"][-5:-1] == [
            "internship.submit",
            "submission.begin_review",
            "submission.accept",
            "internship.review",
        ]


@pytest.mark.move("submission.accept_partly")
@pytest.mark.parametrize(
    ("levels", "bonus"), [((4, 3, 4), 0), ((1, 0, 0), 0), ((3, 3, 3), 1_234), ((2, 1, 4), 5_000)]
)
def test_lower_levels_accept_in_part_and_pay_exactly_what_the_formula_says(
    team: Team, submitted: str, levels: tuple[int, int, int], bonus: int
) -> None:
    reviewer = team.who(team.reviewer)
    fields = {f"level_{n}": level for n, level in enumerate(levels, start=1)}
    typed: dict[str, Any] = {"bonus": f"{bonus / 100:.2f}", "bonus_reason": "Photos too"} if bonus else {}
    assert score(reviewer, submitted, **fields, **typed).status_code == 303
    assert decide(reviewer, submitted, "approval").status_code == 303
    award = expected(team, levels, bonus)
    stored = facts(team)
    assert (stored["award"], stored["payouts"], stored["outcome"]) == (award, [award], "partly_accepted")
    assert stored["versions"] == ["partly_accepted"]


def test_the_calculation_is_kept_with_its_inputs_and_their_hash(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    score(reviewer, submitted, level_1=4, level_2=2, level_3=3, bonus="10.00", bonus_reason="Quick")
    assert decide(reviewer, submitted, "approval").status_code == 303
    with team.app.app_context():
        review = db.session.scalars(select(Review)).one()
        kept = review.calculation
        assert kept is not None
        assert kept["formula_version"] == 1
        assert kept["inputs"]["levels"] == [4, 2, 3]
        assert sum(kept["parts"]) + kept["bonus"] == review.award
        canonical = json.dumps(kept["inputs"], sort_keys=True, separators=(",", ":")).encode()
        assert kept["inputs_sha256"] == hashlib.sha256(canonical).hexdigest()
        entry = [e for e in history.of_subject("internship", team.internship) if e.move == "review"][-1]
        assert {name: entry.params[name] for name in kept} == kept
        assert entry.params["award"] == review.award


@pytest.mark.move("submission.reject")
def test_a_rejection_needs_a_reason_for_each_criterion_and_pays_the_guaranteed_part(
    team: Team, submitted: str
) -> None:
    reviewer = team.who(team.reviewer)
    score(reviewer, submitted, level_1=0, comment_1="Empty")
    page = reviewer.get(f"{submitted}/review/rejection")
    assert "Give the reason: Correct." in cast.visible_text(page)
    with team.app.app_context():
        sha256 = db.session.scalars(select(Submission)).one().sha256
    refused = reviewer.send(f"{submitted}/review/rejection", version=2, sha256=sha256)
    assert refused.status_code == 422
    assert facts(team)["versions"] == ["submitted"]
    score(reviewer, submitted, version=2, comment_1="Empty", comment_2="Wrong", comment_3="Unreadable")
    assert decide(reviewer, submitted, "rejection").status_code == 303
    stored = facts(team)
    assert (stored["award"], stored["payouts"], stored["outcome"]) == (10_000, [10_000], "rejected")
    assert "Unreadable" in cast.visible_text(team.who(team.intern).get(f"{submitted}/result"))


def test_rejecting_with_a_level_and_approving_without_any_are_refused(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    score(reviewer, submitted, level_1=2, comment_1="a", comment_2="b", comment_3="c")
    assert "Rejecting sets every criterion to level 0" in cast.visible_text(
        reviewer.get(f"{submitted}/review/rejection")
    )
    score(reviewer, submitted, version=2, level_1=0, level_2=0, level_3=0)
    assert "That is a rejection" in cast.visible_text(reviewer.get(f"{submitted}/review/approval"))
    score(reviewer, submitted, version=3, level_1=4, level_2=4)
    assert "Choose a level: Clear." in cast.visible_text(reviewer.get(f"{submitted}/review/approval"))
    score(reviewer, submitted, version=4, **FULL, bonus="5")
    assert "Enter what the bonus is for." in cast.visible_text(reviewer.get(f"{submitted}/review/approval"))


@pytest.mark.abuse(13)
@pytest.mark.parametrize("bonus", ["50.01", "-1", "NaN", "1e308", "0.001", "1,5", "5 EUR"])
def test_a_bonus_outside_the_pot_or_no_amount_is_refused(team: Team, submitted: str, bonus: str) -> None:
    answer = score(team.who(team.reviewer), submitted, **FULL, bonus=bonus, bonus_reason="x")
    assert answer.status_code == 422
    with team.app.app_context():
        assert db.session.scalars(select(Review)).all() == []


@pytest.mark.move("submission.request_changes")
@pytest.mark.move("internship.request_changes")
def test_changes_cite_a_criterion_and_the_next_version_begins_as_a_copy(team: Team, submitted: str) -> None:
    reviewer, intern = team.who(team.reviewer), team.who(team.intern)
    score(reviewer, submitted, level_1=2, comment_1="Ten stalls are missing")
    assert "Choose at least one criterion" in cast.visible_text(
        reviewer.get(f"{submitted}/review/change-request")
    )
    score(reviewer, submitted, version=2, level_1=2, comment_1="Ten stalls are missing", cited_1="y")
    assert decide(reviewer, submitted, "change-request").status_code == 303
    assert facts(team) == {
        "state": "in_progress",
        "award": None,
        "outcome": None,
        "payouts": [],
        "versions": ["changes_requested", "draft"],
        "rounds": 1,
    }
    page = cast.visible_text(intern.get(f"/internships/{team.internship}/submission"))
    assert "Changes requested" in page
    assert "Ten stalls are missing" in page
    result = intern.get(f"{submitted}/result")
    assert "To be changed" in cast.visible_text(result)
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        assert internship.revise_by is not None
        assert internship.revise_by - clock.now() > timedelta(days=4)


def test_no_more_rounds_than_agreed(team: Team, submitted: str) -> None:
    reviewer, where = team.who(team.reviewer), submitted
    for _round in range(2):
        score(reviewer, where, level_1=1, comment_1="More", cited_1="y")
        assert decide(reviewer, where, "change-request").status_code == 303
        where = hand_in(team, version=1, content=uuid4().bytes.hex().encode())
    score(reviewer, where, level_1=1, comment_1="More", cited_1="y")
    refused = decide(reviewer, where, "change-request")
    assert refused.status_code == 409
    assert facts(team)["versions"] == ["changes_requested", "changes_requested", "submitted"]
    assert "Request changes…" not in cast.visible_text(reviewer.get(f"{where}/review"))


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


@pytest.mark.abuse(9)
@pytest.mark.point(18)
def test_a_version_swapped_while_it_was_on_screen_is_not_approved(team: Team, submitted: str) -> None:
    reviewer, intern = team.who(team.reviewer), team.who(team.intern)
    with team.app.app_context():
        old = db.session.scalars(select(Submission)).one()
        sha256, version = old.sha256, old.version
    assert intern.send(f"{submitted}/recall", version=version).status_code == 303
    newer = hand_in(team, version=1, content=b"something else")
    for path, fields in (
        ("review", {**FULL, "version": 0}),
        ("review/approval", {"version": 2, "sha256": sha256}),
    ):
        answer = reviewer.send(f"{submitted}/{path}", **fields)
        assert answer.status_code == 409
        words = cast.visible_text(answer)
        assert "Here is the newest, version 2." in words
        assert newer in answer.get_data(as_text=True)
    assert facts(team)["versions"] == ["recalled", "submitted"]
    score(reviewer, newer, **FULL)
    assert reviewer.send(f"{newer}/review/approval", version=2, sha256=sha256).status_code == 409
    assert decide(reviewer, newer, "approval").status_code == 303


def test_a_stale_tab_of_the_same_review_does_not_decide(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    score(reviewer, submitted, **FULL)
    with team.app.app_context():
        sha256 = db.session.scalars(select(Submission)).one().sha256
    score(reviewer, submitted, version=2, level_1=1)
    assert reviewer.send(f"{submitted}/review/approval", version=2, sha256=sha256).status_code == 409
    assert score(reviewer, submitted, version=2, **FULL).status_code == 409
    assert facts(team)["versions"] == ["submitted"]


@pytest.mark.abuse(5)
def test_after_the_decision_nothing_can_be_changed(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    score(reviewer, submitted, **FULL)
    decide(reviewer, submitted, "approval")
    before = facts(team)
    with team.app.app_context():
        sha256 = db.session.scalars(select(Submission)).one().sha256
    for person in (team.reviewer, team.second_reviewer, team.owner):
        browser = team.who(person)
        for path in ("review/approval", "review/rejection", "review/change-request"):
            assert browser.send(f"{submitted}/{path}", version=3, sha256=sha256).status_code == 409
        assert score(browser, submitted, version=3, level_1=0).status_code == 409
    assert team.who(team.intern).send(f"{submitted}/recall", version=3).status_code == 409
    assert facts(team) == before
    for statement in (
        "UPDATE review SET award = 1",
        "UPDATE review_line SET level = 0",
        "DELETE FROM review_line",
        "DELETE FROM review",
    ):
        with team.app.app_context(), pytest.raises(DBAPIError), unit_of_work():
            db.session.execute(text(statement))


@pytest.mark.abuse(8)
def test_two_reviewers_at_once_decide_once(team: Team, submitted: str) -> None:
    people = [team.reviewer, team.second_reviewer, team.owner]
    browsers = [team.who(person) for person in people]
    for browser in browsers:
        assert score(browser, submitted, **FULL).status_code == 303
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda browser: decide(browser, submitted, "approval"), browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 409, 409]
    assert facts(team)["payouts"] == [30_000]


def test_the_first_note_begins_the_review_and_ends_the_recall(team: Team, submitted: str) -> None:
    reviewer, intern = team.who(team.reviewer), team.who(team.intern)
    assert reviewer.get(f"{submitted}/review").status_code == 200  # looking is not yet reviewing
    assert "Withdraw this version" in cast.visible_text(intern.get(submitted))
    noted = reviewer.send(f"{submitted}/review/draft", htmx=True, version=0, level_1=3)
    assert (noted.status_code, noted.headers["X-Version"]) == (200, "2")
    assert 'id="score"' in noted.get_data(as_text=True)
    assert "Score 3 of 12" in cast.visible_text(noted)
    assert intern.send(f"{submitted}/recall", version=3).status_code == 409
    assert "Rita Reviewer is reviewing" in cast.visible_text(team.who(team.owner).get(f"{submitted}/review"))


def test_the_amount_changes_with_the_levels_without_saving_anything(team: Team, submitted: str) -> None:
    answer = team.who(team.reviewer).get(
        f"{submitted}/review/score?level_1=4&level_2=4&level_3=0&bonus=10.00",
        headers={"HX-Request": "true", "HX-Request-Type": "partial"},
    )
    assert answer.status_code == 200
    award = expected(team, (4, 4, 0), 1_000)
    assert f'data-money="{award}"' in answer.get_data(as_text=True)
    with team.app.app_context():
        assert db.session.scalars(select(Review)).all() == []
    broken = team.who(team.reviewer).get(f"{submitted}/review/score?level_1=9&level_2=x&bonus=1e9")
    assert f'data-money="{expected(team, (0, 0, 0))}"' in broken.get_data(as_text=True)


def test_the_review_is_extended_once(team: Team, submitted: str) -> None:
    reviewer = team.who(team.reviewer)
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        version, before = internship.version, armed(internship)["approve_by_silence"].due_at
    assert reviewer.send(f"{submitted}/review/extension", version=version).status_code == 303
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        assert armed(internship)["approve_by_silence"].due_at - before == timedelta(days=7)
        version = internship.version
    assert reviewer.send(f"{submitted}/review/extension", version=version).status_code == 409
    assert "more days (once only)" not in cast.visible_text(reviewer.get(f"{submitted}/review"))


def test_a_worker_that_slept_through_both_reminders_still_tells_the_manager(
    team: Team, submitted: str
) -> None:
    later(team.app, days=6)
    with team.app.app_context():
        told = {n.person_id for n in db.session.scalars(select(Notice).where(Notice.code == "review_waits"))}
    assert {team.reviewer, team.manager} <= told


@pytest.mark.move("internship.approve_by_silence")
def test_silence_approves_the_newest_version_with_the_full_base(team: Team, submitted: str) -> None:
    with team.app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        lifecycle.lock(internship)
        review_actions.remind_review(internship, 1)
        review_actions.remind_review(internship, 2)
        review_actions.approve_by_silence(internship)
    stored = facts(team)
    assert (stored["state"], stored["outcome"], stored["award"]) == ("reviewed", "by_silence", 30_000)
    assert stored["versions"] == ["accepted"]
    assert stored["payouts"] == [30_000]
    page = cast.visible_text(team.who(team.intern).get(f"{submitted}/result"))
    assert "No one reviewed the work in time" in page
    with team.app.app_context():
        notices = {(n.code, n.person_id) for n in db.session.scalars(select(Notice))}
        assert ("approved_by_silence", team.intern) in notices
        assert ("silence_approved", team.owner) in notices
        assert ("review_waits", team.manager) in notices


def test_the_intern_accepts_the_result_and_the_remainder_need_not_wait(team: Team, submitted: str) -> None:
    reviewer, intern = team.who(team.reviewer), team.who(team.intern)
    score(reviewer, submitted, level_1=4, level_2=2, level_3=2)
    decide(reviewer, submitted, "approval")
    assert "Accept the result" in cast.visible_text(intern.get(f"{submitted}/result"))
    assert reviewer.send(f"{submitted}/result/acceptance").status_code == 403
    assert intern.send(f"{submitted}/result/acceptance").status_code == 303
    with team.app.app_context():
        internship = db.session.get_one(Internship, team.internship)
        assert internship.result_accepted_at is not None
        assert armed(internship)["return_remainder"].due_at == internship.result_accepted_at
    assert intern.send(f"{submitted}/result/acceptance").status_code == 409


def test_a_result_is_shown_only_once_there_is_one(team: Team, submitted: str) -> None:
    assert team.who(team.intern).get(f"{submitted}/result").status_code == 404
    assert team.who(team.outsider).get(f"{submitted}/result").status_code == 404


def test_the_queue_shows_what_waits_for_this_reviewer_alone(app: Flask) -> None:
    first, second = teams.build(app), teams.build(app)
    for team in (first, second):
        hand_in(team)
    with app.app_context():
        from webapp.accounts.models import Person

        person = db.session.get_one(Person, first.reviewer)
        assert [s.internship_id for s in review_queries.waiting(person)] == [first.internship]
        assert review_queries.waiting(db.session.get_one(Person, first.intern)) == []
