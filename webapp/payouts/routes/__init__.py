"""The routes of money out: finance's queue and board, payouts and attempts, the books, an intern's earnings."""

from __future__ import annotations

from webapp.payouts.routes import attempts, board, books, earnings, payouts  # noqa: F401 - they hang on bp
from webapp.payouts.routes.blueprint import bp

__all__ = ["bp"]
