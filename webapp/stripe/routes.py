"""The operator's view of the line to Stripe."""

from __future__ import annotations

from flask import Blueprint
from flask.wrappers import Response

from webapp.core import config
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import whole_number
from webapp.organisations import policy as organisation_policy
from webapp.stripe import queries

bp = Blueprint("stripe", __name__)


@bp.get("/operations/stripe")
@access.allow(may=organisation_policy.is_operator)
def connection() -> Response:
    """Does Stripe reach us, what did it say, and who pretended to be Stripe."""
    settings, args = config.current(), responses.page_args()
    return responses.screen(
        "stripe/connection",
        line=queries.connection(
            whole_number(args.get("events_after")), whole_number(args.get("refused_after"))
        ),
        on=settings.has_stripe,
        live=settings.stripe_is_live,
        simulator=settings.stripe_api_base,
        base_url=settings.base_url,
    )
