"""The books, as finance and the operator read them."""

from __future__ import annotations

from flask.wrappers import Response

from webapp.accounts import queries as account_queries
from webapp.core.errors import NotThere
from webapp.core.security import access
from webapp.core.web import responses
from webapp.ledger import checks as ledger_checks
from webapp.ledger import queries as ledger_queries
from webapp.payouts import policy
from webapp.payouts.routes.blueprint import bp


@bp.get("/finance/ledger")
@access.allow(may=policy.reads_books)
def ledger() -> Response:
    """The books: a trial balance a currency, and what the checks of the books found."""
    return responses.screen(
        "payouts/ledger", balances=ledger_queries.trial_balances(), findings=ledger_checks.check_books()
    )


@bp.get("/finance/ledger/<code>")
@access.allow(may=policy.reads_books, load=lambda person, code: code)
def account(code: str) -> Response:
    """Everything booked on one account, with the running balance."""
    row = next(
        (row for book in ledger_queries.trial_balances() for row in book.rows if row.code == code), None
    )
    if row is None:
        raise NotThere
    lines = ledger_queries.statement(code)
    names = account_queries.names({line.actor_id for line in lines if line.actor_id is not None})
    return responses.screen("payouts/account", account=row, lines=lines, names=names)
