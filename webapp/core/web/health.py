"""What a proxy or an orchestrator asks: is this process alive, and can it answer people now?"""

from __future__ import annotations

import psycopg
from flask import Blueprint, current_app
from flask.wrappers import Response

from webapp.core.security import access

bp = Blueprint("health", __name__)
PATIENCE = 2  # seconds


@bp.get("/healthz")
@access.open_to_all
def alive() -> Response:
    """200 as long as this process takes requests; it says nothing of the database."""
    return _said("alive", 200)


@bp.get("/readyz")
@access.open_to_all
def ready() -> Response:
    """200 when the database answers, else 503: send nobody here for now."""
    url = current_app.extensions["settings"].database_url
    try:
        # A connection of its own: while all others are in use, people are still answered.
        with psycopg.connect(url, connect_timeout=PATIENCE, autocommit=True) as connection:
            connection.execute("SELECT 1")
    except psycopg.Error:
        return _said("the database does not answer", 503)
    return _said("ready", 200)


def _said(words: str, status: int) -> Response:
    return Response(f"{words}\n", status, content_type="text/plain; charset=utf-8")
