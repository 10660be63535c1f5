"""Finance's queue, and one payout: two people, the transfer, a hold."""

from __future__ import annotations

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.core import access, audit, clock, lifecycle, ui
from webapp.core.errors import Invalid
from webapp.core.forms import Form, seen_version
from webapp.core.i18n import countries
from webapp.core.words import history_sentence, state_label
from webapp.fundings import queries as funding_queries
from webapp.ledger import checks
from webapp.payments import actions, policy, queries
from webapp.payments.forms import ByBankForm, ConfirmationForm, FailureForm, HoldForm
from webapp.payments.models import Payout
from webapp.payments.routes.blueprint import bp


@bp.get("/finance")
@access.allow(may=policy.is_finance)
def queue() -> Response:
    """What is expected, due, approved, being sent, held and blocked."""
    states = ("due", "approved", "sending", "held", "blocked")
    return ui.screen(
        "payments/queue",
        expected=funding_queries.expected(g.person),
        withdrawn=funding_queries.withdrawn(g.person),
        queues=[(state, queries.queue(g.person, state)) for state in states],
        paid=queries.last_paid(g.person),
        findings=checks.check_books(),
        obstacle=queries.obstacle,
        until_of=queries.until_of,
        unclear=queries.needing_a_person(g.person),
        received=funding_queries.received,
        reads_books=policy.reads_books(g.person, None),
        state_label=state_label,
        now=clock.now(),
    )


def _payout_screen(payout: Payout, status: int = 200, **forms: Form) -> Response:
    obstacle = queries.obstacle(payout)
    next_step = "approve" if payout.state == "due" else "release"
    shut = next_step if obstacle is not None else ""
    wrong = next(iter(forms.values()), None)
    return ui.screen(
        "payments/payout",
        status=status,
        payout=payout,
        internship=payout.internship,
        moves=[move for move in lifecycle.moves_for(payout, g.person, policy.MOVES) if move != shut],
        obstacle=actions.OBSTACLES[obstacle] if obstacle else None,
        may_pay_by_bank=payout.state == "due" and policy.may_pay_by_bank(g.person, payout),
        unclear=payout.unclear,
        blocked_until=due.at if (due := payout.due("unblock")) is not None else None,
        destination=payout.destination or queries.destination_of(payout),
        sees_account=policy.is_finance_of(g.person, payout),
        country_names=dict(countries(str(get_locale()))),
        calculation=queries.calculation_of(payout.internship) if payout.type != "refund" else {},
        history=[
            {
                "when": entry.happened_at,
                "text": history_sentence(entry, queries.name_of),
                "quote": entry.text.text if entry.text else None,
            }
            for entry in audit.of_subject("payout", payout.id)
        ],
        state_label=state_label,
        forms={
            "confirm": forms.get("confirm") or ConfirmationForm(),
            "fail": forms.get("fail") or FailureForm(),
            "hold": forms.get("hold") or HoldForm(),
            "by_bank": forms.get("by_bank") or ByBankForm(),
        },
        wrong=wrong,
        has_errors=wrong is not None,
        asked=request.args.get("do") if request.method == "GET" else None,
    )


@bp.get("/finance/payouts/<int:payout_id>")
@access.allow(load=queries.payout_for_finance, may=policy.keeps_queue)
def payout(payout: Payout) -> Response:
    """One sum: to whom, why this amount, where it goes, who did what."""
    return _payout_screen(payout)


def _back(payout: Payout, say: str) -> Response:
    return ui.done(url_for("payments.payout", payout_id=payout.id), say=say)


@bp.post("/finance/payouts/<int:payout_id>/approval")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of)
def approve(payout: Payout) -> Response:
    """The first person."""
    actions.approve(payout, actor=g.person, version=seen_version())
    return _back(payout, _("Approved. Now a second finance person releases it."))


@bp.post("/finance/payouts/<int:payout_id>/release")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of, fresh=True)
def release(payout: Payout) -> Response:
    """The second person, who has just proved who they are."""
    actions.release(payout, actor=g.person, version=seen_version())
    if payout.rail == "stripe":
        return _back(payout, _("Released. Stripe makes the transfer now; this page says when it is done."))
    return _back(payout, _("Released. Make the bank transfer now, then record its reference here."))


@bp.post("/finance/payouts/<int:payout_id>/confirmation")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of)
def confirm(payout: Payout) -> Response:
    """The bank made the transfer."""
    form = ConfirmationForm()
    if form.validate():
        try:
            actions.confirm(
                payout,
                actor=g.person,
                version=seen_version(),
                bank_reference=form.bank_reference.data.strip(),
                happened_on=form.happened_on.data,
            )
            return _back(payout, _("Recorded. The payment is complete and the payee was told."))
        except Invalid as error:
            form.refuse(error)
    return _payout_screen(payout, 422, confirm=form)


@bp.post("/finance/payouts/<int:payout_id>/failure")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of)
def fail(payout: Payout) -> Response:
    """The bank refused or returned the transfer."""
    form = FailureForm()
    if not form.validate():
        return _payout_screen(payout, 422, fail=form)
    actions.fail(payout, actor=g.person, version=seen_version(), reason=form.reason.data.strip())
    return _back(
        payout, _("Recorded. The payment is due again, and both people have to approve and release it again.")
    )


@bp.post("/finance/payouts/<int:payout_id>/hold")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of)
def hold(payout: Payout) -> Response:
    """Put on hold, with a reason and an end."""
    form = HoldForm()
    if form.validate():
        reason, until = form.reason.data.strip(), form.until.data
        try:
            actions.hold(payout, actor=g.person, version=seen_version(), until=until, reason=reason)
            return _back(payout, _("On hold."))
        except Invalid as error:
            form.refuse(error)
    return _payout_screen(payout, 422, hold=form)


@bp.post("/finance/payouts/<int:payout_id>/hold/end")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of)
def unhold(payout: Payout) -> Response:
    """End the hold."""
    actions.unhold(payout, actor=g.person, version=seen_version())
    return _back(payout, _("The hold is over; the payment is due."))


@bp.post("/finance/payouts/<int:payout_id>/by-bank")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of, fresh=True)
def pay_by_bank(payout: Payout) -> Response:
    """What Stripe cannot pay goes by bank transfer instead."""
    form = ByBankForm()
    if not form.validate():
        return _payout_screen(payout, 422, by_bank=form)
    actions.pay_by_bank(payout, actor=g.person, version=seen_version(), reason=form.why.data.strip())
    return _back(
        payout, _("It will be paid by bank transfer, and both people have to approve and release it again.")
    )
