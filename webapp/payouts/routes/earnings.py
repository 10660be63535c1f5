"""What an intern has earned, and when each sum comes."""

from __future__ import annotations

from flask import g
from flask.wrappers import Response

from webapp.core.database.pages import PAGE, cut
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.core.web.labels import state_label
from webapp.fundings import queries as funding_queries
from webapp.payouts import policy
from webapp.payouts.queries import queue as payout_queue
from webapp.payouts.routes.blueprint import bp
from webapp.recipients import queries as recipient_queries


@bp.get("/earnings")
@access.allow(may=policy.is_payee)
def earnings() -> Response:
    """Every sum of an intern, with its date and who acts next."""
    found = payout_queue.earnings(g.person)
    payouts = payout_queue.base_payouts(one.id for one in found)
    fundings = funding_queries.live_of(found)
    after = whole_number(responses.page_args().get("after"))
    rest = [one for one in found if after is None or one.id < after]
    page = cut(rest[: PAGE + 1], len(found))
    rows = [(i, payouts.get(i.id), payout_queue.pay_date(i)) for i in page.rows]
    return responses.screen(
        "payouts/earnings",
        page=page,
        all=[(i, payouts.get(i.id)) for i in found],
        rows=rows,
        unpayable=payout_queue.unpaid_rails(g.person, found),
        rail_of=recipient_queries.rail_of,
        asked_for=lambda internship: fundings.get(internship.id),
        state_label=state_label,
    )
