"""The payment page: what is asked for, by bank or on Stripe's page, and whether it has arrived."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, request, url_for
from flask.wrappers import Response
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.core import config
from webapp.core.database.base import db
from webapp.core.database.transactions import HandOver
from webapp.core.errors import NotNow
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access, idempotency
from webapp.core.web import responses
from webapp.core.web.forms import seen_version
from webapp.core.web.labels import state_label
from webapp.fundings import jobs, policy, queries
from webapp.fundings.actions import checkouts as funding_checkouts
from webapp.fundings.actions import receipts as funding_receipts
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.forms import ReceiptForm
from webapp.fundings.models import LIVE_CHECKOUTS, Checkout, Funding
from webapp.internships.models import Internship
from webapp.organisations.queries import settings_of

bp = Blueprint("fundings", __name__)


def _funding_screen(funding: Funding, form: ReceiptForm | None = None, status: int = 200) -> Response:
    finance = policy.is_finance_of(g.person, funding)
    by_hand = finance and funding.rail == "manual"
    if form is None and by_hand:
        form = ReceiptForm(currency=funding.currency)
    checkout = funding.checkout
    return responses.screen(
        "fundings/funding",
        status=status,
        funding=funding,
        internship=funding.internship,
        moves=lifecycle.open_moves(funding, g.person),
        received=queries.received(funding),
        dead=funding_transfers.is_void_match(funding),
        clocks={} if funding_transfers.is_void_match(funding) else deadlines.armed(funding.internship),
        pays=policy.may_pay(g.person, funding),
        finance=finance,
        state_label=state_label,
        bank=settings_of(funding.internship.programme_id).bank_details.get(funding.currency, []),
        sees_bank=finance or policy.may_pay(g.person, funding),
        checkout=checkout,
        came_back=checkout is not None
        and checkout.status in LIVE_CHECKOUTS
        and bool(request.args.get("paid")),
        form=form if by_hand and funding.state in funding_transfers.PAYABLE else None,
    )


@bp.get("/internships/<int:internship_id>/funding")
@access.allow(load=queries.of_internship, may=access.signed_in)
def funding(funding: Funding) -> Response:
    """What to pay and how; and whether it has arrived."""
    return _funding_screen(funding)


@bp.get("/fundings/<int:funding_id>")
@access.allow(load=queries.for_viewer, may=policy.may_watch)
def expected(funding: Funding) -> Response:
    """The same page for finance, who may also find money of a match that is over."""
    return _funding_screen(funding)


@bp.post("/fundings/<int:funding_id>/transfer")
@access.allow(load=queries.for_viewer, may=policy.may_pay)
def begin(funding: Funding) -> Response:
    """The owner made the transfer."""
    funding_transfers.mark_paid_by_payer(funding, actor=g.person, version=seen_version())
    page = url_for("fundings.funding", internship_id=funding.internship_id)
    return responses.done(
        page, say=_("Thank you. Finance records the money when it arrives, and we'll tell you.")
    )


@bp.post("/fundings/<int:funding_id>/checkout")
@access.allow(load=queries.for_viewer, may=policy.may_pay, hands_over=True)
def checkout(funding: Funding) -> Any:
    """The owner goes to pay on Stripe's page. What is asked for is committed before Stripe hears of it."""
    if not config.stripe_is_on():
        raise NotNow(_("This installation has no Stripe account at the moment. Please ask the programme."))
    page = url_for("fundings.funding", internship_id=funding.internship_id)
    names = {"base": _("Base pay"), "bonus_pot": _("Bonus pot"), "fee": _("Platform fee")}
    opened = funding_checkouts.open_checkout(
        funding,
        actor=g.person,
        version=seen_version(),
        back=config.current().base_url + page,
        locale=str(get_locale()),
        names=names,
    )
    idempotency.remember(page)
    checkout_id, session, params = opened.id, opened.session, dict(opened.params)
    return HandOver(
        call=lambda: jobs.ask_checkout(session, params),
        settle=lambda answer: _to_checkout(checkout_id, answer, page),
    )


def _to_checkout(checkout_id: int, answer: Any, page: str) -> Response:
    opened = db.session.get_one(Checkout, checkout_id)
    jobs.apply_checkout(opened, answer)
    if funding_transfers.is_void_match(opened.funding):  # it ended while Stripe was asked
        return responses.done(page, say=_("There is nothing left to pay here. Check the page again."))
    if opened.status == "open" and opened.url:
        return responses.leave_for(opened.url)
    sentences = {
        "creating": _(
            "Stripe is not responding at the moment. Nothing was paid. Please try again in a minute."
        ),
        "failed": _("Stripe couldn't open its payment page. Nothing was paid; the programme can see why."),
        "expired": _("The payment page has expired, and nothing was paid. Please open a new one."),
        "open": _("Stripe is not responding at the moment. Nothing was paid. Please try again in a minute."),
    }
    return responses.done(page, say=sentences.get(opened.status))


@bp.post("/fundings/<int:funding_id>/receipts")
@access.allow(load=queries.for_viewer, may=policy.is_finance_of)
def record_receipt(funding: Funding) -> Response:
    """Finance saw the money arrive."""
    form = ReceiptForm(currency=funding.currency)
    if form.validate():
        with form.catch_refusals():
            funding_receipts.record_receipt(
                funding,
                actor=g.person,
                version=seen_version(),
                amount=form.amount.minor or 0,
                received_on=form.received_on.data,
                bank_reference=form.bank_reference.data.strip(),
            )
            say = _("Recorded. The money is secured.") if funding.state == "secured" else _("Recorded.")
            return responses.done(url_for("fundings.expected", funding_id=funding.id), say=say)
    return _funding_screen(funding, form, 422)


def funding_tab(internship: Internship) -> str | None:
    """The money, once there is an agreement that asks for it."""
    if internship.agreement is None:
        return None
    return url_for("fundings.funding", internship_id=internship.id)
