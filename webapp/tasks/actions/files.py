"""Files on a card: added by anyone on the board, removed by the person who added them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Invalid, NotAllowed, NotThere
from webapp.core.files import uploads
from webapp.core.files.uploads import Upload
from webapp.tasks import policy
from webapp.tasks.actions.open_board import changed, lock_open, still_open
from webapp.tasks.models import Task, TaskFile

MOST_FILES = 10


def add_files(task: Task, *, actor: Person, chosen: Sequence[Upload]) -> list[TaskFile]:
    """Somebody on the board puts files on a card; one that is there already is not put there again.

    Raises Invalid for a file that is not kept or one too many, NotNow when the board is closed.
    """
    if not policy.may_edit(actor, task):
        raise NotAllowed
    still_open(task.internship)
    if not chosen:
        raise Invalid(_("Choose at least one file."), field="files")
    _check_count(len(chosen))
    kept = uploads.keep(chosen, person_id=actor.id)  # before the lock: storing takes its time
    lock_open(task, actor=actor)
    new = uploads.new_among(kept, task.files)
    _check_count(len(task.files) + len(new))
    added = []
    for upload in new:
        file = TaskFile(
            filename=upload.filename,
            sha256=upload.blob.sha256,
            size=upload.blob.size,
            media_type=upload.blob.media_type,
            added_at=clock.now(),
            added_by=actor,
        )
        task.files.append(file)
        db.session.flush()
        changed(task, "file_added", actor=actor, params={"file": file.id})
        added.append(file)
    return added


def _check_count(count: int) -> None:
    if count > MOST_FILES:
        raise Invalid(_("A task holds at most %(most)s files.", most=MOST_FILES), field="files")


def remove_file(file: TaskFile, *, actor: Person) -> None:
    """The person who added a file removes it; its content goes when no other row names it.

    Raises NotThere when it was taken away meanwhile, NotNow when the board is closed.
    """
    task = file.task
    lock_open(task, actor=actor)
    if file not in task.files:
        raise NotThere
    if not policy.may_remove(actor, file):
        raise NotAllowed
    params = {"file": file.id}
    task.files.remove(file)
    changed(task, "file_removed", actor=actor, params=params)
