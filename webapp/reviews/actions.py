"""What reviewers decide about the work, and what silence decides when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.money.amounts import Money
from webapp.internships import actions as internship_actions
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.notifications import actions as notification_actions
from webapp.organisations import queries as organisation_queries
from webapp.payouts.actions import returns as payout_returns
from webapp.reviews import policy, queries
from webapp.reviews.models import Review, ReviewLine
from webapp.submissions import actions as submission_actions
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission


class Overtaken(Stale):
    """The version that was judged is not the one to judge any more; `newest` is."""

    def __init__(self, newest: Submission) -> None:
        super().__init__(
            _l("The intern withdrew this version or handed in a newer one. Review the newest one.")
        )
        self.newest = newest


@dataclass(frozen=True)
class Mark:
    """What a reviewer says about one criterion."""

    level: int | None
    comment: str
    cited: bool


def save(
    submission: Submission,
    *,
    actor: Person,
    version: int,
    marks: Sequence[Mark],
    comment: str,
    bonus: int,
    bonus_reason: str,
) -> Review:
    """A reviewer notes levels and comments; the first note begins the review, and the work cannot be recalled.

    `version` 0: no draft of theirs was on screen. Raises Overtaken when this is not the version to judge.
    """
    _to_judge(submission, actor)
    review = _draft(submission, actor, version)
    if bonus > submission.internship.terms.bonus_pot:
        raise Invalid(_l("The bonus is larger than the bonus pot."), field="bonus")
    if bonus % submission.internship.terms.unit:
        terms = submission.internship.terms
        whole = max(bonus // terms.unit, 1) * terms.unit
        example = Money(whole, terms.currency).format(str(get_locale()))
        raise Invalid(
            _l("Enter a whole amount, for example %(example)s.", example=example),
            field="bonus",
        )
    review.comment, review.bonus, review.bonus_reason = comment, bonus, bonus_reason
    lines = {line.position: line for line in review.lines}
    for position, mark in enumerate(marks, start=1):
        line = lines.get(position)
        if line is None:
            line = ReviewLine(position=position)
            review.lines.append(line)
        line.level, line.comment, line.cited = mark.level, mark.comment, mark.cited
    review.version += 1
    db.session.flush()
    return review


def _to_judge(submission: Submission, actor: Person) -> Internship:
    """Lock, and refuse who may not judge it or a version that is not the newest."""
    lifecycle.lock(submission)
    if not policy.may_review(actor, submission):
        raise NotAllowed
    internship = submission.internship
    newest = submission_queries.newest(internship)
    assert newest is not None
    if newest.id != submission.id or submission.state == "recalled":
        raise Overtaken(newest)
    if submission.state != "submitted":
        raise NotNow(_l("This version has already been decided."))
    if internship.frozen:
        raise NotNow(_l("A dispute is open, so everything is paused until it is decided."))
    return internship


def _draft(submission: Submission, actor: Person, version: int) -> Review:
    # Read under the internship's lock: two tabs of one reviewer would else each begin a draft.
    review = db.session.scalars(
        select(Review)
        .where(Review.submission_id == submission.id, Review.reviewer_id == actor.id)
        .execution_options(populate_existing=True)
    ).one_or_none()
    if (review.version if review is not None else 0) != version:
        raise Stale
    if review is None:
        review = Review(submission=submission, reviewer=actor, begun_at=clock.now(), bonus=0)
        db.session.add(review)
        db.session.flush()
        history.record(
            submission.root(),
            submission,
            submission_queries.REVIEW_BEGUN,
            actor=actor,
            params={"number": submission.number},
        )
    return review


def approve(submission: Submission, *, actor: Person, version: int, sha256: str) -> Review:
    """The reviewer approves what is there: wholly where the levels pay the full base, otherwise in part.

    `sha256` names the very work that was on screen.
    """
    review, levels = _to_decide("approve", submission, actor, version, sha256)
    result = queries.score(submission.internship, levels, review.bonus).result
    whole = result.award - result.bonus == submission.internship.terms.base
    if whole:
        _fix(review, levels, decision="accept", outcome="accepted")
    else:
        _fix(review, levels, decision="accept_partly", outcome="partly_accepted")
    return review


def reject(submission: Submission, *, actor: Person, version: int, sha256: str) -> Review:
    """The reviewer rejects everything, with a reason for each criterion; the guaranteed part is paid."""
    review, levels = _to_decide("reject", submission, actor, version, sha256)
    for line in review.lines:
        line.level = 0
    _fix(review, [0] * len(levels), decision="reject", outcome="rejected")
    return review


def request_changes(submission: Submission, *, actor: Person, version: int, sha256: str) -> Review:
    """The reviewer asks for changes to the cited criteria; the next version begins as a copy of this one."""
    review, _levels = _to_decide("request_changes", submission, actor, version, sha256)
    internship = submission.internship
    cited = [line for line in review.lines if line.cited]
    titles = [criterion.title for criterion in internship.terms.criteria]
    words = [review.comment, *(f"{titles[line.position - 1]}: {line.comment}" for line in cited)]
    positions = [line.position for line in cited]
    review.decision, review.decided_at = "request_changes", clock.now()
    db.session.flush()
    lifecycle.advance(
        submission,
        "request_changes",
        actor=actor,
        params={"number": submission.number, "criteria": positions},
        text="\n".join(word for word in words if word),
    )
    internship_actions.request_changes(internship, actor=actor, criteria=positions)
    submission_actions.begin_next(submission, actor=actor)
    _tell_intern(submission, "changes_requested", name=actor.preferred_name, until=internship.revise_by)
    return review


def _to_decide(
    decision: str, submission: Submission, actor: Person, version: int, sha256: str
) -> tuple[Review, list[int]]:
    internship = _to_judge(submission, actor)
    if version < 1 or sha256 != submission.sha256:
        raise Stale
    review = _draft(submission, actor, version)
    objections = queries.objections(decision, submission, review)
    if objections:
        raise Invalid(objections[0])
    return review, [level or 0 for level in queries.levels_of(review, internship)]


def _fix(review: Review, levels: Sequence[int], *, decision: str, outcome: str) -> None:
    """Decide: the version's outcome, the amount and its reasons, the payout, the news for the intern."""
    submission, internship, actor = review.submission, review.submission.internship, review.reviewer
    db.session.flush()  # the lines first: once the review is decided the database lets nobody touch them
    calculation = queries.calculation(internship, submission, levels, review.bonus)
    review.award = sum(calculation["parts"]) + calculation["bonus"]
    review.calculation = calculation
    review.decision, review.decided_at = decision, clock.now()
    db.session.flush()
    lifecycle.advance(
        submission,
        decision,
        actor=actor,
        params={"number": submission.number, "award": review.award},
    )
    internship_actions.fix_result(
        internship, actor=actor, move="review", award=review.award, outcome=outcome, params=calculation
    )
    payout_returns.fall_due(internship, actor=actor)
    _tell_intern(submission, "result_ready", name=actor.preferred_name, amount=_money(internship))


def approve_by_silence(internship: Internship) -> None:
    """Nobody reviewed in time: the newest version is accepted, with the full base and no bonus."""
    lifecycle.lock(internship)
    submission = submission_queries.newest(internship)
    assert submission is not None
    calculation = queries.calculation(internship, submission, queries.full_levels(internship), 0)
    award = sum(calculation["parts"])
    lifecycle.advance(
        submission,
        "accept",
        actor=SYSTEM,
        params={"number": submission.number, "award": award},
    )
    internship_actions.fix_result(
        internship,
        actor=SYSTEM,
        move="approve_by_silence",
        award=award,
        outcome="by_silence",
        params=calculation,
    )
    payout_returns.fall_due(internship, actor=SYSTEM)
    _tell_intern(submission, "approved_by_silence", amount=_money(internship))
    notification_actions.tell_all(
        internship_queries.reviewers(internship),
        "silence_approved",
        key=f"silence_approved:{submission.id}",
        path=f"/submissions/{submission.id}/result",
        title=internship.terms.title,
        amount=_money(internship),
    )


def remind_review(internship: Internship, number: int) -> None:
    """A review waits: first the reviewers are told, the second time the programme's managers too."""
    submission, due = submission_queries.newest(internship), internship.due("approve_by_silence")
    if submission is None or due is None:
        return
    people = internship_queries.reviewers(internship)
    if number > 1:
        people += organisation_queries.members(internship.programme_id, "manager")
    notification_actions.tell_all(
        people,
        "review_waits",
        key=f"review_waits:{submission.id}:{number}",
        path=f"/submissions/{submission.id}/review" if number == 1 else f"/submissions/{submission.id}",
        title=internship.terms.title,
        until=due.at,
    )


def _money(internship: Internship) -> Money:
    return Money(internship.award or 0, internship.terms.currency)


def _tell_intern(submission: Submission, code: str, **params: object) -> None:
    internship = submission.internship
    assert internship.intern is not None
    notification_actions.tell(
        internship.intern,
        code,
        key=f"{code}:{submission.id}",
        path=f"/submissions/{submission.id}/result",
        title=internship.terms.title,
        **params,
    )
