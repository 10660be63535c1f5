"""The calendar as programs read it (RFC 5545), in its reader's language; the same dates give the same bytes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.models import Person
from webapp.calendars import policy
from webapp.calendars.models import CalendarFeed
from webapp.calendars.queries import Entry
from webapp.core import config

if TYPE_CHECKING:
    from icalendar import Event

MAKER = "-//Stint//Due dates//EN"
READ_AGAIN = timedelta(hours=6)
WORDS: dict[str, Any] = {
    "task": _l("%(title)s (%(work)s)"),
    "answer": _l("Answer needed: %(title)s"),
    "hand-in": _l("Hand in: %(work)s"),
    "review": _l("Review by: %(work)s"),
}


def address_of(feed: CalendarFeed) -> str:
    """The whole secret address, to be given to a calendar program."""
    path = url_for("calendars.read", person_id=feed.person_id, token=policy.token_of(feed))
    return config.current().base_url + path


def calendar_of(person: Person, entries: list[Entry]) -> bytes:
    """The text of a person's calendar, UTF-8."""
    # Loaded where somebody reads one: few do, and every process would wait for it.
    from icalendar import Calendar

    host = config.current().host.split(":")[0]
    with force_locale(person.locale):
        calendar = Calendar.new(
            name=_("Due dates in Stint"), prodid=MAKER, uid=f"calendar-{person.id}@{host}"
        )
        calendar.add(
            "REFRESH-INTERVAL", READ_AGAIN, parameters={"VALUE": "DURATION"}
        )  # RFC 7986 wants it named
        for entry in entries:
            calendar.add_component(_event(entry, host))
    return bytes(calendar.to_ical())


def _event(entry: Entry, host: str) -> Event:
    """One date; it keeps nobody from being invited to something else at that time."""
    from icalendar import Event
    from icalendar.enums import TRANSP

    summary = str(WORDS[entry.kind]) % {"title": entry.title, "work": entry.work}
    return Event.new(
        uid=f"{entry.kind}-{entry.id}@{host}",
        # Without a METHOD the stamp says when the entry last changed, so it must not be the time of this reading.
        stamp=entry.changed_at,
        last_modified=entry.changed_at,
        start=entry.when,
        summary=" ".join(summary.split()),  # a line end that somebody typed ends no line of the file
        url=config.current().base_url + _page(entry),
        transparency=TRANSP.TRANSPARENT,
    )


def _page(entry: Entry) -> str:
    if entry.kind in ("task", "answer"):
        return url_for("tasks.show", task_id=entry.id)
    return url_for("next_steps.show", internship_id=entry.id)
