"""What every dashboard is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.next_steps.queries import page as next_step_page
from webapp.next_steps.queries.page import Milestone, Row
from webapp.next_steps.queries.steps import LIVELY, NextStep, link
from webapp.organisations.models import Organisation
from webapp.payouts.queries import queue as payout_queue
from webapp.postings.models import Posting
from webapp.postings.queries import postings as posting_queries
from webapp.tasks.queries import boards as task_boards

RUNNING = (*LIVELY, "reviewed")
AT_MOST = 50


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
    """A titled list. `full_list` is the page with all of it: (label, address)."""

    title: str
    entries: list[Entry]
    full_list: tuple[str, str] = ("", "")
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
    """What waits for this person, the oldest deadline first; what is going on; and figures."""

    todo: list[NextStep] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    start: Start | None = None


def running_of(organisations: list[Organisation]) -> list[Internship]:
    """The internships of these employers and programmes that are going on, the newest first."""
    ids = [organisation.id for organisation in organisations]
    return internship_queries.of_organisations(ids, states=RUNNING)


def rows_of(internships: list[Internship], person: Person) -> list[Row]:
    """Internships with whose turn it is; their postings' organisations are read at once, not one by one."""
    ids = {internship.posting_id for internship in internships}
    together = (joinedload(Posting.organisation), joinedload(Posting.programme))
    if ids:
        db.session.scalars(select(Posting).where(Posting.id.in_(ids)).options(*together)).all()
    return next_step_page.rows_of(internships, person)


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


def blocked_on(person: Person) -> list[NextStep]:
    """The cards that wait for this person's answer."""
    return [
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
        for task in task_boards.blocked_on(person)
    ]


def totals(rows: Iterable[Any], attribute: str) -> tuple[tuple[int, str], ...]:
    """One sum for each currency."""
    return _by_currency([(getattr(row, attribute), row.currency) for row in rows])


def _by_currency(amounts: Iterable[tuple[Any, str]]) -> tuple[tuple[int, str], ...]:
    added: dict[str, int] = {}
    for amount, currency in amounts:
        added[currency] = added.get(currency, 0) + int(amount or 0)
    return tuple((added[currency], currency) for currency in sorted(added))


def money(label: str, amounts: Iterable[tuple[Any, str]], url: str = "") -> list[Figure]:
    """A figure of sums; none where there is no money."""
    added = _by_currency(amounts)
    return [Figure(label, sums=added, url=url)] if any(amount for amount, _currency in added) else []
