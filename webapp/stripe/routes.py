"""The operator's view of the line to Stripe."""

from __future__ import annotations

from flask import Blueprint
from flask.wrappers import Response

from webapp.core import config
from webapp.core.security import access
from webapp.core.web import responses
from webapp.stripe import policy, queries

bp = Blueprint("stripe", __name__)


@bp.get("/operations/stripe")
@access.allow(may=policy.is_operator)
def connection() -> Response:
    """Does Stripe reach us, what did it say, and who pretended to be Stripe."""
    settings = config.current()
    return responses.screen(
        "stripe/connection",
        line=queries.connection(),
        on=settings.has_stripe,
        live=settings.stripe_is_live,
        simulator=settings.stripe_api_base,
        base_url=settings.base_url,
    )
