"""What gunicorn is told of us (`--config python:webapp.core.serving`)."""

from __future__ import annotations

from typing import Any


def post_worker_init(worker: Any) -> None:
    """A worker that shall stop must not wait for streams that would stay open for ever: its hub sends them away."""
    worker.wsgi.extensions["stream"].alive = lambda: bool(worker.alive)
