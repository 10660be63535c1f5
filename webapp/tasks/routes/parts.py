"""What all doors to a board hang on, and what all its screens know."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, url_for
from flask_babel import gettext as _

from webapp.core.errors import BadInput
from webapp.core.words import state_label
from webapp.internships.models import Internship
from webapp.tasks import policy, queries
from webapp.tasks.models import Task

bp = Blueprint("tasks", __name__)


def card_address(task: Task) -> str:
    """Where a card stands on its board."""
    return url_for("tasks.board", internship_id=task.internship_id, _anchor=f"card-{task.id}")


def seen(internship: Internship) -> dict[str, Any]:
    """What every screen of the board knows: the internship, the words, and what this person may do."""
    if internship.agreement is None:
        raise BadInput
    return {
        "internship": internship,
        "open": policy.is_open(internship),
        "targets_of": lambda task: queries.targets(g.person, task),
        "today": queries.today_of(internship),
        "state_label": state_label,
        "next_move": next_move,
        "may_move": lambda task: policy.may_work(g.person, task) and policy.is_open(internship),
        "may_edit": policy.on_the_board(g.person, internship) and policy.is_open(internship),
    }


NEXT = {"todo": "start", "doing": "finish", "blocked": "unblock", "done": "reopen"}


def next_move(task: Task) -> tuple[str, str] | None:
    """The one next step of a card for this person: its target column and the words on the button."""
    name = NEXT[task.state]
    if name not in policy.moves_for(g.person, task):
        return None
    words = {
        "start": _("Start"),
        "finish": _("Finish"),
        "unblock": _("Unblock"),
        "reopen": _("Take up again"),
    }
    return Task.law.target(task.state, name), words[name]
