"""Taking tasks over from a board of before."""

from __future__ import annotations

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import ngettext
from wtforms.fields.choices import SelectChoice

from webapp.core.errors import NotThere
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.actions import templates as task_templates
from webapp.tasks.forms import CopyForm
from webapp.tasks.queries import attachments as task_attachments
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.routes.board_view import bp, seen


@bp.get("/internships/<int:internship_id>/tasks/copy")
@access.allow(load=task_boards.board_for_viewer, may=policy.may_add)
def copying(internship: Internship) -> Response:
    """The boards to choose from; the cards of one of them, when it is chosen (`from`)."""
    source_id = None if g.get("answering") else request.args.get("from")
    if not source_id:
        return _boards(internship)
    source = task_attachments.board_to_copy(g.person, internship, whole_number(source_id))
    if source is None:
        raise NotThere
    cards = task_attachments.cards_to_copy(source)
    form = CopyForm(data={"board": str(source.id), "cards": [str(card.id) for card in cards]})
    return _cards(internship, source, form)


@bp.post("/internships/<int:internship_id>/tasks/copy")
@access.allow(load=task_boards.board_for_viewer, may=policy.may_add)
def copy(internship: Internship) -> Response:
    """Take the chosen cards over."""
    form = CopyForm()
    good = form.validate()
    source = task_attachments.board_to_copy(g.person, internship, whole_number(form.board.data))
    if source is None:
        return _boards(internship, refused=True)
    if good:
        with form.catch_refusals():
            copies = task_templates.copy_cards(internship, actor=g.person, source=source, cards=form.chosen)
            say = ngettext("%(num)s task was copied.", "%(num)s tasks were copied.", len(copies))
            return responses.done(url_for("tasks.board", internship_id=internship.id), say=say)
    return _cards(internship, source, form, status=422)


def _boards(internship: Internship, *, refused: bool = False) -> Response:
    boards = task_attachments.past_boards(g.person, internship)
    return _screen(internship, status=422 if refused else 200, refused=refused, boards=boards, source=None)


def _cards(internship: Internship, source: Internship, form: CopyForm, *, status: int = 200) -> Response:
    cards = task_attachments.cards_to_copy(source)
    form.cards.choices = [SelectChoice(str(card.id), card.title) for card in cards]
    return _screen(
        internship,
        status=status,
        source=source,
        form=form,
        total=sum(task_boards.counts(source).values()),
        shown=len(cards),
    )


def _screen(internship: Internship, *, status: int, **context: object) -> Response:
    return responses.screen("tasks/copying", status=status, **context, **seen(internship))
