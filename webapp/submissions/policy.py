"""Who may prepare, hand in and take back the work."""

from __future__ import annotations

from typing import Any

from webapp.core.lifecycle import Policy
from webapp.internships import policy as internships
from webapp.internships.models import Internship
from webapp.submissions.models import Submission


def may_prepare(person: Any, internship: Internship) -> bool:
    """The one who does the work."""
    return internships.is_intern(person, internship)


def may_submit(person: Any, submission: Submission) -> bool:
    """The intern hands in their own version."""
    return internships.is_intern(person, submission.internship) and submission.author_id == person.id


def may_see(person: Any, submission: Submission) -> bool:
    """A draft is its author's alone; a version that was handed in is for everybody of the internship."""
    if submission.state == "draft":
        return person is not None and submission.author_id == person.id
    return internships.may_see(person, submission.internship)


MOVES: dict[str, Policy] = {"submit": may_submit, "recall": may_submit}
