"""The routes of reviews: score, decide on a check page, and show the result."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, g, render_template, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core.errors import BadInput, Invalid
from webapp.core.files.blobs import size_words
from webapp.core.security import access, idempotency
from webapp.core.web import responses
from webapp.core.web.forms import seen_version
from webapp.core.web.labels import state_label
from webapp.internships import actions as internship_actions
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.payouts.queries import approval_contents as payout_approval_contents
from webapp.payouts.queries import queue as payout_queue
from webapp.reviews import actions, forms, policy, queries
from webapp.reviews.forms import DecisionForm, ReviewForm
from webapp.reviews.models import Review
from webapp.submissions import queries as submission_queries
from webapp.submissions.models import Submission

bp = Blueprint("reviews", __name__)
CHECKS = {
    "approve": "reviews.check_approval",
    "request_changes": "reviews.check_changes",
    "reject": "reviews.check_rejection",
}


@bp.get("/submissions/<int:submission_id>/review")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def edit(submission: Submission) -> Response:
    """Queue, work and rubric."""
    noted = forms.noted(queries.own_review(submission, g.person), submission.internship)
    return _edit_screen(submission, forms.for_internship(submission.internship, noted))


@bp.get("/submissions/<int:submission_id>/review/score")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def score(submission: Submission) -> Response:
    """The amount for the levels that are ticked now; nothing is saved."""
    form = forms.for_internship(submission.internship, request.args.to_dict())
    bonus = form.bonus_minor if form.bonus.validate(form) else 0
    return _score_answer(submission, form.levels, queries.countable(submission.internship, bonus))


@bp.post("/submissions/<int:submission_id>/review/draft")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def autosave(submission: Submission) -> Response:
    """Save what was noted so far and answer with the amount it comes to."""
    form = forms.for_internship(submission.internship)
    if not form.validate():
        raise BadInput
    review = _save(submission, form)
    idempotency.remember(url_for("reviews.edit", submission_id=submission.id))
    answer = _score_answer(submission, form.levels, form.bonus_minor)
    answer.headers["X-Version"] = str(review.version)
    return answer


@bp.post("/submissions/<int:submission_id>/review")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def save(submission: Submission) -> Response:
    """Save the draft, and go on to the check page of the decision whose button was pressed."""
    form = forms.for_internship(submission.internship)
    try:
        if form.validate():
            with form.catch_refusals():
                _save(submission, form)
                return _saved(submission)
    except actions.Overtaken as overtaken:
        return _overtaken(overtaken)
    return _edit_screen(submission, form, status=422)


@bp.get("/submissions/<int:submission_id>/review/approval")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def check_approval(submission: Submission) -> Response:
    """What approving means, before it is done."""
    return _check(submission, "approve")


@bp.post("/submissions/<int:submission_id>/review/approval")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def approve(submission: Submission) -> Response:
    """Approve."""
    return _decide(submission, "approve", actions.approve, _("The work is approved."))


@bp.get("/submissions/<int:submission_id>/review/change-request")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def check_changes(submission: Submission) -> Response:
    """What asking for changes means, before it is done."""
    return _check(submission, "request_changes")


@bp.post("/submissions/<int:submission_id>/review/change-request")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def request_changes(submission: Submission) -> Response:
    """Ask for changes."""
    return _decide(submission, "request_changes", actions.request_changes, _("Changes were requested."))


@bp.get("/submissions/<int:submission_id>/review/rejection")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def check_rejection(submission: Submission) -> Response:
    """What rejecting means, before it is done."""
    return _check(submission, "reject")


@bp.post("/submissions/<int:submission_id>/review/rejection")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def reject(submission: Submission) -> Response:
    """Reject everything."""
    return _decide(submission, "reject", actions.reject, _("The work is rejected."))


@bp.post("/submissions/<int:submission_id>/review/extension")
@access.allow(load=submission_queries.handed_in_for_viewer, may=policy.may_review)
def extend(submission: Submission) -> Response:
    """Take the one extension of the review."""
    internship_actions.extend_review(submission.internship, actor=g.person, version=seen_version())
    return responses.done(
        url_for("reviews.edit", submission_id=submission.id), say=_("You have more time now.")
    )


@bp.get("/submissions/<int:submission_id>/result")
@access.allow(load=queries.result_for_viewer, may=access.signed_in)
def result(submission: Submission) -> Response:
    """What came of a version: criterion by criterion, the amount and when it comes."""
    internship = submission.internship
    review = queries.decided_review(submission)
    fixed = (
        payout_approval_contents.calculation_of(internship) if submission.state != "changes_requested" else {}
    )
    may_accept = (
        policy.may_accept_result(g.person, submission)
        and internship.state in ("reviewed", "paid")
        and internship.result_accepted_at is None
    )
    return responses.screen(
        "reviews/result",
        submission=submission,
        internship=internship,
        review=review,
        lines={line.position: line for line in review.lines} if review is not None else {},
        calculation=fixed,
        pay_date=payout_queue.pay_date(internship),
        may_accept=may_accept and submission.state != "changes_requested",
        mine=internship_policy.is_intern(g.person, internship),
        state_label=state_label,
    )


@bp.post("/submissions/<int:submission_id>/result/acceptance")
@access.allow(load=queries.result_for_viewer, may=policy.may_accept_result)
def accept_result(submission: Submission) -> Response:
    """The intern accepts the result."""
    internship_actions.accept_result(submission.internship, actor=g.person)
    return responses.done(
        url_for("reviews.result", submission_id=submission.id), say=_("You accepted the result. Thank you.")
    )


def _save(submission: Submission, form: ReviewForm) -> Review:
    return actions.save(
        submission,
        actor=g.person,
        version=seen_version(),
        marks=form.marks,
        comment=form.comment.data or "",
        bonus=form.bonus_minor,
        bonus_reason=form.bonus_reason.data or "",
    )


def _saved(submission: Submission) -> Response:
    check = CHECKS.get(request.form.get("intent", ""))
    if check is not None:
        return responses.done(url_for(check, submission_id=submission.id))
    return responses.done(
        url_for("reviews.edit", submission_id=submission.id, _anchor="score"), say=_("The review is saved.")
    )


def _edit_screen(submission: Submission, form: ReviewForm, *, status: int = 200) -> Response:
    internship = submission.internship
    newest = submission_queries.newest(internship)
    if newest is not None and newest.id != submission.id and status == 200:
        return responses.screen("reviews/overtaken", **_about(newest))
    review = queries.own_review(submission, g.person)
    bonus = form.bonus_minor if form.bonus.minor is not None else (review.bonus if review else 0)
    due = internship.due("approve_by_silence") if internship.state == "submitted" else None
    return responses.screen(
        "reviews/edit",
        status=status,
        form=form,
        review=review,
        score=queries.score(internship, form.levels, queries.countable(internship, bonus)),
        queue=queries.waiting(g.person),
        others=queries.others_at_it(submission, g.person),
        due=due,
        may_extend=due is not None and internship_policy.may_extend_review(g.person, internship),
        open=submission.state == "submitted" and not internship.frozen,
        rounds_left=internship.terms.clocks.revision_rounds - internship.rounds_used,
        **_about(submission),
    )


def _about(submission: Submission) -> dict[str, Any]:
    return {
        "submission": submission,
        "internship": submission.internship,
        "state_label": state_label,
        "size_words": size_words,
    }


def _score_answer(submission: Submission, levels: list[int | None], bonus: int) -> Response:
    body = render_template(
        "reviews/scored.html",
        internship=submission.internship,
        score=queries.score(submission.internship, levels, bonus),
    )
    return Response(body, content_type="text/html; charset=utf-8")


def _check(submission: Submission, decision: str, *, status: int = 200) -> Response:
    internship = submission.internship
    review = queries.own_review(submission, g.person)
    objections = queries.objections(decision, submission, review)
    levels = [0 if decision == "reject" else level for level in queries.levels_of(review, internship)]
    bonus = review.bonus if review is not None and decision == "approve" else 0
    return responses.screen(
        "reviews/check",
        status=status,
        decision=decision,
        action=url_for(f"reviews.{decision}", submission_id=submission.id),
        review=review,
        lines={line.position: line for line in review.lines} if review is not None else {},
        objections=objections,
        score=queries.score(internship, levels, bonus),
        open=submission.state == "submitted" and not internship.frozen,
        rounds_left=internship.terms.clocks.revision_rounds - internship.rounds_used,
        **_about(submission),
    )


def _decide(submission: Submission, decision: str, act: Callable[..., Review], say: str) -> Response:
    form = DecisionForm()
    try:
        act(submission, actor=g.person, version=seen_version(), sha256=form.sha256.data or "")
    except actions.Overtaken as overtaken:
        return _overtaken(overtaken)
    except Invalid:
        return _check(submission, decision, status=422)
    return responses.done(url_for("reviews.result", submission_id=submission.id), say=say)


def _overtaken(overtaken: actions.Overtaken) -> Response:
    """409: the version that was judged is not the one to judge; the newest is shown."""
    return responses.screen("reviews/overtaken", status=409, **_about(overtaken.newest))


def result_tab(internship: Internship) -> str | None:
    """The result of the newest version, once there is one; a version that was withdrawn has none."""
    newest = submission_queries.newest(internship) if internship.reviewed_at is not None else None
    if newest is None or newest.state not in queries.DECIDED:
        return None
    return url_for("reviews.result", submission_id=newest.id)
