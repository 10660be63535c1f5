"""What a person's calendar holds: the dates that wait for them in the work they are part of now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.calendars import policy
from webapp.calendars.models import CalendarFeed
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import HistoryEntry
from webapp.internships import policy as internship_policy
from webapp.internships import queries as internship_queries
from webapp.internships.models import Internship
from webapp.tasks.models import Task

RUNNING = ("matched", "in_progress", "submitted")
PAST = timedelta(days=30)
AHEAD = timedelta(days=366)
MOST = 1_000

Work = Mapping[int, Internship]


@dataclass(frozen=True)
class Entry:
    """One date: a whole day, or an instant (UTC).

    `kind` and `id` name it for ever: `task` and `answer` are of a task, `hand-in` and `review` of an internship.
    `title` is that of the task, empty for the latter two; `work` is the title of the internship.
    """

    kind: str
    id: int
    when: date | datetime
    work: str
    changed_at: datetime
    title: str = ""

    @property
    def begins_at(self) -> datetime:
        """The instant by which entries are put in order."""
        if isinstance(self.when, datetime):
            return self.when
        return datetime.combine(self.when, time.min, UTC)


def feed_of(person: Person) -> CalendarFeed | None:
    """The address that this person has given out, if they have one."""
    return db.session.get(CalendarFeed, person.id)


def reader_at(person_id: int, token: str) -> Person | None:
    """Whose dates are read at an address; None for a wrong or removed one, and for a closed account."""
    row = db.session.execute(
        select(CalendarFeed, Person)
        .join(Person, Person.id == CalendarFeed.person_id)
        .where(CalendarFeed.person_id == person_id)
    ).one_or_none()
    if row is None or not policy.opens(row[0], token) or not row[1].is_active:
        return None
    person: Person = row[1]
    return person


def dates_of(person: Person) -> list[Entry]:
    """What is due for this person from 30 days ago to 366 days ahead, in its order; of more than 1,000 the nearest."""
    now = clock.now()
    work = {internship.id: internship for internship in internship_queries.of_person(person, states=RUNNING)}
    entries = [
        *_own_tasks(person, work, now.date()),
        *_answers(person, work, now),
        *(entry for entry in _of_internships(person, work) if now - PAST <= entry.begins_at <= now + AHEAD),
    ]
    nearest = sorted(entries, key=lambda entry: (abs(entry.begins_at - now), entry.kind, entry.id))[:MOST]
    return sorted(nearest, key=lambda entry: (entry.begins_at, entry.kind, entry.id))


def _own_tasks(person: Person, work: Work, today: date) -> list[Entry]:
    """The days of the tasks that this intern has not done yet."""
    own = [internship.id for internship in work.values() if internship_policy.is_intern(person, internship)]
    rows = db.session.execute(
        select(Task.id, Task.due_on.label("at"), Task.title, Task.internship_id, Task.created_at)
        .where(
            Task.internship_id.in_(own),
            Task.state != "done",
            Task.due_on.between(today - PAST, today + AHEAD),
        )
        .order_by(func.abs(Task.due_on - today), Task.id)
        .limit(MOST)
    ).all()
    return _of_tasks("task", rows, work)


def _answers(person: Person, work: Work, now: datetime) -> list[Entry]:
    """Until when the intern was promised an answer of this person."""
    rows = db.session.execute(
        select(Task.id, Task.answer_by.label("at"), Task.title, Task.internship_id, Task.created_at)
        .where(
            Task.internship_id.in_(work),
            Task.state == "blocked",
            Task.blocked_on_id == person.id,
            Task.answer_by.between(now - PAST, now + AHEAD),
        )
        .order_by(Task.answer_by, Task.id)
        .limit(MOST)
    ).all()
    return _of_tasks("answer", rows, work)


def _of_tasks(kind: str, rows: Sequence[Any], work: Work) -> list[Entry]:
    """The entries of these rows of tasks, each with what it is due `at`."""
    changed = _changed("task", [row.id for row in rows])
    return [
        Entry(
            kind,
            row.id,
            row.at,
            _title(work[row.internship_id]),
            changed.get(row.id, row.created_at),
            row.title,
        )
        for row in rows
    ]


def _of_internships(person: Person, work: Work) -> list[Entry]:
    """When the work is to be handed in, to everybody around it; until when it is reviewed, to who judges it."""
    ends = {
        internship.id: internship.submit_by
        for internship in work.values()
        if internship.state == "in_progress"
    }
    judged = [
        internship.id
        for internship in work.values()
        if internship_policy.is_reviewer(person, internship) and not internship.frozen
    ]
    reviews = deadlines.due_times("internship", judged, "approve_by_silence")
    changed = _changed("internship", [*ends, *reviews])
    return [
        Entry(kind, number, at, _title(work[number]), changed.get(number, at))
        for kind, dates in (("hand-in", ends), ("review", reviews))
        for number, at in dates.items()
    ]


def _title(internship: Internship) -> str:
    return internship.terms.title


def _changed(kind: str, ids: Sequence[int]) -> dict[int, datetime]:
    """When the history last spoke of each of these things."""
    rows = db.session.execute(
        select(HistoryEntry.subject_id, func.max(HistoryEntry.happened_at))
        .where(HistoryEntry.subject_kind == kind, HistoryEntry.subject_id.in_(ids))
        .group_by(HistoryEntry.subject_id)
    )
    return {row[0]: row[1] for row in rows}
