"""Who may prepare, hand in and take back the work."""

from __future__ import annotations

from webapp.core.lifecycle.history import Viewer
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.submissions.models import Submission


def may_prepare(person: Viewer, internship: Internship) -> bool:
    """The one who does the work."""
    return internship_policy.is_intern(person, internship)


def may_submit(person: Viewer, submission: Submission) -> bool:
    """The intern hands in their own version."""
    return (
        person is not None
        and submission.author_id == person.id
        and internship_policy.is_intern(person, submission.internship)
    )


def may_see(person: Viewer, submission: Submission) -> bool:
    """A draft is its author's alone; a version that was handed in is for everybody of the internship."""
    if submission.state == "draft":
        return person is not None and submission.author_id == person.id
    return internship_policy.may_see(person, submission.internship)
