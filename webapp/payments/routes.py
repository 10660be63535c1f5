"""Doors to the money: the payment page, finance's queue, payouts, the books, and where an intern is paid."""

from __future__ import annotations

from flask import Blueprint, g, url_for
from flask.wrappers import Response
from flask_babel import get_locale
from flask_babel import gettext as _

from webapp.core import access, audit, clock, deadlines, lifecycle, ui
from webapp.core.errors import Invalid, NotThere
from webapp.core.forms import Form, seen_version
from webapp.core.i18n import countries
from webapp.core.words import history_sentence, state_label
from webapp.fundings import actions as fundings
from webapp.fundings import policy as funding_policy
from webapp.fundings import queries as funding_queries
from webapp.fundings.models import Funding
from webapp.ledger import checks
from webapp.ledger import queries as books
from webapp.organisations.queries import settings_of
from webapp.payments import actions, policy, queries
from webapp.payments.forms import ConfirmationForm, FailureForm, HoldForm, MethodForm, ReceiptForm
from webapp.payments.models import Payout

bp = Blueprint("payments", __name__)


def _funding_screen(funding: Funding, form: ReceiptForm | None = None, status: int = 200) -> Response:
    finance = funding_policy.is_finance_of(g.person, funding)
    if form is None and finance:
        form = ReceiptForm(currency=funding.currency)
    return ui.screen(
        "payments/funding",
        status=status,
        funding=funding,
        internship=funding.internship,
        moves=lifecycle.moves_for(funding, g.person, funding_policy.MOVES),
        received=funding_queries.received(funding),
        dead=fundings.is_dead(funding),
        clocks={} if fundings.is_dead(funding) else deadlines.armed(funding.internship),
        pays=funding_policy.may_pay(g.person, funding),
        finance=finance,
        state_label=state_label,
        bank=settings_of(funding.internship.posting.programme_id).bank_details.get(funding.currency, []),
        sees_bank=finance or funding_policy.may_pay(g.person, funding),
        form=form if finance and funding.state in ("awaiting", "processing", "void", "failed") else None,
    )


@bp.get("/internships/<int:internship_id>/funding")
@access.allow(load=funding_queries.of_internship, may=access.signed_in)
def funding(funding: Funding) -> Response:
    """What to transfer, where, and with which reference; and whether it has arrived."""
    return _funding_screen(funding)


@bp.get("/fundings/<int:funding_id>")
@access.allow(load=funding_queries.for_viewer, may=funding_policy.may_watch)
def expected(funding: Funding) -> Response:
    """The same page for finance, who may also find money of a match that is over."""
    return _funding_screen(funding)


@bp.post("/fundings/<int:funding_id>/transfer")
@access.allow(load=funding_queries.for_viewer, may=funding_policy.may_pay)
def begin(funding: Funding) -> Response:
    """The owner made the transfer."""
    fundings.begin(funding, actor=g.person, version=seen_version())
    here = url_for("payments.funding", internship_id=funding.internship_id)
    return ui.done(here, say=_("Thank you. Finance will record the money when it arrives; you will be told."))


@bp.post("/fundings/<int:funding_id>/receipts")
@access.allow(load=funding_queries.for_viewer, may=funding_policy.is_finance_of)
def record_receipt(funding: Funding) -> Response:
    """Finance saw the money arrive."""
    form = ReceiptForm(currency=funding.currency)
    if form.validate():
        try:
            actions.record_receipt(
                funding,
                actor=g.person,
                version=seen_version(),
                amount=form.amount.minor or 0,
                received_on=form.received_on.data,
                bank_reference=form.bank_reference.data.strip(),
            )
            say = _("Recorded. The money is secured.") if funding.state == "secured" else _("Recorded.")
            return ui.done(url_for("payments.expected", funding_id=funding.id), say=say)
        except Invalid as error:
            form.refuse(error)
    return _funding_screen(funding, form, 422)


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
        received=funding_queries.received,
        reads_books=policy.reads_books(g.person, None),
        state_label=state_label,
        now=clock.now(),
    )


def _payout_screen(payout: Payout, status: int = 200, **forms: Form) -> Response:
    obstacle = queries.obstacle(payout)
    shut = {"no_account": "approve", "cooling": "approve", "changed": "release"}.get(obstacle or "", "")
    wrong = next(iter(forms.values()), None)
    return ui.screen(
        "payments/payout",
        status=status,
        payout=payout,
        internship=payout.internship,
        moves=[move for move in lifecycle.moves_for(payout, g.person, policy.MOVES) if move != shut],
        obstacle=actions.OBSTACLES[obstacle] if obstacle else None,
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
        },
        wrong=wrong,
        has_errors=wrong is not None,
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
    return _back(payout, _("Approved. Now a second person of finance releases it."))


@bp.post("/finance/payouts/<int:payout_id>/release")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of, fresh=True)
def release(payout: Payout) -> Response:
    """The second person, who has just proved who they are."""
    actions.release(payout, actor=g.person, version=seen_version())
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
    return _back(payout, _("Recorded. The payment is due again and needs both people anew."))


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


@bp.get("/finance/ledger")
@access.allow(may=policy.reads_books)
def ledger() -> Response:
    """The books: a trial balance a currency, and what the checks of the books found."""
    return ui.screen("payments/ledger", balances=books.trial_balances(), findings=checks.check_books())


@bp.get("/finance/ledger/<code>")
@access.allow(may=policy.reads_books, load=lambda person, code: code)
def account(code: str) -> Response:
    """Everything booked on one account, with the running balance."""
    row = next((row for book in books.trial_balances() for row in book.rows if row.code == code), None)
    if row is None:
        raise NotThere
    return ui.screen("payments/account", account=row, lines=books.statement(code), name_of=queries.name_of)


def _method_screen(form: MethodForm, status: int = 200) -> Response:
    form.country.choices = countries(str(get_locale()))
    return ui.screen(
        "payments/method",
        status=status,
        form=form,
        method=queries.current_method(g.person.id),
        cools_until=queries.cools_until(g.person.id),
        country_names=dict(form.country.choices),
    )


@bp.get("/settings/payout-method")
@access.allow(may=policy.is_payee)
def method() -> Response:
    """Where the intern wants their money."""
    form = MethodForm()
    if form.country.data is None:
        form.country.data = g.person.country
    return _method_screen(form)


@bp.post("/settings/payout-method")
@access.allow(may=policy.is_payee, fresh=True)
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
    return ui.done(url_for("payments.method"), say=_("Saved. Your payments will go to this account."))


@bp.get("/earnings")
@access.allow(may=policy.is_payee)
def earnings() -> Response:
    """Every sum of an intern, with its date and who acts next."""
    rows = [(i, queries.base_payout(i), queries.pay_date(i)) for i in queries.earnings(g.person)]
    return ui.screen(
        "payments/earnings", rows=rows, payable=queries.payable(g.person), state_label=state_label
    )
