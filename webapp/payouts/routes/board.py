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

from webapp.core.boards import view as board_view
from webapp.core.boards.folds import folded
from webapp.core.boards.state_board import CardTransitions, Transition, possible, why_not
from webapp.core.boards.view import BoardView
from webapp.core.live import sse
from webapp.core.money.currencies import exponent
from webapp.core.security import access
from webapp.core.web import responses
from webapp.core.web.i18n import local_minute
from webapp.core.web.labels import state_label
from webapp.payouts import policy
from webapp.payouts.actions import approval as payout_approval
from webapp.payouts.forms import BoardForm
from webapp.payouts.labels import who_next
from webapp.payouts.models import Payout
from webapp.payouts.queries import board as payout_board
from webapp.payouts.queries import queue as payout_queue
from webapp.payouts.queries.preloading import preload
from webapp.payouts.routes.blueprint import bp


def _form(move: str) -> Callable[[Payout], str]:
    """The page of a sum, opened at the form of this move."""
    return lambda payout: url_for("payouts.payout", payout_id=payout.id, intent=move, _anchor=f"do-{move}")


STEPS = {
    ("due", "approved"): Transition("approve"),
    ("approved", "sending"): Transition("release", _form("release")),
    ("sending", "paid"): Transition("confirm", _form("confirm")),
    ("held", "due"): Transition("unhold"),
    ("due", "held"): Transition("hold", _form("hold")),
    ("approved", "held"): Transition("hold", _form("hold")),
    ("sending", "due"): Transition("fail", _form("fail")),
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


def finance_board(args: Mapping[str, Any]) -> BoardView:
    """The sums that this person keeps or watches, shown as `args` of the address ask."""
    filter_form = BoardForm(args)
    query = payout_board.board_of(
        g.person, q=filter_form.valid("q"), due=filter_form.valid("due"), rail=filter_form.valid("rail")
    )
    return BoardView(
        kind="payout",
        query=replace(query, folded=folded("payout", query.columns, filter_form)),
        filter_form=filter_form,
        args=args,
        page="payouts.board",
        stream="payouts.board_live",
        since="payouts.board_since",
        values={},
        card="payouts.card",
        template="payouts/_card.html",
        row="payouts/_row.html",
        heads=(
            _l("Payment"),
            _l("To"),
            (_l("Amount"), "num"),
            _l("Column"),
            _l("Deadline"),
            _l("Who acts next"),
        ),
        number=payout_board.newest_of_finance([g.person.id])[g.person.id],
        title=_l("Board of payments"),
        context={
            "state_label": state_label,
            "steps_of": _steps,
            "why_not": _why_not,
            "next_of": lambda steps: next((to for to, step in steps.items() if step.move in FORWARD), None),
            "who_next": who_next,
            "until_of": payout_queue.until_of,
            "labels": LABELS,
        },
        cells=_cells,
        preload=preload,
        sorted_why=_l("Sorted by deadline, so you can't reorder the cards."),
    )


def _cells(payout: Payout) -> list[str]:
    return [
        str(payout.id),
        payout.payee.full_name if payout.payee else payout.payer.name if payout.payer else "",
        f"{Decimal(payout.amount).scaleb(-exponent(payout.currency))} {payout.currency}",
        state_label("payout", payout.state),
        local_minute(payout_queue.until_of(payout) or payout.paid_at),
    ]


def _steps(payout: Payout) -> dict[str, Transition]:
    """Where this person may bring a sum now."""
    return possible(payout, g.person, STEPS)


def _why_not(payout: Payout) -> dict[str, Any]:
    """What keeps this very sum, or this person, from a column that the machine would allow."""
    return why_not(payout, g.person, STEPS)


@bp.get("/finance/board")
@access.allow(may=policy.is_finance)
def board() -> Response:
    """What is due, approved, being sent, paid, held and blocked."""
    return board_view.show("payouts/board", finance_board(responses.page_args()))


@bp.get("/finance/board/stream")
@access.share("stream")
@access.allow(may=policy.is_finance)
def board_live() -> Response:
    """Every change of finance's board as it happens."""
    return sse.answer("finance", g.person.id)


@bp.get("/finance/board/since")
@access.allow(may=policy.is_finance)
def board_since() -> Response:
    """The same for whoever cannot listen."""
    return sse.since_answer("finance", g.person.id)


def _here() -> BoardView:
    address = responses.asked_from()
    return finance_board(address.args if address is not None and address.endpoint == "payouts.board" else {})


@bp.get("/finance/payouts/<int:payout_id>/card")
@access.allow(load=payout_queue.payout_for_finance, may=policy.keeps_queue)
def card(payout: Payout) -> Response:
    """One sum as it is now, where it is now."""
    return board_view.card_now(_here(), payout)


def _name_of(payout: Payout) -> str:
    to = payout.payee.full_name if payout.payee else payout.payer.name if payout.payer else ""
    return str(_("Payment %(number)s to %(name)s", number=payout.id, name=to))


def _pipeline(payout: Payout) -> CardTransitions:
    def fire(step: Transition) -> None:
        verbs = {"approve": payout_approval.approve, "unhold": payout_approval.unhold}
        verbs[step.move](payout, actor=g.person, version=payout.version)

    return CardTransitions(
        _here(),
        payout,
        _steps(payout),
        _name_of(payout),
        url_for("payouts.move", payout_id=payout.id),
        fire,
        _why_not(payout),
    )


@bp.get("/finance/payouts/<int:payout_id>/move")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of)
def sheet(payout: Payout) -> Response:
    """Where a sum can go."""
    return _pipeline(payout).sheet()


@bp.post("/finance/payouts/<int:payout_id>/move")
@access.allow(load=payout_queue.payout_for_finance, may=policy.is_finance_of)
def move(payout: Payout) -> Response:
    """Move a sum: approve it or end its hold at once, lead to the form for everything else."""
    return _pipeline(payout).move()
