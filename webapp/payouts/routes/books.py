"""The books, as finance and the operator read them."""

from __future__ import annotations

from flask.wrappers import Response

from webapp.accounts import queries as account_queries
from webapp.core.errors import NotThere
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.ledger import queries as ledger_queries
from webapp.payouts import policy
from webapp.payouts.routes.blueprint import bp


@bp.get("/finance/ledger")
@access.allow(may=policy.reads_books)
def ledger() -> Response:
    """The books: a trial balance a currency, and what the checks of the books found."""
    return responses.screen(
        "payouts/ledger", balances=ledger_queries.trial_balances(), books=ledger_queries.last_check()
    )


@bp.get("/finance/ledger/<code>")
@access.allow(may=policy.reads_books, load=lambda person, code: code)
def account(code: str) -> Response:
    """Everything booked on one account, with the running balance."""
    found = ledger_queries.account(code)
    if found is None:
        raise NotThere
    page = ledger_queries.statement(found, whole_number(responses.page_args().get("before")))
    names = account_queries.names({line.actor_id for line in page.rows if line.actor_id is not None})
    return responses.screen(
        "payouts/account", account=found, balance=ledger_queries.balance(code), page=page, names=names
    )
