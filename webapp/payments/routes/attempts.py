"""An attempt whose outcome nobody knows: all evidence on one page, and the decision of a person."""

from __future__ import annotations

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core import access, clock, ui
from webapp.core.errors import NotNow
from webapp.core.forms import seen_version
from webapp.ledger import queries as books
from webapp.payments import actions, policy, queries
from webapp.payments.forms import AbsenceForm
from webapp.payments.models import Attempt
from webapp.payments.routes.blueprint import bp


def _screen(attempt: Attempt, form: AbsenceForm, status: int = 200) -> Response:
    payout = attempt.leg.payout
    claim = "out" if payout.payee_id is not None else "refund"
    return ui.screen(
        "payments/attempt",
        status=status,
        attempt=attempt,
        payout=payout,
        looked=queries.last_lookup(attempt.id),
        journal=books.journal(f"{claim}:{attempt.key}"),
        decides=policy.may_decide(g.person, attempt) and attempt.is_live and attempt.problem is not None,
        now=clock.real_now(),
        form=form,
    )


@bp.get("/finance/attempts/<int:attempt_id>")
@access.allow(load=queries.attempt_for_finance, may=policy.keeps_attempt)
def attempt(attempt: Attempt) -> Response:
    """What was asked of Stripe, when, under which key, what came back, and what the books say."""
    return _screen(attempt, AbsenceForm())


@bp.post("/finance/attempts/<int:attempt_id>/lookup")
@access.allow(load=queries.attempt_for_finance, may=policy.may_decide)
def look_again(attempt: Attempt) -> Response:
    """Ask Stripe once more whether it has this payment."""
    actions.look_again(attempt, actor=g.person, version=seen_version())
    say = _("Stripe is being asked. Open this page again in a moment.")
    return ui.done(url_for("payments.attempt", attempt_id=attempt.id), say=say)


@bp.post("/finance/attempts/<int:attempt_id>/absence")
@access.allow(load=queries.attempt_for_finance, may=policy.may_decide, fresh=True)
def declare_absent(attempt: Attempt) -> Response:
    """A person has proved that Stripe does not have this payment."""
    form = AbsenceForm()
    if not form.validate():
        return _screen(attempt, form, 422)
    try:
        actions.declare_absent(
            attempt, actor=g.person, version=seen_version(), reason=form.reason.data.strip()
        )
    except NotNow as error:
        form.refuse(error)
        return _screen(attempt, form, 409)
    say = _("Recorded. The payment is due again, and both people have to approve and release it again.")
    return ui.done(url_for("payments.payout", payout_id=attempt.leg.payout_id), say=say)
