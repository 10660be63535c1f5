"""The inbox: what a person was told, read in their own language."""

from __future__ import annotations

from flask import Blueprint, g, request, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core.security import access
from webapp.core.web import preferences, responses
from webapp.core.web.forms import whole_number
from webapp.notifications import actions, labels, queries
from webapp.notifications.models import Notice

bp = Blueprint("notifications", __name__)
bp.add_app_template_global(labels.words, "notice_words")


@bp.get("/inbox")
@access.allow(may=access.signed_in)
def inbox() -> Response:
    start = whole_number(request.args.get("before"))
    page = queries.inbox(g.person.id, before=start)
    entries = [(notice, *labels.words(notice.code, notice.params)) for notice in page.rows]
    return responses.screen(
        "notifications/inbox", entries=entries, unread=queries.unread_count(g.person.id), page=page
    )


@bp.post("/inbox/<int:notice_id>/reading")
@access.allow(load=queries.for_reader, may=access.signed_in)
def mark_read(notice: Notice) -> Response:
    actions.mark_read(notice, actor=g.person)
    return responses.done(url_for("notifications.inbox"), say=_("Marked as read."))


@bp.post("/inbox/<int:notice_id>/visit")
@access.allow(load=queries.for_reader, may=access.signed_in)
def visit(notice: Notice) -> Response:
    """Open what the notice is about; opening it is reading it."""
    actions.mark_read(notice, actor=g.person)
    return responses.leave(preferences.safe_redirect(notice.path) or url_for("notifications.inbox"))


@bp.post("/inbox/reading")
@access.allow(may=access.signed_in)
def mark_all_read() -> Response:
    actions.mark_all_read(actor=g.person)
    return responses.done(url_for("notifications.inbox"), say=_("Everything is marked as read."))
