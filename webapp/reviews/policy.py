"""Who may judge the work: the employer's people, and never the one who did it, as a person."""

from __future__ import annotations

from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.internships import policy as internship_policy
from webapp.submissions.models import Submission


def may_review(person: Viewer, submission: Submission) -> bool:
    """An owner or reviewer of the employer who neither is the intern nor wrote this version."""
    if person is None or person is SYSTEM or person.id == submission.author_id:
        return False
    return internship_policy.is_reviewer(person, submission.internship)


def may_accept_result(person: Viewer, submission: Submission) -> bool:
    """The intern, whose result it is."""
    return internship_policy.is_intern(person, submission.internship)
