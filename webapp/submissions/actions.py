"""What the intern does with the work: prepare a version, hand it in, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotNow, Stale
from webapp.core.files import uploads as arriving
from webapp.core.files.uploads import Kept, Upload
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import Actor
from webapp.internships import actions as internship_actions
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.notifications import actions as notification_actions
from webapp.submissions import files, policy, queries
from webapp.submissions.models import Submission, SubmissionFile
from webapp.tasks.queries import boards as task_boards


def save(
    internship: Internship,
    *,
    actor: Person,
    version: int,
    note: str,
    links: Sequence[str],
    uploads: Sequence[Upload] = (),
    remove: int | None = None,
) -> Submission:
    """The intern prepares the next version; its first word or file begins it. `version` 0: none was seen.

    Raises Invalid for a file that is not kept, Stale when another tab changed the draft meanwhile.
    """
    if not policy.may_prepare(actor, internship):
        raise NotAllowed
    files.check_count(len(uploads))
    kept = arriving.keep(uploads, person_id=actor.id)  # before the lock: storing takes its time
    draft = _draft(internship, actor=actor, version=version)
    _write(draft, note, list(links), kept, remove)
    return draft


def _draft(internship: Internship, *, actor: Person, version: int) -> Submission:
    lifecycle.lock(internship)
    draft = queries.draft_of(internship)
    if draft is not None:
        lifecycle.lock(draft)
    if (draft.version if draft is not None else 0) != version:
        raise Stale
    if internship.state != "in_progress" or internship.frozen:
        raise NotNow(_l("Work can be prepared and handed in only while the internship is in progress."))
    if draft is None:
        draft = Submission(
            internship_id=internship.id,
            number=queries.next_number(internship),
            author_id=actor.id,
            links=[],
            begun_at=clock.now(),
        )
        lifecycle.begin(draft, actor=actor, params={"number": draft.number})
    return draft


def _write(draft: Submission, note: str, links: list[str], kept: list[Kept], remove: int | None) -> None:
    removed = [file for file in draft.files if file.id == remove]
    added = arriving.new_among(kept, draft.files)
    files.check_count(len(draft.files) - len(removed) + len(added))
    if (note, links) == (draft.note, draft.links) and not removed and not added:
        return
    draft.note, draft.links = note, links
    for file in removed:
        draft.files.remove(file)
    for upload in added:
        draft.files.append(
            SubmissionFile(
                filename=upload.filename,
                sha256=upload.blob.sha256,
                size=upload.blob.size,
                media_type=upload.blob.media_type,
                added_at=clock.now(),
            )
        )
    draft.version += 1
    db.session.flush()


def submit(
    internship: Internship,
    *,
    actor: Person,
    version: int,
    note: str,
    links: Sequence[str],
    uploads: Sequence[Upload] = (),
    despite_open_tasks: bool = False,
) -> Submission | None:
    """The intern hands in the work. None: it is saved, but cards are open and nobody said to go on regardless."""
    held = queries.draft_of(internship)
    if not note and not links and not uploads and not (held is not None and held.files):
        raise Invalid(_l("There is nothing to hand in yet. Add a file, a link or a note."), field="note")
    draft = save(internship, actor=actor, version=version, note=note, links=links, uploads=uploads)
    if not despite_open_tasks and task_boards.open_count(internship):
        return None
    late = clock.now() > internship.submit_by + timedelta(hours=internship.terms.clocks.grace_hours)
    digest = files.sha256(draft)
    lifecycle.advance(
        draft,
        "submit",
        actor=actor,
        fields={"submitted_at": clock.now(), "late": late, "sha256": digest},
        params={"number": draft.number, "sha256": digest, "files": len(draft.files), "late": late},
    )
    internship_actions.submit(internship, actor=actor, late=draft.late)
    due = internship.due("approve_by_silence")
    assert due is not None
    notification_actions.tell_all(
        internship_queries.reviewers(internship),
        "work_submitted",
        key=f"work_submitted:{draft.id}",
        path=f"/submissions/{draft.id}/review",
        name=actor.preferred_name,
        title=internship.terms.title,
        number=draft.number,
        until=due.at,
    )
    return draft


def recall(submission: Submission, *, actor: Person, version: int) -> Submission:
    """The intern takes a version back before anybody has begun to review it; the next one begins as its copy."""
    lifecycle.lock(submission)
    internship = submission.internship
    lifecycle.advance(submission, "recall", actor=actor, version=version)
    internship_actions.recall(internship, actor=actor)
    notification_actions.tell_all(
        internship_queries.reviewers(internship),
        "work_recalled",
        key=f"work_recalled:{submission.id}",
        path=f"/submissions/{submission.id}",
        name=actor.preferred_name,
        title=internship.terms.title,
        number=submission.number,
    )
    return begin_next(submission, actor=actor)


def begin_next(submission: Submission, *, actor: Actor) -> Submission:
    """Begin the version after this one as its copy, so that nothing has to be uploaded again."""
    internship = submission.internship
    lifecycle.lock(internship)
    copy = Submission(
        internship_id=internship.id,
        number=queries.next_number(internship),
        author_id=submission.author_id,
        note=submission.note,
        links=list(submission.links),
        begun_at=clock.now(),
        files=[
            SubmissionFile(
                filename=file.filename,
                sha256=file.sha256,
                size=file.size,
                media_type=file.media_type,
                added_at=clock.now(),
            )
            for file in submission.files
        ],
    )
    lifecycle.begin(copy, actor=actor, params={"number": copy.number})
    return copy
