"""What reviewers decide, what it pays, and what is refused."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from tests.reviews.deciding import FULL, decide, expected, facts, score
from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.internships.models import Internship
from webapp.notifications.models import Notice
from webapp.reviews.models import Review
from webapp.submissions.models import Submission


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


def test_a_bonus_that_no_bank_can_pay_is_refused_at_its_field(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = cast.terms_of
    monkeypatch.setattr(cast, "terms_of", lambda of, who: {**whole(of, who), "unit": 100})
    with app.test_request_context(), unit_of_work():
        owner = cast.member(employer := cast.organisation(), "owner")
        posting = cast.posting(employer, by=owner, currency="HUF")
        lan = cast.intern()
        internship = cast.internship("in_progress", of=posting, who=lan)
        ids = internship.id, lan.id, owner.id
    seat, intern, reviewer = ids
    work = cast.signed_in(app, intern)
    handed_in = work.send(f"/internships/{seat}/submission", version=0, note="Done", intent="submit")
    page = handed_in.location + "/review"
    browser = cast.signed_in(app, reviewer)
    typed: dict[str, Any] = {
        "level_1": "4",
        "level_2": "4",
        "level_3": "4",
        "bonus": "1.50",
        "bonus_reason": "Good",
    }
    answer = browser.send(page, version=0, **typed)
    assert answer.status_code == 422
    assert "Enter a whole amount" in cast.visible_text(answer)
    assert browser.get(page).status_code == 200
    for bonus in ("1.50", "60000.00"):
        assert browser.get(f"{page}/score", query_string={**typed, "bonus": bonus}).status_code == 200
