"""Doors to the money: paying in, finance's queue, payouts and attempts, the books, and where an intern is paid."""

from __future__ import annotations

from webapp.payments.routes import attempts, boards, books, fundings, payees, payouts  # noqa: F401 - they hang on bp
from webapp.payments.routes.blueprint import bp

__all__ = ["bp"]
