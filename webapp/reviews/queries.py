"""What a review says so far, what it would pay, and which reviews are waiting."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.lifecycle.history import Viewer
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.organisations import queries as organisation_queries
from webapp.reviews.models import Review
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission
from workflows.award import TOP, Result, Terms, calculate, full

WAITING_AT_MOST = 50
DECIDED = ("accepted", "partly_accepted", "changes_requested", "rejected")


def terms_of(internship: Internship) -> Terms:
    """The terms of the amount as the agreement froze them."""
    return internship.terms.amount


@dataclass(frozen=True)
class Score:
    """What the levels given so far come to; a criterion without one counts as level 0."""

    given: int
    criteria: int
    points: int
    most_points: int
    result: Result


def score(internship: Internship, levels: Sequence[int | None], bonus: int) -> Score:
    """Price the levels given so far."""
    counted = [level or 0 for level in levels]
    return Score(
        given=sum(level is not None for level in levels),
        criteria=len(levels),
        points=sum(counted),
        most_points=TOP * len(levels),
        result=calculate(terms_of(internship), counted, bonus),
    )


def countable(internship: Internship, bonus: int) -> int:
    """As much of a bonus that is still being typed as the formula takes: within the pot, and in units."""
    within = min(bonus, internship.terms.bonus_pot)
    return within - within % internship.terms.unit


def calculation(
    internship: Internship, submission: Submission, levels: Sequence[int], bonus: int
) -> dict[str, Any]:
    """Why the amount is what it is: the formula's version, its inputs with their hash, and its parts."""
    terms = terms_of(internship)
    result = calculate(terms, levels, bonus)
    inputs = {
        "currency": internship.terms.currency,
        "base": terms.base,
        "guaranteed": terms.guaranteed,
        "bonus_pot": terms.bonus_pot,
        "unit": terms.unit,
        "weights": list(terms.weights),
        "levels": list(levels),
        "bonus": bonus,
    }
    canonical = json.dumps(inputs, sort_keys=True, separators=(",", ":")).encode()
    return {
        "formula_version": internship.terms.formula_version,
        "submission": submission.number,
        "submission_sha256": submission.sha256,
        "inputs": inputs,
        "inputs_sha256": hashlib.sha256(canonical).hexdigest(),
        "parts": list(result.parts),
        "bonus": result.bonus,
        "remainder": result.remainder,
    }


def full_levels(internship: Internship) -> list[int]:
    """The levels that pay the full base."""
    return [TOP] * len(full(terms_of(internship)).parts)


def levels_of(review: Review | None, internship: Internship) -> list[int | None]:
    """The level of each criterion in the agreement's order; None where none was given."""
    given = {line.position: line.level for line in review.lines} if review is not None else {}
    return [given.get(position) for position in range(1, len(internship.terms.criteria) + 1)]


def own_review(submission: Submission, person: Person) -> Review | None:
    """This person's review of this version, draft or decided."""
    return db.session.scalars(
        select(Review).where(Review.submission_id == submission.id, Review.reviewer_id == person.id)
    ).one_or_none()


def others_at_it(submission: Submission, person: Person) -> list[Review]:
    """The drafts that colleagues have begun on this version."""
    return list(
        db.session.scalars(
            select(Review)
            .where(
                Review.submission_id == submission.id,
                Review.reviewer_id != person.id,
                Review.decided_at.is_(None),
            )
            .options(joinedload(Review.reviewer))
        )
    )


def decided_review(submission: Submission) -> Review | None:
    """The review that decided on this version; None while there is none, or when silence decided."""
    return db.session.scalars(
        select(Review)
        .where(Review.submission_id == submission.id, Review.decided_at.is_not(None))
        .options(joinedload(Review.reviewer))
    ).one_or_none()


def result_for_viewer(person: Viewer, submission_id: int) -> Submission | None:
    """The version, if it has been decided on and this person may see it."""
    submission = submission_queries.handed_in_for_viewer(person, submission_id)
    return submission if submission is not None and submission.state in DECIDED else None


def waiting(person: Viewer) -> list[Submission]:
    """The versions that wait for a review by one of this person's employers, the oldest first."""
    employer_ids = [organisation.id for organisation in organisation_queries.employers_of(person)]
    if not employer_ids:
        return []
    rows = db.session.scalars(
        select(Submission)
        .join(Internship, Internship.id == Submission.internship_id)
        .where(Submission.state == "submitted", Internship.organisation_id.in_(employer_ids))
        .options(joinedload(Submission.internship).joinedload(Internship.intern))
        .order_by(Submission.submitted_at, Submission.id)
        .limit(WAITING_AT_MOST)
    )
    return [row for row in rows if internship_policy.is_reviewer(person, row.internship)]


def objections(decision: str, submission: Submission, review: Review | None) -> list[str]:
    """What stands against this decision, as sentences: what the reviewer has to say or change first."""
    internship = submission.internship
    titles = [criterion.title for criterion in internship.terms.criteria]
    levels = levels_of(review, internship)
    comments = {line.position: line.comment for line in review.lines} if review is not None else {}
    if review is None:
        return [_("No comments on this version yet.")]
    if decision == "approve":
        return _against_approval(review, titles, levels)
    if decision == "reject":
        return _against_rejection(review, titles, levels, comments)
    cited = [line.position for line in review.lines if line.cited]
    if not cited:
        return [_("Choose at least one criterion that needs a change.")]
    return [
        _("Enter what has to change: %(criterion)s.", criterion=titles[position - 1])
        for position in cited
        if not comments.get(position)
    ]


def _against_approval(review: Review, titles: list[str], levels: Sequence[int | None]) -> list[str]:
    objections = [
        _("Choose a level: %(criterion)s.", criterion=title)
        for title, level in zip(titles, levels, strict=True)
        if level is None
    ]
    if not objections and not any(levels):
        objections.append(_("Every criterion is at level 0. That is a rejection, which needs reasons."))
    if review.bonus and not review.bonus_reason:
        objections.append(_("Enter what the bonus is for."))
    return objections


def _against_rejection(
    review: Review, titles: list[str], levels: Sequence[int | None], comments: dict[int, str]
) -> list[str]:
    objections = []
    if any(levels):
        objections.append(
            _(
                "Rejecting sets every criterion to level 0. To pay for what is there, approve the work instead."
            )
        )
    if review.bonus:
        objections.append(_("Rejected work gets no bonus."))
    objections.extend(
        _("Give the reason: %(criterion)s.", criterion=title)
        for position, title in enumerate(titles, start=1)
        if not comments.get(position)
    )
    return objections
