"""The routes of postings: browsed, rehearsed, opened and closed; the drafts; the approvals."""

from __future__ import annotations

from webapp.postings.routes import approvals, drafts, postings  # noqa: F401 - they add their routes to bp
from webapp.postings.routes.blueprint import bp

__all__ = ["bp"]
