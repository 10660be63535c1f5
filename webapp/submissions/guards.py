"""Who hands work in and takes it back, and what must be true first."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.lifecycle.guards import Guard, Guards, Refusal
from webapp.core.lifecycle.history import Viewer
from webapp.core.lifecycle.transitions import MOVED_ON
from webapp.submissions import policy, queries
from webapp.submissions.models import Submission


def review_not_begun(submission: Submission, _actor: Viewer) -> Refusal | None:
    """Nobody has begun to review this version."""
    if not queries.review_begun(submission):
        return None
    return Refusal("review_begun", _l("The review has started, so you can't withdraw this version any more."))


def still_time(submission: Submission, _actor: Viewer) -> Refusal | None:
    """Taking it back would not end the internship at once, because its time is over."""
    return Refusal("over", MOVED_ON) if queries.ends_if_recalled(submission.internship) else None


GUARDS: Guards = {
    "submit": Guard(policy.may_submit),
    "recall": Guard(policy.may_submit, (review_not_begun, still_time)),
}
