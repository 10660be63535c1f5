"""What a card of a board says, worked out once for all cards that are alike: a board draws a hundred of them at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

from flask import g, url_for
from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.security import idempotency
from webapp.core.web.assets import asset
from webapp.core.web.i18n import show_date, show_datetime
from webapp.core.web.labels import state_label
from webapp.tasks import policy
from webapp.tasks.models import Task
from webapp.tasks.queries import boards as task_boards

NEXT = {"todo": "start", "doing": "finish", "blocked": "unblock", "done": "reopen"}


@dataclass(frozen=True, slots=True)
class CardMoves:
    """Where cards that are alike may go: all columns, those that ask for more, the next step, and its words."""

    to: str
    asks: str
    step: str
    step_label: str
    may_move: bool
    state: str


@dataclass(frozen=True, slots=True)
class CardBadge:
    """One fact on a card under its title: an icon and words; an `at` makes it an instant."""

    icon: str
    text: str
    late: bool = False
    at: str = ""


class CardPresenter:
    """The cards of one board for one reader."""

    def __init__(self) -> None:
        self._ways: dict[tuple[int, str, bool], CardMoves] = {}
        self._today: dict[int, date] = {}
        self._tasks = url_for("tasks.show", task_id=0)[:-1]

    @cached_property
    def move_words(self) -> str:
        return str(_("Move…"))

    @cached_property
    def saving_words(self) -> str:
        return str(_("Saving…"))

    @cached_property
    def zone(self) -> str:
        return str(get_timezone())

    @cached_property
    def sprite(self) -> str:
        """The file of all drawings."""
        return asset("icons.svg") or ""

    @cached_property
    def token(self) -> str:
        """The token of every form on this page."""
        return str(generate_csrf())

    def card(self, task: Task) -> tuple[int, str, CardMoves, list[CardBadge], str]:
        """What a card's template needs, in one call: its number, its page, its way, its facts, an operation id."""
        way = self.way(task)
        return task.id, self.url(task), way, self.facts(task), idempotency.fresh() if way.step else ""

    def url(self, task: Task) -> str:
        """The page of a card."""
        return f"{self._tasks}{task.id}"

    def way(self, task: Task) -> CardMoves:
        """Where a card may go from here, and by which button."""
        waits_for_me = task.blocked_on_id is not None and task.blocked_on_id == g.person.id
        alike = (task.internship_id, task.state, waits_for_me)
        if alike not in self._ways:
            targets, step = task_boards.targets(g.person, task), next_move(task)
            self._ways[alike] = CardMoves(
                " ".join(targets),
                "blocked" if "blocked" in targets and task.state != "blocked" else "",
                step[0] if step else "",
                step[1] if step else "",
                policy.may_work(g.person, task) and policy.is_open(task.internship),
                state_label("task", task.state),
            )
        return self._ways[alike]

    def facts(self, task: Task) -> list[CardBadge]:
        """What a card shows under its title."""
        badges = []
        if task.deliverable:
            badges.append(CardBadge("file", _("Deliverable %(number)s", number=task.deliverable)))
        if (due := self.day(task)) is not None:
            badges.append(self._due(task, due))
        if task.checks:
            done = sum(1 for check in task.checks if check.done_at)
            words = _("%(done)s of %(all)s done", done=done, all=len(task.checks))
            badges.append(CardBadge("check", words))
        if task.blocked_on:
            words = _("Waiting for %(who)s", who=task.blocked_on.preferred_name)
            badges.append(CardBadge("clock", words))
        return badges

    def day(self, task: Task) -> CardBadge | None:
        """The day on which a card is due; for a reader in another zone the instant at which it ends."""
        end = task_boards.due_at(task)
        if task.due_on is None or end is None:
            return None
        elsewhere = task.internship.terms.intern_zone != self.zone
        return CardBadge(
            "clock",
            show_datetime(end) if elsewhere else show_date(task.due_on),
            at=end.isoformat(),
        )

    def _due(self, task: Task, due: CardBadge) -> CardBadge:
        assert task.due_on is not None
        if task.internship_id not in self._today:
            self._today[task.internship_id] = task_boards.today_of(task.internship)
        if task.due_on < self._today[task.internship_id] and task.state != "done":
            return CardBadge("alert", _("Overdue since %(day)s", day=due.text), True, due.at)
        return CardBadge(due.icon, _("Due %(day)s", day=due.text), at=due.at)


def next_move(task: Task) -> tuple[str, str] | None:
    """The one next step of a card for this person: its target column and the words on the button."""
    name = NEXT[task.state]
    if name not in lifecycle.open_moves(task, g.person):
        return None
    words = {
        "start": _("Start"),
        "finish": _("Finish"),
        "unblock": _("Unblock"),
        "reopen": _("Reopen"),
    }
    return Task.law.target(task.state, name), words[name]
