"""The files of a card: put there, fetched, taken away."""

from __future__ import annotations

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core import access, ui
from webapp.core.errors import Invalid
from webapp.core.uploads import chosen
from webapp.tasks import actions, policy, queries
from webapp.tasks.forms import FilesForm
from webapp.tasks.models import Task, TaskFile
from webapp.tasks.routes.cards import card_screen
from webapp.tasks.routes.parts import bp


@bp.post("/tasks/<int:task_id>/files")
@access.allow(load=queries.for_viewer, may=policy.may_edit)
def add_files(task: Task) -> Response:
    """Put files on a card."""
    form = FilesForm()
    if form.validate():
        try:
            actions.add_files(task, actor=g.person, chosen=chosen(form.files.data))
            return ui.done(url_for("tasks.show", task_id=task.id), say=_("The files were added."))
        except Invalid as refused:
            form.refuse(refused)
    return card_screen(task, 422, files=form)


@bp.get("/tasks/<int:task_id>/files/<int:file_id>")
@access.allow(load=queries.file_for_viewer, may=access.signed_in)
def file(found: TaskFile) -> Response:
    """One file, to be saved and never shown by the browser."""
    return ui.attachment(found)


@bp.post("/tasks/<int:task_id>/files/<int:file_id>/removal")
@access.allow(load=queries.file_for_viewer, may=policy.may_remove)
def remove_file(found: TaskFile) -> Response:
    """Take a file away again."""
    name, task_id = found.filename, found.task_id
    actions.remove_file(found, actor=g.person)
    return ui.done(url_for("tasks.show", task_id=task_id), say=_("“%(file)s” was removed.", file=name))
