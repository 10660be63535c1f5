"""The routes of accounts: joining and signing in, one's own settings, and the list of people."""

from __future__ import annotations

from webapp.accounts.routes import people, settings, signing_in  # noqa: F401 - they add their routes to bp
from webapp.accounts.routes.blueprint import bp

__all__ = ["bp"]
