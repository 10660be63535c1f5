"""The routes of the boards: the board, its cards, the one endpoint that moves them, and what changes as it happens."""

from __future__ import annotations

from webapp.tasks.routes import board, cards, feed, files, limits, moves, templates  # noqa: F401 - they add their routes to bp
from webapp.tasks.routes.board_view import bp

__all__ = ["bp"]
