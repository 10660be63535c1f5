"""The routes of the work: prepare it, hand it in, look at its versions, fetch its files."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core.errors import BadInput, Stale
from webapp.core.files import blobs
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access, idempotency
from webapp.core.web import responses
from webapp.core.web.forms import seen_version, whole_number
from webapp.core.web.labels import state_label
from webapp.internships import policy as internship_policy
from webapp.internships.models import Internship
from webapp.submissions import actions, files, policy, queries
from webapp.submissions.forms import WorkForm
from webapp.submissions.models import Submission, SubmissionFile
from webapp.tasks.queries import boards as task_boards

bp = Blueprint("submissions", __name__)


@bp.get("/internships/<int:internship_id>/submission")
@access.allow(load=queries.workplace_for_viewer, may=policy.may_prepare)
def draft(internship: Internship) -> Response:
    """The version that is being prepared."""
    held = queries.draft_of(internship)
    form = WorkForm(data={"note": held.note, "links": "\n".join(held.links)} if held else None)
    return _draft_screen(internship, form)


@bp.post("/internships/<int:internship_id>/submission")
@access.allow(load=queries.workplace_for_viewer, may=policy.may_prepare)
def change(internship: Internship) -> Response:
    """Save what was typed, take what was chosen, and hand it in if that was the button."""
    form = WorkForm()
    intent = request.form.get("intent", "save")
    try:
        if form.validate():
            with form.catch_refusals():
                return _submit(internship, form) if intent == "submit" else _save(internship, form, intent)
    except Stale:
        return _draft_screen(internship, form, status=409)
    return _draft_screen(internship, form, status=422)


@bp.post("/internships/<int:internship_id>/submission/draft")
@access.allow(load=queries.workplace_for_viewer, may=policy.may_prepare)
def autosave(internship: Internship) -> Response:
    """Save the typed words while they are being typed; files wait for their button."""
    form = WorkForm()
    if not form.validate():
        raise BadInput
    saved = actions.save(internship, actor=g.person, **{**_given(form), "uploads": []})
    idempotency.remember(url_for("submissions.draft", internship_id=internship.id))
    return Response(status=204, headers={"X-Version": str(saved.version)})


@bp.get("/submissions/<int:submission_id>")
@access.allow(load=queries.handed_in_for_viewer, may=access.signed_in)
def show(submission: Submission) -> Response:
    """One version of the work, as it was handed in."""
    internship = submission.internship
    versions = queries.versions(internship)
    moves = lifecycle.open_moves(submission, g.person)
    due = internship.due("approve_by_silence") if submission.state == "submitted" else None
    return responses.screen(
        "submissions/show",
        submission=submission,
        internship=internship,
        versions=versions,
        newest=versions[0],
        review_by=due.at if due is not None else None,
        may_recall="recall" in moves and not internship.frozen,
        state_label=state_label,
        size_words=blobs.size_words,
    )


@bp.post("/submissions/<int:submission_id>/recall")
@access.allow(load=queries.handed_in_for_viewer, may=policy.may_submit)
def recall(submission: Submission) -> Response:
    """Take a version back."""
    actions.recall(submission, actor=g.person, version=seen_version())
    return responses.done(
        url_for("submissions.draft", internship_id=submission.internship_id),
        say=_(
            "Version %(number)s was withdrawn. Make your changes and hand it in again.",
            number=submission.number,
        ),
    )


@bp.get("/submissions/<int:submission_id>/files/<int:file_id>")
@access.allow(load=queries.file_for_viewer, may=access.signed_in)
def file(kept: SubmissionFile) -> Response:
    """One file, to be saved and never shown by the browser."""
    return responses.attachment(kept)


def _given(form: WorkForm) -> dict[str, Any]:
    return {
        "version": seen_version(),
        "note": form.note.data or "",
        "links": form.link_list,
        "uploads": form.uploads,
    }


def _save(internship: Internship, form: WorkForm, intent: str) -> Response:
    number = intent.removeprefix("remove-")
    remove = whole_number(number) if number != intent else None
    actions.save(internship, actor=g.person, remove=remove, **_given(form))
    return responses.done(
        url_for("submissions.draft", internship_id=internship.id), say=_("The draft is saved.")
    )


def _submit(internship: Internship, form: WorkForm) -> Response:
    handed_in = actions.submit(
        internship, actor=g.person, despite_open_tasks=bool(form.despite_open.data), **_given(form)
    )
    if handed_in is None:
        return responses.done(
            url_for("submissions.draft", internship_id=internship.id, _anchor="despite_open"),
            say=_("Everything is saved, but some tasks are still open. Tick the box to submit anyway."),
        )
    return responses.done(
        url_for("submissions.show", submission_id=handed_in.id),
        say=_("Version %(number)s was handed in.", number=handed_in.number),
    )


def _draft_screen(internship: Internship, form: WorkForm, *, status: int = 200) -> Response:
    held = queries.draft_of(internship)
    return responses.screen(
        "submissions/draft",
        status=status,
        internship=internship,
        draft=held,
        form=form,
        stale=status == 409,
        has_errors=status >= 400,
        open_tasks=task_boards.open_count(internship),
        can_hand_in=internship.state == "in_progress" and not internship.frozen,
        versions=queries.versions(internship),
        asked=queries.asked_changes(internship),
        most_files=files.MOST_FILES,
        state_label=state_label,
        size_words=blobs.size_words,
    )


def draft_tab(internship: Internship) -> str | None:
    """Where the intern hands in, while the work goes on."""
    if internship.state != "in_progress" or not internship_policy.is_intern(g.person, internship):
        return None
    return url_for("submissions.draft", internship_id=internship.id)


def work_tab(internship: Internship) -> str | None:
    """The newest version that was handed in."""
    newest = queries.newest(internship) if internship.started_at is not None else None
    return url_for("submissions.show", submission_id=newest.id) if newest is not None else None
