"""The routes of organisations: joined, described, staffed and left; the invitations."""

from __future__ import annotations

from webapp.organisations.routes import invitations, organisations  # noqa: F401 - they add their routes to bp
from webapp.organisations.routes.blueprint import bp

__all__ = ["bp"]
