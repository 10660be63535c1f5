"""The blueprint of tasks, its two boards, and what their pages have in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from flask import Blueprint, g, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.core.boards.filters import BoardFilterForm
from webapp.core.boards.folds import folded
from webapp.core.boards.query import BoardQuery
from webapp.core.boards.view import BoardView
from webapp.core.database import clock
from webapp.core.errors import BadInput
from webapp.core.web import responses
from webapp.core.web.labels import state_label
from webapp.internships import policy as internship_policy
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.forms import BoardForm, OwnBoardForm
from webapp.tasks.models import Task
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.queries import feed as task_feed
from webapp.tasks.queries.boards import CardRow
from webapp.tasks.routes.presenter import CardPresenter, next_move

bp = Blueprint("tasks", __name__)
NO_TITLES: Mapping[int, str] = {}
HEADS = (_l("Task"), _l("Column"), _l("Due"), _l("Checklist"), _l("Next"))


def card_address(task: Task) -> str:
    """Where a card stands on its internship's board."""
    return url_for("tasks.board", internship_id=task.internship_id, _anchor=f"card-{task.id}")


def seen(internship: Internship) -> dict[str, Any]:
    """What every screen of an internship's board knows: the internship, the words, what this person may do."""
    if internship.agreement is None:
        raise BadInput
    return {
        "internship": internship,
        "open": policy.is_open(internship),
        "may_edit": policy.on_the_board(g.person, internship) and policy.is_open(internship),
        "state_label": state_label,
        "next_move": partial(next_move, g.person),
        "may_move": lambda task: policy.may_work(g.person, task) and policy.is_open(task.internship),
    }


def internship_board(internship: Internship, args: Mapping[str, Any]) -> BoardView:
    """The board of one internship, shown as `args` of its address ask."""
    filter_form = BoardForm(args)
    asked = task_boards.Shown(
        filter_form.valid("q"),
        filter_form.valid("due"),
        filter_form.valid("label"),
        "due" if filter_form.sort.data == "due" else "",
    )
    query = task_boards.shown(
        task_boards.board_query_of(internship), asked, lambda: task_boards.today_of(internship)
    )
    return _board(
        query,
        filter_form,
        args,
        page="tasks.board",
        values={"internship_id": internship.id},
        number=internship.history_number,
        title=internship.terms.title,
        drawing=CardPresenter(g.person, [internship]),
        context=seen(internship),
        cells=_cells,
    )


def own_board(args: Mapping[str, Any]) -> BoardView:
    """The intern's board over the tasks of all own work that is going on."""
    own = internship_queries.of_intern(g.person, policy.OPEN_IN)
    filter_form = OwnBoardForm(args, {str(seat.id): seat.terms.title for seat in own})
    of = int(filter_form.of.data) if filter_form.of.data else None
    asked = task_boards.Shown(
        filter_form.valid("q"), filter_form.valid("due"), filter_form.valid("label"), of=of
    )
    return _board(
        task_boards.shown(task_boards.own_board_query(g.person), asked, lambda: clock.today(g.person.zone)),
        filter_form,
        args,
        page="tasks.mine",
        values={},
        number=task_feed.newest_of_own([g.person.id])[g.person.id],
        title=_("All your internships"),
        drawing=CardPresenter(g.person, own, titled=True),
        context={"going_on": bool(own)},
        cells=partial(_cells, titles={seat.id: seat.terms.title for seat in own}),
    )


def _board(
    query: BoardQuery, filter_form: BoardFilterForm, args: Mapping[str, Any], *, page: str, **more: Any
) -> BoardView:
    own = page == "tasks.mine"
    return BoardView(
        kind="task",
        query=replace(query, folded=folded("task", query.columns, filter_form)),
        filter_form=filter_form,
        args=args,
        page=page,
        stream="tasks.live_own" if own else "tasks.live",
        since="tasks.since_own" if own else "tasks.since",
        card="tasks.card",
        heads=HEADS,
        why_column=_why,
        sorted_why=_l("Sorted by due date, so you can't reorder the cards here."),
        **more,
    )


def _cells(card: CardRow, titles: Mapping[int, str] = NO_TITLES) -> list[str]:
    title = titles.get(card.internship_id)
    return [
        f"{card.title} · {title}" if title else card.title,
        state_label("task", card.state),
        card.due_on.isoformat() if card.due_on else "",
        card.checks if not card.checks.endswith("/0") else "",
    ]


def _why(column: str) -> dict[str, Any]:
    words = _(
        "This card can't go to %(column)s in one step, or you aren't allowed to move it there.",
        column=state_label("task", column),
    )
    return {"": words}


def shown_board(task: Task) -> BoardView:
    """The board on which somebody pressed what led here; the task's own one where the browser does not say."""
    page = responses.asked_from()
    if (
        page is not None
        and page.endpoint == "tasks.mine"
        and internship_policy.is_intern(g.person, task.internship)
    ):
        return own_board(page.args)
    if (
        page is not None
        and page.endpoint == "tasks.board"
        and page.values == {"internship_id": task.internship_id}
    ):
        return internship_board(task.internship, page.args)
    return internship_board(task.internship, {})
