"""The hosted onboarding, as a recipient sees it at Stripe: reached by a link that works once, for five minutes."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from . import accounts
from .config import Config
from .pages import note, plain, shown, world_of
from .refusals import Refused
from .state import StripeObject, World
from .store import Store


def blueprint(config: Config, store: Store) -> Blueprint:
    """/onboarding/<token>: the link; with a second part: the visit that it opened."""
    pages = Blueprint("onboarding", __name__)

    @pages.get("/onboarding/<token>")
    def visit(token: str) -> WerkzeugResponse:
        with store.writing() as connection:
            opened = accounts.open_link(world_of(connection, config), plain(token))
        if opened is None:
            return note("No such link", "This link does not exist.", 404)
        link, name = opened
        if name is None:
            # As Stripe does it: used up or too old, so the app may make a new one for the person who is signed in there.
            return redirect(link.hidden["refresh_url"], 303)
        return redirect(url_for("onboarding.page", token=link.id, name=name), 303)

    @pages.get("/onboarding/<token>/<name>")
    def page(token: str, name: str) -> Response:
        with store.transaction() as connection:
            world = world_of(connection, config)
            link = _visited(world, token, name)
            account = link and world.known_account(link.hidden["account"])
        if link is None or account is None:
            return note("No such visit", "This visit does not exist. Open the link again.", 404)
        return _onboarding_page(link, account)

    @pages.post("/onboarding/<token>/<name>")
    def answered(token: str, name: str) -> WerkzeugResponse:
        with store.writing() as connection:
            world = world_of(connection, config)
            link = _visited(world, token, name)
            if link is None:
                return note("No such visit", "This visit does not exist. Open the link again.", 404)
            try:
                with connection.transaction():
                    accounts.finish_onboarding(world, link.hidden["account"], request.form.get("outcome", ""))
            except Refused as refused:
                return note("That did not work", str(refused), 400)
        return redirect(link.hidden["return_url"] or link.hidden["refresh_url"], 303)

    return pages


def _visited(world: World, token: str, name: str) -> StripeObject | None:
    link = world.find(plain(token), "account_link")
    return link if link and link.hidden["visit"] and link.hidden["visit"] == name else None


def _onboarding_page(link: StripeObject, account: StripeObject) -> Response:
    return shown(
        "onboarding",
        back_to=[link.hidden["return_url"], link.hidden["refresh_url"]],
        account=account.body,
        active=account.hidden["status"] == "active",
        wanted=account.hidden["wanted"],
    )
