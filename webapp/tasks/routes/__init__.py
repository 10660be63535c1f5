"""Doors to the boards: the board, its cards, the one endpoint that moves them, and what changes as it happens."""

from __future__ import annotations

from webapp.tasks.routes import board, cards, files, limits, live, moves, templates  # noqa: F401 - they hang on bp
from webapp.tasks.routes.parts import bp

__all__ = ["bp"]
