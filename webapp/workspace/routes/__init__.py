"""Doors of the workspace: the internship's own page, its start, the lists of internships, and the pipelines."""

from __future__ import annotations

from webapp.workspace.routes import page, pipelines  # noqa: F401 - they hang on bp
from webapp.workspace.routes.blueprint import bp

__all__ = ["bp"]
