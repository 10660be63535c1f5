"""The blueprint of applications, and the page of a posting's list that somebody looks at."""

from __future__ import annotations

from flask import Blueprint, request, url_for

from webapp.core.web import responses

bp = Blueprint("applications", __name__)


def page_shown() -> str | None:
    """Behind which application the page of the list starts that is asked for, or from which a form was sent."""
    origin = responses.asked_from() if request.method == "POST" else None
    if origin is not None and origin.endpoint == "applications.of_posting":
        return origin.args.get("after")
    return responses.page_args().get("after")


def list_address(posting_id: int) -> str:
    """Where the list of a posting's applications goes on, on the page that was looked at."""
    return url_for("applications.of_posting", posting_id=posting_id, after=page_shown())
