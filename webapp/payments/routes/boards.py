"""Finance's board: the same sums as the queue, to be moved from column to column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from flask import g, url_for
from flask.wrappers import Response
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core import access, face, stream, ui
from webapp.core.currencies import exponent
from webapp.core.face import Face, folded
from webapp.core.i18n import local_minute
from webapp.core.pipeline import Pipeline, Step, possible
from webapp.core.words import state_label
from webapp.payments import actions, policy, queries
from webapp.payments.forms import BoardForm
from webapp.payments.models import Payout
from webapp.payments.routes.blueprint import bp


def _form(move: str) -> Callable[[Payout], str]:
    """The page of a sum, opened at the form of this move."""
    return lambda payout: url_for("payments.payout", payout_id=payout.id, do=move, _anchor=f"do-{move}")


STEPS = {
    ("due", "approved"): Step("approve"),
    ("approved", "sending"): Step("release", _form("release")),
    ("sending", "paid"): Step("confirm", _form("confirm")),
    ("held", "due"): Step("unhold"),
    ("due", "held"): Step("hold", _form("hold")),
    ("approved", "held"): Step("hold", _form("hold")),
    ("sending", "due"): Step("fail", _form("fail")),
}
LABELS = {
    "approve": _l("Approve"),
    "release": _l("Release…"),
    "confirm": _l("Record the transfer…"),
    "unhold": _l("End the hold"),
    "hold": _l("Put on hold…"),
    "fail": _l("Record the refusal…"),
}
FORWARD = ("approve", "release", "confirm", "unhold")
NOT_YOU = _l("Another finance person has to do this. It can't be the payee, or the same person twice.")
WHY = {
    "due": {"": _l("A payment is due again when a hold ends or the bank refuses it.")},
    "approved": {"": _l("Only a payment that is due can be approved.")},
    "sending": {
        "": _l("Only an approved payment can be released."),
        "due": _l("Two people each time: one approves it, then another releases it."),
    },
    "paid": {
        "": _l("A payment is paid when the bank or Stripe has made the transfer."),
        "sending": _l("Stripe tells us when this is done."),
    },
    "held": {"": _l("Only a payment that hasn't been sent can be put on hold.")},
    "blocked": {"": _l("A payment is blocked automatically when the payee's account can't receive it.")},
}


def board_face(args: Mapping[str, Any]) -> Face:
    """The sums that this person keeps or watches, shown as `args` of the address ask."""
    wanted = BoardForm(args)
    lane = queries.board_of(g.person, q=wanted.good("q"), due=wanted.good("due"), rail=wanted.good("rail"))
    return Face(
        kind="payout",
        lane=replace(lane, folded=folded("payout", lane.columns, wanted)),
        wanted=wanted,
        args=args,
        page="payments.board",
        stream="payments.board_live",
        since="payments.board_since",
        values={},
        card="payments.card",
        template="payments/_card.html",
        row="payments/_row.html",
        heads=(
            _l("Payment"),
            _l("To"),
            (_l("Amount"), "num"),
            _l("Column"),
            _l("Deadline"),
            _l("Who acts next"),
        ),
        number=queries.newest_of_finance([g.person.id])[g.person.id],
        title=_l("Board of payments"),
        context={
            "state_label": state_label,
            "steps_of": _steps,
            "why_not": _why_not,
            "next_of": lambda steps: next((to for to, step in steps.items() if step.move in FORWARD), None),
            "obstacle": queries.obstacle,
            "until_of": queries.until_of,
            "labels": LABELS,
        },
        why=lambda column: WHY[column],
        cells=_cells,
        sorted_why=_l("Sorted by deadline, so you can't reorder the cards."),
    )


def _cells(payout: Payout) -> list[str]:
    return [
        str(payout.id),
        payout.payee.full_name if payout.payee else payout.payer.name if payout.payer else "",
        f"{Decimal(payout.amount).scaleb(-exponent(payout.currency))} {payout.currency}",
        state_label("payout", payout.state),
        local_minute(queries.until_of(payout) or payout.paid_at),
    ]


def _steps(payout: Payout) -> dict[str, Step]:
    """Where this person may bring a sum now; the ways that the page of a sum shows shut are shut here."""
    steps = possible(payout, g.person, STEPS, policy.MOVES)
    forward = {"due": "approved", "approved": "sending"}.get(payout.state)
    if forward in steps and queries.obstacle(payout) is not None:
        del steps[forward]
    return steps


def _why_not(payout: Payout) -> dict[str, Any]:
    """What keeps this very sum, or this person, from a column that the machine would allow."""
    open_now, found = _steps(payout), {}
    for (source, to), step in STEPS.items():
        if source != payout.state or to in open_now:
            continue
        obstacle = queries.obstacle(payout) if step.move in ("approve", "release") else None
        if obstacle is not None:
            found[to] = actions.OBSTACLES[obstacle]
        elif step.move not in ("confirm", "fail") or payout.rail == "manual":
            found[to] = NOT_YOU
    return found


@bp.get("/finance/board")
@access.allow(may=policy.is_finance)
def board() -> Response:
    """What is due, approved, being sent, paid, held and blocked."""
    return face.show("payments/board", board_face(ui.page_args()))


@bp.get("/finance/board/stream")
@access.allow(may=policy.is_finance)
def board_live() -> Response:
    """Every change of finance's board as it happens."""
    return stream.answer("finance", g.person.id)


@bp.get("/finance/board/since")
@access.allow(may=policy.is_finance)
def board_since() -> Response:
    """The same for whoever cannot listen."""
    return stream.since_answer("finance", g.person.id)


def _here() -> Face:
    here = ui.asked_from()
    return board_face(here.args if here is not None and here.endpoint == "payments.board" else {})


@bp.get("/finance/payouts/<int:payout_id>/card")
@access.allow(load=queries.payout_for_finance, may=policy.keeps_queue)
def card(payout: Payout) -> Response:
    """One sum as it is now, where it is now."""
    return face.card_now(_here(), payout)


def _name_of(payout: Payout) -> str:
    to = payout.payee.full_name if payout.payee else payout.payer.name if payout.payer else ""
    return str(_("Payment %(number)s to %(name)s", number=payout.id, name=to))


def _pipeline(payout: Payout) -> Pipeline:
    def fire(step: Step) -> None:
        verbs = {"approve": actions.approve, "unhold": actions.unhold}
        verbs[step.move](payout, actor=g.person, version=payout.version)

    return Pipeline(
        _here(),
        payout,
        _steps(payout),
        _name_of(payout),
        url_for("payments.move", payout_id=payout.id),
        fire,
        _why_not(payout),
    )


@bp.get("/finance/payouts/<int:payout_id>/move")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of)
def sheet(payout: Payout) -> Response:
    """Where a sum can go."""
    return _pipeline(payout).sheet()


@bp.post("/finance/payouts/<int:payout_id>/move")
@access.allow(load=queries.payout_for_finance, may=policy.is_finance_of)
def move(payout: Payout) -> Response:
    """Move a sum: approve it or end its hold at once, lead to the form for everything else."""
    return _pipeline(payout).move()
