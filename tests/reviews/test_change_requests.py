"""A reviewer asks for changes: with a criterion, and only so many rounds."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest

from tests.reviews.deciding import decide, facts, hand_in, score
from tests.support import people as cast
from tests.support.teams import Team
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.internships.models import Internship


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
