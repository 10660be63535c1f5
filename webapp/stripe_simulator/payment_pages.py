"""The hosted payment page, as a payer sees it at Stripe; each button plays one way to pay."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from . import checkout, currencies, ledger, payments
from .config import Config
from .pages import note, plain, shown, world_of
from .refusals import Body, Refused
from .state import StripeObject
from .store import Store

SAID = {
    "declined": "The card was declined. Nothing was charged; try another way to pay.",
    "settled": "The debit arrived.",
    "failed": "The debit failed.",
}


def blueprint(config: Config, store: Store) -> Blueprint:
    """/pay/<session>: to be paid once or never."""
    pages = Blueprint("pay", __name__)

    @pages.get("/pay/<session_id>")
    def page(session_id: str) -> Response:
        with store.transaction() as connection:
            session = world_of(connection, config).find(plain(session_id), "checkout.session")
        if session is None:
            return note("No such payment", "This payment page does not exist.", 404)
        return _payment_page(session, SAID.get(request.args.get("said", "")))

    @pages.post("/pay/<session_id>")
    def paid(session_id: str) -> WerkzeugResponse:
        how = request.form.get("how", "")
        with store.writing() as connection:
            world = world_of(connection, config)
            try:
                with connection.transaction():
                    session = payments.pay(world, plain(session_id), how)
                    ledger.check(connection)
            except Refused as refused:
                current = world.find(plain(session_id), "checkout.session")
                if current is None:
                    return note("No such payment", str(refused), 404)
                return _payment_page(current, str(refused), 409)
        if how == "declined":
            return redirect(url_for("pay.page", session_id=session.id, said="declined"), 303)
        return redirect(checkout.success_url(session), 303)

    @pages.post("/pay/<session_id>/debit")
    def debited(session_id: str) -> WerkzeugResponse:
        succeeds = request.form.get("outcome") == "settled"
        with store.writing() as connection:
            world = world_of(connection, config)
            session = world.find(plain(session_id), "checkout.session")
            if session is None:
                return note("No such payment", "This payment page does not exist.", 404)
            try:
                with connection.transaction():
                    payments.settle(world, session, succeeds=succeeds)
                    ledger.check(connection)
            except Refused as refused:
                return _payment_page(session, str(refused), 409)
        return redirect(
            url_for("pay.page", session_id=session.id, said="settled" if succeeds else "failed"), 303
        )

    return pages


def _payment_page(session: StripeObject, message: str | None, status: int = 200) -> Response:
    body: Body = session.body
    items = [
        {"name": item["description"], "quantity": item["quantity"],
         "amount": currencies.shown(item["amount_total"], item["currency"])}
        for item in session.hidden["items"]
    ]  # fmt: skip
    success = checkout.success_url(session)
    return shown(
        "pay",
        status,
        [success, body["cancel_url"]],
        session=body,
        items=items,
        total=currencies.shown(body["amount_total"], body["currency"]),
        said=message,
        waits=body["status"] == "complete" and body["payment_status"] == "unpaid" and session.due is not None,
        success_url=success,
    )
