"""What every dashboard is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.core.database.pages import PAGE
from webapp.next_steps.queries.page import Milestone, Row, in_order
from webapp.next_steps.queries.steps import LIVELY, NextStep, Waiting, link
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.queries import postings as posting_queries
from webapp.tasks.queries import boards as task_boards

RUNNING = (*LIVELY, "reviewed")
AT_MOST = PAGE


@dataclass(frozen=True)
class Entry:
    """One line of a list: what it is, how it stands, and by when something happens."""

    title: str
    url: str
    meta: tuple[str, ...] = ()
    status: tuple[str, str] | None = None  # words, look
    milestones: Sequence[Milestone] = ()
    amount: tuple[int, str] | None = None
    when_label: str = ""
    when: datetime | None = None
    note: str = ""


@dataclass(frozen=True)
class Figure:
    """A number that leads somewhere: a count, or sums that are never added across currencies."""

    label: str
    count: int | None = None
    sums: tuple[tuple[int, str], ...] = ()
    url: str = ""
    alarm: bool = False


@dataclass(frozen=True)
class Section:
    """A titled list: the first entries of `total`. `full_lists` are the pages with all of them: (label, address)."""

    title: str
    entries: list[Entry]
    total: int
    full_lists: tuple[tuple[str, str], ...] = ()
    nothing: str = ""


@dataclass(frozen=True)
class Start:
    """What somebody can begin with who has nothing yet."""

    title: str
    words: str
    label: str = ""
    url: str = ""


@dataclass
class Dashboard:
    """What waits for this person, kind by kind; what is going on; and figures."""

    waiting: list[Waiting] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    start: Start | None = None

    @property
    def total(self) -> int:
        """How many next steps wait in all."""
        return sum(waiting.total for waiting in self.waiting)

    def steps(self, begin: int) -> list[NextStep]:
        """A page of what waits, the nearest deadline first, behind the first `begin`.

        It is all there when each kind was read with `begin` and a page more.
        """
        merged = in_order([step for waiting in self.waiting for step in waiting.steps])
        return merged[begin : begin + AT_MOST]


def their_turn(rows: Iterable[Row]) -> Waiting:
    """The next steps among these that are the reader's own."""
    steps = [row.next_step for row in rows if row.next_step.mine]
    return Waiting(steps, len(steps))


def running(row: Row, *, own: bool = False) -> Entry:
    """A running internship: to its intern with the money and its day, to the others with whose turn it is."""
    internship = row.internship
    promise = payout_queue.pay_date(internship) if own else None
    if promise is None:
        return Entry(
            row.next_step.title,
            row.next_step.page,
            (internship.intern.full_name,) if internship.intern else (),
            milestones=row.milestones,
            note=row.next_step.what,
        )
    award = internship.award if internship.award is not None else internship.terms.base
    return Entry(
        row.next_step.title,
        row.next_step.page,
        (internship.organisation.name,),
        milestones=row.milestones,
        amount=(award, internship.terms.currency),
        when_label=_("Paid by %(when)s"),
        when=promise.at,
        note=PROMISES[promise.reason](),
    )


PROMISES: dict[str, Callable[[], str]] = {
    "paid": lambda: _("It was sent on this day."),
    "sending": lambda: _("It was released and is being sent."),
    "blocked": lambda: _("By bank transfer at the latest; sooner if Stripe can pay you."),
    "due": lambda: _("The result is fixed; two finance people release it by then."),
    "submitted": lambda: _("If everything is accepted. An earlier review brings it forward."),
    "working": lambda: _("If the work is handed in on time and everything is accepted."),
    "matched": lambda: _("If the work starts as agreed and everything is accepted."),
}


def blocked_on(person: Person, at_most: int) -> Waiting:
    """The cards that wait for this person's answer."""
    tasks, total = task_boards.blocked_on(person, at_most)
    steps = [
        NextStep(
            title=posting_queries.posting_of(task.internship).title,
            page=link("tasks.show", task_id=task.id),
            what=_(
                "The task “%(title)s” is waiting for your answer: %(why)s",
                title=task.title,
                why=task.blocked_why,
            ),
            mine=True,
            until=task.answer_by,
            label=_("Open the task"),
            url=link("tasks.show", task_id=task.id),
        )
        for task in tasks
    ]
    return Waiting(steps, total)


def _by_currency(amounts: Iterable[tuple[Any, str]]) -> tuple[tuple[int, str], ...]:
    added: dict[str, int] = {}
    for amount, currency in amounts:
        added[currency] = added.get(currency, 0) + int(amount or 0)
    return tuple((added[currency], currency) for currency in sorted(added))


def money(label: str, amounts: Iterable[tuple[Any, str]], url: str = "") -> list[Figure]:
    """A figure of sums; none where there is no money."""
    added = _by_currency(amounts)
    return [Figure(label, sums=added, url=url)] if any(amount for amount, _currency in added) else []
