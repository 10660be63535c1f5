"""Which versions of the work there are, and what somebody may see of them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select, tuple_
from sqlalchemy.orm import selectinload

from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import Viewer
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.submissions import policy
from webapp.submissions.models import Submission, SubmissionFile

REVIEW_BEGUN = "begin_review"
"""The fact in a version's history that a reviewer has begun: from then on it cannot be taken back."""


def for_viewer(person: Viewer, submission_id: int) -> Submission | None:
    """The version, if this person may see it."""
    submission = db.session.get(Submission, submission_id)
    return submission if submission is not None and policy.may_see(person, submission) else None


def handed_in_for_viewer(person: Viewer, submission_id: int) -> Submission | None:
    """The version, if this person may see it and it is no draft."""
    submission = for_viewer(person, submission_id)
    return submission if submission is not None and submission.state != "draft" else None


def file_for_viewer(person: Viewer, submission_id: int, file_id: int) -> SubmissionFile | None:
    """A file of a version that this person may see."""
    submission = for_viewer(person, submission_id)
    if submission is None:
        return None
    return next((file for file in submission.files if file.id == file_id), None)


def workplace_for_viewer(person: Viewer, internship_id: int) -> Internship | None:
    """The internship, if this person may see it and its work has begun."""
    internship = internship_queries.for_viewer(person, internship_id)
    return internship if internship is not None and internship.started_at is not None else None


def draft_of(internship: Internship) -> Submission | None:
    """The version that is being prepared; None before its first word or file."""
    return db.session.scalars(
        select(Submission).where(Submission.internship_id == internship.id, Submission.state == "draft")
    ).one_or_none()


def newest(internship: Internship) -> Submission | None:
    """The newest version that was handed in, whatever became of it."""
    return db.session.scalars(
        select(Submission)
        .where(Submission.internship_id == internship.id, Submission.state != "draft")
        .order_by(Submission.number.desc())
        .limit(1)
    ).one_or_none()


def newest_of(internship_ids: Iterable[int]) -> dict[int, Submission]:
    """The same for many internships, by internship, read at once."""
    newest = (
        select(Submission.internship_id, func.max(Submission.number))
        .where(Submission.internship_id.in_(list(internship_ids)), Submission.state != "draft")
        .group_by(Submission.internship_id)
    )
    rows = db.session.scalars(
        select(Submission).where(tuple_(Submission.internship_id, Submission.number).in_(newest))
    ).unique()
    return {row.internship_id: row for row in rows}


def versions(internship: Internship) -> list[Submission]:
    """All versions that were handed in, the newest first."""
    return list(
        db.session.scalars(
            select(Submission)
            .where(Submission.internship_id == internship.id, Submission.state != "draft")
            .options(selectinload(Submission.files))
            .order_by(Submission.number.desc())
        )
    )


def next_number(internship: Internship) -> int:
    """The number of the next version; the caller holds the internship's lock."""
    last = db.session.scalar(
        select(func.max(Submission.number)).where(Submission.internship_id == internship.id)
    )
    return int(last or 0) + 1


def review_begun(submission: Submission) -> bool:
    """Has a reviewer begun to judge this version?"""
    return any(entry.move == REVIEW_BEGUN for entry in history.of_subject(submission.kind, submission.id))


def ends_if_recalled(internship: Internship) -> bool:
    """Would the internship end the moment its work is taken back, because nothing was handed in for too long?"""
    end = internship.due("end_early")
    return end is not None and end.at <= clock.now()


def asked_changes(internship: Internship) -> history.HistoryEntry | None:
    """What the reviewer asked to be changed in the newest version: criteria in the params, words in the text."""
    last = newest(internship)
    if last is None or last.state != "changes_requested":
        return None
    entries = [e for e in history.of_subject(last.kind, last.id) if e.move == "request_changes"]
    return entries[-1] if entries else None
