"""The blueprint of postings, how its pages are answered, and how its forms are read."""

from __future__ import annotations

from flask import Blueprint, request
from flask.wrappers import Response
from flask_babel import lazy_gettext as _l

from webapp.core.errors import BadInput
from webapp.core.web import labels, responses
from webapp.core.web.fields import percent
from webapp.core.web.forms import seen_version

bp = Blueprint("postings", __name__)


def screen(name: str, *, status: int = 200, **context: object) -> Response:
    """A page of postings, or a part of one, with what their templates format by."""
    answer = responses.fragment if name.endswith(".html") else responses.screen
    return answer(name, status=status, percent=percent, state_label=labels.state_label, **context)


def version_seen(*many: str) -> int:
    """The version of the posting that was on screen; only fields named in `many` may come more than once.

    Raises BadInput without a version, or where the form sent another field twice.
    """
    refuse_doubles(*many)
    return seen_version()


def refuse_doubles(*many: str) -> None:
    """Raise BadInput where the form sent a field twice that is not in `many`."""
    for name in request.form:
        if name not in many and len(request.form.getlist(name)) > 1:
            raise BadInput(_l("The form sent one field twice."))
