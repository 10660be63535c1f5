"""Finance's queue, and one payout: two people, the transfer, a hold."""

from __future__ import annotations

from flask import g, request, url_for
from flask.wrappers import Response
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.accounts import queries as account_queries
from webapp.core.database import clock
from webapp.core.database.pages import cut
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import Form, seen_version, whole_number
from webapp.core.web.i18n import countries
from webapp.core.web.labels import state_label
from webapp.core.web.timeline import older, timeline_of
from webapp.fundings import queries as funding_queries
from webapp.ledger import queries as ledger_queries
from webapp.payouts import guards, policy
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.actions import sending as payout_sending
from webapp.payouts.forms import ByBankForm, ConfirmationForm, FailureForm, HoldForm
from webapp.payouts.labels import who_next
from webapp.payouts.models import Payout
from webapp.payouts.queries import approval_contents as payout_approval_contents
from webapp.payouts.queries import attempts as payout_attempts
from webapp.payouts.queries import queue as payout_queue
from webapp.payouts.queries.preloading import preload
from webapp.payouts.routes.blueprint import bp


@bp.get("/finance")
@access.allow(may=policy.is_finance)
def queue() -> Response:
    """What is expected, due, approved, being sent, held and blocked."""
    totals, args = payout_queue.totals(g.person), responses.page_args()

    def after(part: str) -> int | None:
        return whole_number(args.get(f"{part}_after"))

    queues = {
        state: cut(payout_queue.queue(g.person, state, after(state)), total.count)
        for state, total in totals.items()
    }
    paid = payout_queue.last_paid(g.person, after("paid"))
    preload([*paid.rows, *(payout for page in queues.values() for payout in page.rows)])
    return responses.screen(
        "payouts/queue",
        expected=funding_queries.expected(g.person, after("expected")),
        withdrawn=funding_queries.withdrawn(g.person, after("withdrawn")),
        queues=queues,
        totals=totals,
        paid=paid,
        books=ledger_queries.last_check(),
        who_next=who_next,
        until_of=payout_queue.until_of,
        unclear=payout_attempts.needing_a_person(g.person, after("unclear")),
        received=funding_queries.received,
        reads_books=policy.reads_books(g.person, None),
        state_label=state_label,
        now=clock.now(),
    )


def _payout_screen(payout: Payout, status: int = 200, **forms: Form) -> Response:
    obstacle = guards.obstacle(payout)
    wrong = next(iter(forms.values()), None)
    return responses.screen(
        "payouts/payout",
        status=status,
        payout=payout,
        internship=payout.internship,
        moves=lifecycle.open_moves(payout, g.person),
        obstacle=obstacle.sentence if obstacle is not None else None,
        may_pay_by_bank=payout.state == "due" and policy.may_pay_by_bank(g.person, payout),
        unclear=payout.unclear,
        blocked_until=due.at if (due := payout.due("unblock")) is not None else None,
        destination=payout.destination or payout_approval_contents.destination_of(payout),
        sees_account=policy.is_finance_of(g.person, payout),
        country_names=dict(countries(str(get_locale()))),
        calculation=payout_approval_contents.calculation_of(payout.internship)
        if payout.type != "refund"
        else {},
        history=timeline_of(
            "payout",
            payout.id,
            names=account_queries.names,
            before=older(responses.page_args()),
            quotes=lambda entry: True,
        ),
        state_label=state_label,
        forms={
            "confirm": forms.get("confirm") or ConfirmationForm(),
            "fail": forms.get("fail") or FailureForm(),
            "hold": forms.get("hold") or HoldForm(),
            "by_bank": forms.get("by_bank") or ByBankForm(),
        },
        wrong=wrong,
        has_errors=wrong is not None,
        asked=request.args.get("intent") if request.method == "GET" else None,
    )


@bp.get("/finance/payouts/<int:payout_id>")
@access.allow(load=payout_queue.payout_for_finance, may=policy.keeps_queue)
def payout(payout: Payout) -> Response:
    """One sum: to whom, why this amount, where it goes, who did what."""
    return _payout_screen(payout)


def _back(payout: Payout, say: str) -> Response:
    return responses.done(url_for("payouts.payout", payout_id=payout.id), say=say)


@bp.post("/finance/payouts/<int:payout_id>/approval")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of)
def approve(payout: Payout) -> Response:
    """The first person."""
    payout_approval.approve(payout, actor=g.person, version=seen_version())
    return _back(payout, _("Approved. Now a second finance person releases it."))


@bp.post("/finance/payouts/<int:payout_id>/release")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of, fresh=True)
def release(payout: Payout) -> Response:
    """The second person, who has just proved who they are."""
    payout_sending.release(payout, actor=g.person, version=seen_version())
    if payout.rail == "stripe":
        return _back(payout, _("Released. Stripe makes the transfer now; this page says when it is done."))
    return _back(payout, _("Released. Make the bank transfer now, then record its reference here."))


@bp.post("/finance/payouts/<int:payout_id>/confirmation")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of)
def confirm(payout: Payout) -> Response:
    """The bank made the transfer."""
    form = ConfirmationForm()
    if form.validate():
        with form.catch_refusals():
            payout_sending.confirm(
                payout,
                actor=g.person,
                version=seen_version(),
                bank_reference=form.bank_reference.data.strip(),
                happened_on=form.happened_on.data,
            )
            return _back(payout, _("Recorded. The payment is complete and the payee was told."))
    return _payout_screen(payout, 422, confirm=form)


@bp.post("/finance/payouts/<int:payout_id>/failure")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of)
def fail(payout: Payout) -> Response:
    """The bank refused or returned the transfer."""
    form = FailureForm()
    if not form.validate():
        return _payout_screen(payout, 422, fail=form)
    payout_sending.fail(payout, actor=g.person, version=seen_version(), reason=form.reason.data.strip())
    return _back(
        payout, _("Recorded. The payment is due again, and both people have to approve and release it again.")
    )


@bp.post("/finance/payouts/<int:payout_id>/hold")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of)
def hold(payout: Payout) -> Response:
    """Put on hold, with a reason and an end."""
    form = HoldForm()
    if form.validate():
        reason, until = form.reason.data.strip(), form.until.data
        with form.catch_refusals():
            payout_approval.hold(payout, actor=g.person, version=seen_version(), until=until, reason=reason)
            return _back(payout, _("On hold."))
    return _payout_screen(payout, 422, hold=form)


@bp.post("/finance/payouts/<int:payout_id>/hold/end")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of)
def unhold(payout: Payout) -> Response:
    """End the hold."""
    payout_approval.unhold(payout, actor=g.person, version=seen_version())
    return _back(payout, _("The hold is over; the payment is due."))


@bp.post("/finance/payouts/<int:payout_id>/by-bank")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of, fresh=True)
def pay_by_bank(payout: Payout) -> Response:
    """What Stripe cannot pay goes by bank transfer instead."""
    form = ByBankForm()
    if not form.validate():
        return _payout_screen(payout, 422, by_bank=form)
    payout_approval.pay_by_bank(payout, actor=g.person, version=seen_version(), reason=form.why.data.strip())
    return _back(
        payout, _("It will be paid by bank transfer, and both people have to approve and release it again.")
    )
