"""Where Stripe tells us what happened: verified, kept once, answered at once; the work is done by a job."""

from __future__ import annotations

import importlib

from flask import Blueprint, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.wrappers import Response

from webapp.core.config import stripe_is_on
from webapp.core.database import clock
from webapp.core.errors import NotThere, TooMany
from webapp.core.security import access
from webapp.stripe import actions, gateway, policy
from webapp.stripe.gateway.errors import Forged

bp = Blueprint("stripe_webhooks", __name__)
LARGEST = 256 * 1024


@bp.record_once
def load_the_sdk(state: BlueprintSetupState) -> None:
    """Where Stripe is set up, its SDK is loaded before the workers are forked: they share it."""
    if state.app.extensions["settings"].has_stripe:
        importlib.import_module("stripe")


@bp.post("/webhooks/stripe/<any(platform, connected, thin):destination>")
@access.share("webhook")
@access.public
def receive(destination: str) -> Response:
    """One delivery of one destination, each with a secret of its own. Nothing is asked of Stripe here."""
    if not stripe_is_on():
        raise NotThere
    request.max_content_length = LARGEST
    body = request.get_data(cache=False)
    stripe = gateway.of(current_app)
    try:
        signature = request.headers.get("Stripe-Signature", "")
        event = stripe.verify(destination, body, signature, clock.real_now())
    except Forged as error:
        _refuse(destination, body, str(error))
        return Response("This is not Stripe's word to us.\n", 400, content_type="text/plain; charset=utf-8")
    actions.store_event(destination, event)
    return Response("Thank you.\n", 200, content_type="text/plain; charset=utf-8")


def _refuse(destination: str, body: bytes, reason: str) -> None:
    address = request.remote_addr or ""
    try:
        policy.before_refusal(address)
    except TooMany:
        return  # whoever floods us does not fill the log as well
    actions.refuse(destination, body, reason, address=address)
