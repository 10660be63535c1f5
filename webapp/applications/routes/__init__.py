"""The routes of applications: the intern's own, and the employer's judging."""

from __future__ import annotations

from webapp.applications.routes import applications, judging  # noqa: F401 - they add their routes to bp
from webapp.applications.routes.blueprint import bp

__all__ = ["bp"]
