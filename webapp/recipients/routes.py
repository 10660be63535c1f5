"""Where an intern wants their money: their bank account, or their account at Stripe."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, g, request, url_for
from flask.wrappers import Response
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.accounts import policy as account_policy
from webapp.core import config
from webapp.core.database.base import db
from webapp.core.database.transactions import HandOver
from webapp.core.errors import NotNow
from webapp.core.security import access, idempotency
from webapp.core.web import responses
from webapp.core.web.i18n import countries
from webapp.recipients import actions, jobs, queries
from webapp.recipients.forms import MethodForm
from webapp.recipients.labels import requirement_label
from webapp.recipients.models import StripeAccount
from webapp.stripe import gateway as stripe_gateway

bp = Blueprint("recipients", __name__)


def _method_screen(form: MethodForm, status: int = 200) -> Response:
    form.country.choices = countries(str(get_locale()))
    account = queries.stripe_account(g.person.id)
    rails = queries.rails_of(g.person)
    method = queries.current_method(g.person.id)
    by_stripe = config.stripe_is_on() and ("stripe" in rails or account is not None)
    return responses.screen(
        "recipients/method",
        status=status,
        form=form,
        method=method,
        cools_until=queries.cools_until(g.person.id),
        country_names=dict(form.country.choices),
        account=account,
        stripe_cools_until=queries.stripe_cools_until(g.person.id),
        needed=list(dict.fromkeys(requirement_label(code) for code in account.requirements))
        if account
        else [],
        by_stripe=by_stripe,
        by_bank="manual" in rails or method is not None or not by_stripe,
        came_back=request.args.get("from") == "stripe",
    )


@bp.get("/settings/payout-method")
@access.allow(may=account_policy.is_intern)
def method() -> Response:
    """Where the intern wants their money."""
    form = MethodForm()
    if form.country.data is None:
        form.country.data = g.person.country
    return _method_screen(form)


@bp.post("/settings/payout-method")
@access.allow(may=account_policy.is_intern, fresh=True)
def add_method() -> Response:
    """Say, or change, where the money should go."""
    form = MethodForm()
    form.country.choices = countries(str(get_locale()))
    if not form.validate():
        return _method_screen(form, 422)
    actions.add_method(
        g.person,
        actor=g.person,
        country=form.country.data,
        bank_name=form.bank_name.data.strip(),
        account_holder=form.account_holder.data.strip(),
        account_number=form.account_number.data.replace(" ", ""),
    )
    return responses.done(
        url_for("recipients.method"), say=_("Saved. Your payments will go to this account.")
    )


@bp.post("/settings/payout-method/stripe")
@access.allow(may=account_policy.is_intern, fresh=True, hands_over=True)
def onboard() -> Any:
    """The intern goes to Stripe's page and tells Stripe who they are; each link is good for one visit of theirs."""
    if not config.stripe_is_on():
        raise NotNow(_("This installation has no Stripe account at the moment. Please ask the programme."))
    account = actions.begin_onboarding(g.person, actor=g.person, include=stripe_gateway.INCLUDED)
    page = url_for("recipients.method")
    idempotency.remember(page)
    back = config.current().base_url + page
    number, params = account.account, dict(account.params)
    return HandOver(
        call=lambda: jobs.ask_onboarding(number, params, f"{back}?from=expired", f"{back}?from=stripe"),
        settle=partial(_to_stripe, account.id, page),
    )


def _to_stripe(account_id: int, page: str, answer: Any) -> Response:
    account, address = answer
    jobs.apply_account(db.session.get_one(StripeAccount, account_id), account)
    if address is not None:
        return responses.leave_for(address)
    return responses.done(page, say=_no_answer())


def _no_answer() -> str:
    return str(_("Stripe is not responding at the moment. Nothing is lost; please try again in a minute."))


@bp.post("/settings/payout-method/stripe/status")
@access.allow(may=account_policy.is_intern, hands_over=True)
def read_account() -> Any:
    """The intern wants to know now whether Stripe has checked them; Stripe's page has sent them back to ours."""
    if not config.stripe_is_on():
        raise NotNow(_("This installation has no Stripe account at the moment. Please ask the programme."))
    account = queries.stripe_account(g.person.id)
    if account is None or account.account is None:
        raise NotNow(_("You don't have an account at Stripe yet. Start there first."))
    page, account_id, number = url_for("recipients.method"), account.id, account.account
    idempotency.remember(page)

    def settle(answer: Any) -> Response:
        known = db.session.get_one(StripeAccount, account_id)
        before = known.read_at
        jobs.apply_account(known, answer)
        if known.read_at == before:
            return responses.done(page, say=_no_answer())
        ready = _("Stripe says that you can be paid.")
        return responses.done(
            page, say=ready if known.can_receive else _("Stripe is not ready to pay you yet.")
        )

    return HandOver(call=lambda: jobs.ask_account(number), settle=settle)
