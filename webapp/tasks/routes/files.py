"""The files of a card: put there, fetched, taken away."""

from __future__ import annotations

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core.files.uploads import chosen
from webapp.core.security import access
from webapp.core.web import responses
from webapp.tasks import policy
from webapp.tasks.actions import files as task_files
from webapp.tasks.forms import FilesForm
from webapp.tasks.models import Task, TaskFile
from webapp.tasks.queries import attachments as task_attachments
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp
from webapp.tasks.routes.cards import card_screen


@bp.post("/tasks/<int:task_id>/files")
@access.allow(load=task_boards.for_viewer, may=policy.may_edit)
def add_files(task: Task) -> Response:
    """Put files on a card."""
    form = FilesForm()
    if form.validate():
        with form.catch_refusals():
            task_files.add_files(task, actor=g.person, chosen=chosen(form.files.data))
            return responses.done(url_for("tasks.show", task_id=task.id), say=_("The files were added."))
    return card_screen(task, 422, files=form)


@bp.get("/tasks/<int:task_id>/files/<int:file_id>")
@access.allow(load=task_attachments.file_for_viewer, may=access.signed_in)
def file(task_file: TaskFile) -> Response:
    """One file, to be saved and never shown by the browser."""
    return responses.attachment(task_file)


@bp.post("/tasks/<int:task_id>/files/<int:file_id>/removal")
@access.allow(load=task_attachments.file_for_viewer, may=policy.may_remove)
def remove_file(task_file: TaskFile) -> Response:
    """Take a file away again."""
    name, task_id = task_file.filename, task_file.task_id
    task_files.remove_file(task_file, actor=g.person)
    return responses.done(url_for("tasks.show", task_id=task_id), say=_("“%(file)s” was removed.", file=name))
