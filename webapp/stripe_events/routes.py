"""The operator's view of the line to Stripe."""

from __future__ import annotations

from flask import Blueprint
from flask.wrappers import Response

from webapp.core import access, config, ui
from webapp.stripe_events import policy, queries

bp = Blueprint("stripe_line", __name__)


@bp.get("/operations/stripe")
@access.allow(may=policy.is_operator)
def line() -> Response:
    """Does Stripe reach us, what did it say, and who pretended to be Stripe."""
    settings = config.current()
    return ui.screen(
        "stripe_events/line",
        line=queries.line(),
        on=settings.has_stripe,
        live=settings.stripe_is_live,
        stand_in=settings.stripe_api_base,
        base_url=settings.base_url,
    )
