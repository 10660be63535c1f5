"""How a card of a board is drawn, once a process for all that look at the same: a board draws a hundred of them at a time.

A drawn card is a kept part (`core/web/kept.py`) of its row and its `CardLook`, which together are all that shows on it. What
differs from page to page, the number of the board's last change, is put in when the page is joined.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flask_babel import get_timezone
from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.web import kept
from webapp.core.web.i18n import show_date, show_datetime
from webapp.internships.models import Internship
from webapp.tasks import policy
from webapp.tasks.models import Task
from webapp.tasks.queries import boards as task_boards
from webapp.tasks.queries.boards import CARD, LABEL_SEPARATOR, CardRow

NEXT = {"todo": "start", "doing": "finish", "blocked": "unblock", "done": "reopen"}


@dataclass(frozen=True, slots=True)
class CardBadge:
    """One fact on a card under its title: an icon and words; an `at` makes it an instant."""

    icon: str
    text: str
    late: bool = False
    at: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class CardLook:
    """What the cards of one internship and state have in common for a reader.

    Where they may go (all columns, those that ask for more, the next step and its words), the day it is in the zone where
    the intern lives, by which they are late, and the internship's title where a board is over several. Made by `_look`,
    which gives the same object for the same values, so that a look is told from others by what it is.
    """

    internship_id: int
    to: str
    asks: str
    step: str
    step_label: str
    may_move: bool
    zone: str
    today: date
    of: str

    @property
    def history_number(self) -> str:
        """Where the number of the board's last change belongs."""
        return f"{kept.HOLE}{self.internship_id}{kept.HOLE}"

    def labels(self, card: CardRow) -> list[str]:
        return card.labels.split(LABEL_SEPARATOR) if card.labels else []

    def has_checks(self, card: CardRow) -> bool:
        return not card.checks.endswith("/0")

    def due(self, card: CardRow) -> CardBadge | None:
        """The day on which a card is due; for a reader in another zone the instant at which it ends."""
        if card.due_on is None:
            return None
        end = task_boards.due_at(card.due_on, self.zone)
        text = show_datetime(end) if self.zone != str(get_timezone()) else show_date(card.due_on)
        late = card.due_on < self.today and card.state != "done"
        return CardBadge("alert" if late else "clock", text, late, end.isoformat())

    def badges(self, card: CardRow) -> list[CardBadge]:
        """What stands under the title, in this order."""
        badges = []
        if card.deliverable:
            badges.append(CardBadge("file", _("Deliverable %(number)s", number=card.deliverable)))
        due = self.due(card)
        if due is not None:
            words = _("Overdue since %(day)s", day=due.text) if due.late else _("Due %(day)s", day=due.text)
            badges.append(CardBadge(due.icon, words, due.late, due.at))
        if self.has_checks(card):
            done, all_of_them = card.checks.split("/")
            words = _("%(done)s of %(all)s done", done=done, all=all_of_them)
            badges.append(CardBadge("check", words))
        if card.waits_for is not None:
            badges.append(CardBadge("clock", _("Waiting for %(who)s", who=card.waits_for)))
        return badges


_look = lru_cache(maxsize=4_096)(CardLook)


class CardPresenter:
    """The cards of one board for one reader; `seats` are the internships that they belong to."""

    def __init__(self, person: Person, seats: Iterable[Internship], *, titled: bool = False) -> None:
        self._person = person
        self._seats = {seat.id: seat for seat in seats}
        self._titled = titled
        self._looks: dict[tuple[int, str, bool], CardLook] = {}

    def cards(self, cards: Iterable[CardRow], focused: int | None = None) -> str:
        """Cards in their column, as HTML."""
        return self._drawn("tasks/_card.html", cards, focused)

    def rows(self, cards: Iterable[CardRow], focused: int | None = None) -> str:
        """Cards as rows of the list, as HTML."""
        return self._drawn("tasks/_row.html", cards, focused)

    def _drawn(self, template: str, cards: Iterable[CardRow], focused: int | None) -> str:
        draw, reader, drawn, me = kept.memory(), kept.reader(), [], self._person.id
        for card in cards:
            alike = (
                card.internship_id,
                card.state,
                card.blocked_on_id is not None and card.blocked_on_id == me,
            )
            look = self._looks.get(alike) or self._look(alike)
            row = CardRow._make(card[: len(CARD)])
            drawn.append(
                draw(template, reader, (("card", row), ("look", look), ("focused", row.id == focused)))
            )
        if not drawn:
            return ""
        page = drawn[0][:0].join(drawn)  # what is joined by escaped text is escaped text
        for look in {look.internship_id: look for look in self._looks.values()}.values():
            page = page.replace(look.history_number, str(self._seats[look.internship_id].history_number))
        return page

    def _look(self, alike: tuple[int, str, bool]) -> CardLook:
        seat_id, state, waits_for_me = alike
        seat = self._seats[seat_id]
        task = Task(internship=seat, state=state, blocked_on_id=self._person.id if waits_for_me else None)
        targets, step = task_boards.targets(self._person, task), next_move(self._person, task)
        look = self._looks[alike] = _look(
            seat_id,
            " ".join(targets),
            "blocked" if "blocked" in targets and state != "blocked" else "",
            *(step or ("", "")),
            policy.may_work(self._person, task) and policy.is_open(seat),
            seat.terms.intern_zone,
            task_boards.today_of(seat),
            seat.terms.title if self._titled else "",
        )
        return look


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
