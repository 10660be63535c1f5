"""The routes of the internship's own page, its start, the lists of internships, and the pipelines."""

from __future__ import annotations

from webapp.next_steps.routes import page, pipelines  # noqa: F401 - they add their routes to bp
from webapp.next_steps.routes.blueprint import bp

__all__ = ["bp"]
