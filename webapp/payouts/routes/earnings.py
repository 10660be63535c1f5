"""What an intern has earned, and when each sum comes."""

from __future__ import annotations

from flask import g
from flask.wrappers import Response

from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.core.web.labels import state_label
from webapp.fundings import queries as funding_queries
from webapp.payouts import policy
from webapp.payouts.queries import earnings as payout_earnings
from webapp.payouts.queries import queue as payout_queue
from webapp.payouts.routes.blueprint import bp
from webapp.recipients import queries as recipient_queries


@bp.get("/earnings")
@access.allow(may=policy.is_payee)
def earnings() -> Response:
    """Every sum of an intern, with its date and who acts next."""
    page = payout_earnings.earnings(g.person, whole_number(responses.page_args().get("after")))
    payouts = payout_queue.base_payouts(internship.id for internship in page.rows)
    fundings = funding_queries.live_of(page.rows)
    return responses.screen(
        "payouts/earnings",
        page=page,
        earned=payout_earnings.earned(g.person),
        rows=[
            (internship, payouts.get(internship.id), payout_queue.pay_date(internship))
            for internship in page.rows
        ],
        unpayable=payout_earnings.unpaid_rails(g.person),
        rail_of=recipient_queries.rail_of,
        asked_for=lambda internship: fundings.get(internship.id),
        state_label=state_label,
    )
