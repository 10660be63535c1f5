"""The blueprint of postings, and how its pages are answered."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.wrappers import Response

from webapp.core.web import labels, responses
from webapp.core.web.fields import percent

bp = Blueprint("postings", __name__)


def screen(name: str, **context: Any) -> Response:
    """A page of postings, or a part of one, with what their templates format by."""
    answer = responses.fragment if name.endswith(".html") else responses.screen
    return answer(name, percent=percent, state_label=labels.state_label, **context)
