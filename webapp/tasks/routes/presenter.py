"""How a card of a board is drawn, once a process for all that look at the same: a board draws a hundred of them at a time.

A drawn card is a function of `CardContent`, which holds all that shows on it, so nobody can be shown an old text, another
person's button or another language: that would be another content. What differs from page to page, the number of the
board's last change, is put in when the page is joined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask import current_app, url_for
from flask_babel import get_locale, get_timezone
from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.web.i18n import show_date, show_datetime
from webapp.core.web.labels import state_label
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.models import Task
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.queries.boards import LABEL_SEPARATOR, CardRow

NEXT = {"todo": "start", "doing": "finish", "blocked": "unblock", "done": "reopen"}
KEPT = 4_096  # drawn cards a process, about a kilobyte each
HOLE = "\0"  # no text that is stored can hold it


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


@dataclass(frozen=True, slots=True)
class CardContent:
    """All that shows on a card, and the `form` (a template) in which it does."""

    form: str
    locale: str
    id: int
    title: str
    state: str
    move_version: int
    joined_labels: str
    due: CardBadge | None
    deliverable: int | None
    checks: str  # done and all: "1/3"
    waits_for: str | None
    moves: CardMoves
    of: str  # the internship's title, where a board is over several
    internship_id: int
    focused: bool

    @property
    def labels(self) -> list[str]:
        return self.joined_labels.split(LABEL_SEPARATOR) if self.joined_labels else []

    @property
    def has_checks(self) -> bool:
        return not self.checks.endswith("/0")

    @property
    def badges(self) -> list[CardBadge]:
        """What stands under the title, in this order."""
        badges = []
        if self.deliverable:
            badges.append(CardBadge("file", _("Deliverable %(number)s", number=self.deliverable)))
        if self.due is not None:
            day = self.due.text
            words = _("Overdue since %(day)s", day=day) if self.due.late else _("Due %(day)s", day=day)
            badges.append(CardBadge(self.due.icon, words, self.due.late, self.due.at))
        if self.has_checks:
            done, all_of_them = self.checks.split("/")
            words = _("%(done)s of %(all)s done", done=done, all=all_of_them)
            badges.append(CardBadge("check", words))
        if self.waits_for is not None:
            badges.append(CardBadge("clock", _("Waiting for %(who)s", who=self.waits_for)))
        return badges


class CardPresenter:
    """The cards of one board for one reader; `seats` are the internships that they belong to."""

    def __init__(self, person: Person, seats: Iterable[Internship], *, titled: bool = False) -> None:
        self._person = person
        self._seats = {seat.id: seat for seat in seats}
        self._titled = titled
        self._moves: dict[tuple[int, str, bool], CardMoves] = {}
        self._today: dict[int, date] = {}
        self._locale, self._zone = str(get_locale()), str(get_timezone())

    def cards(self, cards: Iterable[CardRow], focused: int | None = None) -> str:
        """Cards in their column, as HTML."""
        return _joined([self._drawn("tasks/_card.html", card, focused) for card in cards])

    def rows(self, cards: Iterable[CardRow], focused: int | None = None) -> str:
        """Cards as rows of the list, as HTML."""
        return _joined([self._drawn("tasks/_row.html", card, focused) for card in cards])

    def _drawn(self, form: str, card: CardRow, focused: int | None) -> str:
        seat = self._seats[card.internship_id]
        content = CardContent(
            form,
            self._locale,
            card.id,
            card.title,
            card.state,
            card.move_version,
            card.labels,
            self._due(card, seat) if card.due_on is not None else None,
            card.deliverable,
            card.checks,
            card.waits_for,
            self.moves(card),
            seat.terms.title if self._titled else "",
            seat.id if self._titled else 0,
            card.id == focused,
        )
        before, after = _draw(content)
        return before + str(seat.history_number) + after

    def moves(self, card: CardRow) -> CardMoves:
        """Where a card may go from here, and by which button."""
        waits_for_me = card.blocked_on_id is not None and card.blocked_on_id == self._person.id
        alike = (card.internship_id, card.state, waits_for_me)
        if alike not in self._moves:
            blocked_on_id = self._person.id if waits_for_me else None
            seat = self._seats[card.internship_id]
            task = Task(internship=seat, state=card.state, blocked_on_id=blocked_on_id)
            targets, step = task_boards.targets(self._person, task), next_move(self._person, task)
            self._moves[alike] = CardMoves(
                " ".join(targets),
                "blocked" if "blocked" in targets and task.state != "blocked" else "",
                step[0] if step else "",
                step[1] if step else "",
                policy.may_work(self._person, task) and policy.is_open(seat),
                state_label("task", task.state),
            )
        return self._moves[alike]

    def _due(self, card: CardRow, seat: Internship) -> CardBadge:
        assert card.due_on is not None
        if seat.id not in self._today:
            self._today[seat.id] = task_boards.today_of(seat)
        late = card.due_on < self._today[seat.id] and card.state != "done"
        return _due(card.due_on, seat.terms.intern_zone, self._zone, self._locale, late)


@lru_cache(maxsize=1_024)
def _due(due_on: date, there: str, here: str, _locale: str, late: bool) -> CardBadge:
    """The day on which a card is due; for a reader in another zone the instant at which it ends."""
    end = task_boards.due_at(due_on, there)
    text = show_datetime(end) if there != here else show_date(due_on)
    return CardBadge("alert" if late else "clock", text, late, end.isoformat())


@lru_cache(maxsize=KEPT)
def _draw(content: CardContent) -> tuple[str, str]:
    """The HTML of a card before and after the number of its board's last change: both marked by Jinja as escaped."""
    url = url_for("tasks.show", task_id=content.id)
    template = current_app.jinja_env.get_template(content.form)
    drawn = template.make_module({"card": content, "url": url, "history_number": HOLE}).__html__()
    before, _hole, after = drawn.partition(HOLE)
    return before, after


def _joined(drawn: list[str]) -> str:
    return drawn[0][:0].join(drawn) if drawn else ""  # what is joined by escaped text is escaped text


def next_move(person: Person, task: Task) -> tuple[str, str] | None:
    """The one next step of a card for this person: its target column and the words on the button."""
    name = NEXT[task.state]
    if name not in lifecycle.open_moves(task, person):
        return None
    words = {
        "start": _("Start"),
        "finish": _("Finish"),
        "unblock": _("Unblock"),
        "reopen": _("Reopen"),
    }
    return Task.law.target(task.state, name), words[name]
