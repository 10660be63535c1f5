"""One card: what is on it, its words, its checklist and what is said about it."""

from __future__ import annotations

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import queries as account_queries
from webapp.core.files import blobs
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import Form, seen_version
from webapp.core.web.timeline import older, timeline_of
from webapp.tasks import policy
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.actions import files as task_files
from webapp.tasks.forms import CheckForm, CommentForm, FilesForm, TaskForm
from webapp.tasks.models import Check, Task
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp, seen


@bp.get("/tasks/<int:task_id>")
@access.allow(load=task_boards.for_viewer, may=access.signed_in)
def show(task: Task) -> Response:
    """One card with everything about it."""
    return card_screen(task)


def card_screen(task: Task, status: int = 200, **forms: Form) -> Response:
    """The page of a card, with the form in which something was wrong, if there is one."""
    wrong = next(iter(forms.values()), None)
    return responses.screen(
        "tasks/show",
        status=status,
        task=task,
        check_form=forms.get("check") or CheckForm(),
        comment_form=forms.get("comment") or CommentForm(),
        files_form=forms.get("files") or FilesForm(),
        most_files=task_files.MOST_FILES,
        may_remove=lambda file: policy.may_remove(g.person, file),
        size_words=blobs.size_words,
        mine=task_boards.last_move(g.person, task),
        activity=timeline_of(
            "task", task.id, names=account_queries.names, before=older(responses.page_args())
        ),
        wrong=wrong,
        has_errors=wrong is not None,
        **seen(task.internship),
    )


@bp.post("/tasks/<int:task_id>/checks")
@access.allow(load=task_boards.for_viewer, may=policy.may_edit)
def add_check(task: Task) -> Response:
    """Add a line to the checklist."""
    form = CheckForm()
    if form.validate():
        with form.catch_refusals():
            task_cards.add_check(task, actor=g.person, text=form.item.data)
            return responses.done(url_for("tasks.show", task_id=task.id), say=_("Added to the checklist."))
    return card_screen(task, 422, check=form)


@bp.post("/checks/<int:check_id>/tick")
@access.allow(load=task_boards.check_for_viewer, may=policy.may_tick)
def tick(check: Check) -> Response:
    """Tick a line, or take the tick back."""
    done = request.form.get("done") == "1"
    task_cards.tick(check, actor=g.person, done=done)
    say = (
        _("“%(line)s” is done.", line=check.text)
        if done
        else _("“%(line)s” is not done any more.", line=check.text)
    )
    return responses.done(url_for("tasks.show", task_id=check.task_id), say=say)


@bp.post("/tasks/<int:task_id>/comments")
@access.allow(load=task_boards.for_viewer, may=policy.may_edit)
def say(task: Task) -> Response:
    """Say something about a card."""
    form = CommentForm()
    if not form.validate():
        return card_screen(task, 422, comment=form)
    task_cards.say(task, actor=g.person, text=form.text.data)
    return responses.done(url_for("tasks.show", task_id=task.id), say=_("Your comment was added."))


@bp.get("/tasks/<int:task_id>/edit")
@access.allow(load=task_boards.for_viewer, may=policy.may_edit)
def edit(task: Task) -> Response:
    """The form in which a card is worded."""
    words = {
        "title": task.title,
        "detail": task.detail,
        "due_on": task.due_on,
        "labels": ", ".join(task.labels),
    }
    return responses.screen("tasks/edit", task=task, form=TaskForm(**words), **seen(task.internship))


@bp.post("/tasks/<int:task_id>/edit")
@access.allow(load=task_boards.for_viewer, may=policy.may_edit)
def save(task: Task) -> Response:
    """Save the words of a card."""
    form = TaskForm()
    if not form.validate():
        return responses.screen("tasks/edit", status=422, task=task, form=form, **seen(task.internship))
    task_cards.edit(
        task,
        actor=g.person,
        version=seen_version(),
        title=form.title.data,
        detail=form.detail.data or "",
        due_on=form.due_on.data,
        labels=form.label_list,
    )
    return responses.done(
        url_for("tasks.show", task_id=task.id), say=_("“%(task)s” was saved.", task=task.title)
    )
