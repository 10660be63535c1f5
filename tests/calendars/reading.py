"""A calendar program without a calendar program: it knows an address, and reads what is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from icalendar import Calendar

from tests.support import people as cast


@dataclass(frozen=True)
class Seen:
    """One entry of a calendar as a program understands it."""

    uid: str
    summary: str
    when: date | datetime
    url: str


def made_address(app: Flask, person: int) -> str:
    """The address that somebody makes in their settings and copies from the page."""
    browser = cast.signed_in(app, person)
    assert browser.send("/settings/calendar/address").location == "/settings/calendar"
    return shown_address(browser)


def shown_address(browser: cast.Browser) -> str:
    match = re.search(r"<textarea[^>]* readonly[^>]*>([^<]+)</textarea>", _page(browser))
    assert match
    return match[1]


def _page(browser: cast.Browser) -> str:
    return str(browser.get("/settings/calendar").get_data(as_text=True))


def answer_at(app: Flask, address: str, **headers: str) -> Any:
    """What a program without any cookie is answered there."""
    return app.test_client().get(urlsplit(address).path, headers=headers)


def entries_at(app: Flask, address: str) -> list[Seen]:
    """The entries of the calendar, in the order of the file."""
    answer = answer_at(app, address)
    assert answer.status_code == 200
    return [
        Seen(str(event["UID"]), str(event["SUMMARY"]), event.decoded("DTSTART"), str(event["URL"]))
        for event in Calendar.from_ical(answer.data).walk("VEVENT")
    ]


def summaries(app: Flask, person: int) -> list[str]:
    """What stands in the calendar of this person now (their address is made anew)."""
    return [entry.summary for entry in entries_at(app, made_address(app, person))]
