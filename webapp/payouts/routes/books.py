"""The books, as finance and the operator read them."""

from __future__ import annotations

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.accounts import queries as account_queries
from webapp.core.errors import NotThere
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.ledger import labels as ledger_labels
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions import checking as ledger_checking
from webapp.payouts import policy
from webapp.payouts.routes.blueprint import bp

bp.add_app_template_global(ledger_labels.finding_sentence)


@bp.get("/finance/ledger")
@access.allow(may=policy.reads_books)
def ledger() -> Response:
    """The books: a trial balance a currency, and what the checks of the books found."""
    return responses.screen(
        "payouts/ledger", balances=ledger_queries.trial_balances(), books=ledger_queries.last_check()
    )


@bp.post("/finance/ledger/check")
@access.allow(may=policy.reads_books)
def check_books() -> Response:
    """Somebody wants the books to be checked now, and not at the next full hour."""
    ledger_checking.request_check(actor=g.person)
    return responses.done(
        url_for("payouts.ledger"),
        say=_("The books will be checked in a moment. Open this page again to see the result."),
    )


@bp.get("/finance/ledger/<code>")
@access.allow(may=policy.reads_books, load=lambda person, code: code)
def account(code: str) -> Response:
    """Everything booked on one account, with the running balance."""
    shown_account = ledger_queries.account(code)
    if shown_account is None:
        raise NotThere
    page = ledger_queries.statement(shown_account, whole_number(responses.page_args().get("before")))
    names = account_queries.names({line.actor_id for line in page.rows if line.actor_id is not None})
    return responses.screen(
        "payouts/account", account=shown_account, balance=ledger_queries.balance(code), page=page, names=names
    )
