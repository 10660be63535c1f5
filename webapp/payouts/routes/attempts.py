"""An attempt whose outcome nobody knows: all evidence on one page, and the decision of a person."""

from __future__ import annotations

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _

from webapp.core.database import clock
from webapp.core.errors import NotNow
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.forms import seen_version
from webapp.ledger import queries as ledger_queries
from webapp.payouts import policy
from webapp.payouts.actions import unclear as payout_unclear
from webapp.payouts.forms import AbsenceForm
from webapp.payouts.models import Attempt
from webapp.payouts.queries import attempts as payout_attempts
from webapp.payouts.routes.blueprint import bp


def _screen(attempt: Attempt, form: AbsenceForm, status: int = 200) -> Response:
    payout = attempt.part.payout
    claim = "out" if payout.payee_id is not None else "refund"
    return responses.screen(
        "payouts/attempt",
        status=status,
        attempt=attempt,
        payout=payout,
        looked=payout_attempts.last_lookup(attempt.id),
        journal=ledger_queries.journal(f"{claim}:{attempt.key}"),
        decides=policy.may_decide(g.person, attempt) and attempt.is_live and attempt.problem is not None,
        now=clock.real_now(),
        form=form,
    )


@bp.get("/finance/attempts/<int:attempt_id>")
@access.allow(load=payout_attempts.attempt_for_finance, may=policy.keeps_attempt)
def attempt(attempt: Attempt) -> Response:
    """What was asked of Stripe, when, under which key, what came back, and what the books say."""
    return _screen(attempt, AbsenceForm())


@bp.post("/finance/attempts/<int:attempt_id>/lookup")
@access.allow(load=payout_attempts.attempt_for_finance, may=policy.may_decide)
def look_again(attempt: Attempt) -> Response:
    """Ask Stripe once more whether it has this payment."""
    payout_unclear.look_again(attempt, actor=g.person, version=seen_version())
    say = _("Stripe is being asked. Open this page again in a moment.")
    return responses.done(url_for("payouts.attempt", attempt_id=attempt.id), say=say)


@bp.post("/finance/attempts/<int:attempt_id>/absence")
@access.allow(load=payout_attempts.attempt_for_finance, may=policy.may_decide, fresh=True)
def declare_absent(attempt: Attempt) -> Response:
    """A person has proved that Stripe does not have this payment."""
    form = AbsenceForm()
    if not form.validate():
        return _screen(attempt, form, 422)
    try:
        payout_unclear.declare_absent(
            attempt, actor=g.person, version=seen_version(), reason=form.reason.data.strip()
        )
    except NotNow as error:
        form.refuse(error)
        return _screen(attempt, form, 409)
    say = _("Recorded. The payment is due again, and both people have to approve and release it again.")
    return responses.done(url_for("payouts.payout", payout_id=attempt.part.payout_id), say=say)
