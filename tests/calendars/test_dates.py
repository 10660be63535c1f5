"""What stands in a calendar: one's own dates, in one's own language, and nothing of others."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask_babel import lazy_gettext as _l
from icalendar import Calendar

from tests.calendars.reading import answer_at, entries_at, made_address, summaries
from tests.dashboards.test_today import counted
from tests.support import people as cast
from tests.support import teams
from tests.support.teams import Team
from webapp.accounts.models import Person
from webapp.calendars import files as calendar_files
from webapp.calendars import queries as calendar_queries
from webapp.core import config
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import SYSTEM
from webapp.internships.models import Internship
from webapp.organisations.models import Membership
from webapp.tasks.actions import cards as task_cards
from webapp.tasks.models import Task

WORK = "Survey of street-food prices"


def change(app: Flask, card: int, **values: Any) -> None:
    """Put these values straight into a card."""
    with app.app_context(), unit_of_work():
        db.session.execute(db.update(Task).where(Task.id == card).values(**values))


def today(days: int = 0) -> date:
    return datetime.now(UTC).date() + timedelta(days=days)


def block(app: Flask, card: int, person: int, days: int = 2) -> datetime:
    """The card waits for an answer of this person; returns until when."""
    at = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    change(app, card, state="blocked", blocked_on_id=person, blocked_why="Which one?", answer_by=at)
    return at


def ended(app: Flask, person: int) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(
            db.update(Membership).where(Membership.person_id == person).values(ended_at=datetime.now(UTC))
        )


def test_an_intern_sees_the_days_of_the_tasks_that_are_not_done(app: Flask, team: Team) -> None:
    change(app, 1, due_on=today(3))
    change(app, 2, due_on=today(1), state="done")
    (task,) = [entry for entry in entries_at(app, made_address(app, team.intern)) if "task-" in entry.uid]
    assert task.summary == f"Table of prices ({WORK})"
    assert task.when == today(3)
    assert not isinstance(task.when, datetime)
    with app.app_context():
        assert task.url == f"{config.current().base_url}/tasks/1"
    assert task.uid == "task-1@localhost"
    for person in (team.owner, team.mentor, team.manager, team.outsider):
        assert not [title for title in summaries(app, person) if "Table of prices" in title]


def test_only_the_last_month_and_the_coming_year_are_there(app: Flask, team: Team) -> None:
    address = made_address(app, team.intern)
    for days, there in ((-31, False), (-30, True), (0, True), (366, True), (367, False)):
        change(app, 1, due_on=today(days))
        assert any(entry.uid == "task-1@localhost" for entry in entries_at(app, address)) == there, days


def test_everybody_around_the_work_sees_when_it_is_to_be_handed_in(app: Flask, team: Team) -> None:
    with app.app_context():
        at = db.session.get_one(Internship, team.internship).submit_by
        base = config.current().base_url
    for person in (team.intern, team.owner, team.reviewer, team.mentor, team.manager, team.finance):
        (entry,) = entries_at(app, made_address(app, person))
        assert entry.summary == f"Hand in: {WORK}"
        assert entry.when == at
        assert isinstance(entry.when, datetime)
        assert entry.when.utcoffset() == timedelta(0)
        assert entry.uid == f"hand-in-{team.internship}@localhost"
        assert entry.url == f"{base}/internships/{team.internship}"
    assert summaries(app, team.outsider) == []


def test_before_the_start_and_after_the_end_nothing_is_to_be_handed_in(app: Flask) -> None:
    for state in ("matched", "reviewed"):
        there = teams.build(app, state, seeded=False)
        assert summaries(app, there.intern) == summaries(app, there.owner) == []


def test_until_when_to_review_is_told_only_to_those_who_judge(app: Flask) -> None:
    there = teams.build(app, "submitted")
    with app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, there.internship)
        deadlines.rearm(internship)
        due = deadlines.armed(internship)["approve_by_silence"].due_at
    for person in (there.owner, there.reviewer):
        (entry,) = entries_at(app, made_address(app, person))
        assert entry.summary == f"Review by: {WORK}"
        assert entry.when == due.replace(microsecond=0)
    for person in (there.intern, there.mentor, there.manager, there.finance):
        assert summaries(app, person) == []
    # Nobody judges their own work, also who belongs to both sides.
    with app.app_context(), unit_of_work():
        employer = db.session.get_one(Internship, there.internship).organisation
        cast.join(employer, db.session.get_one(Person, there.intern), "reviewer")
    assert summaries(app, there.intern) == []


def test_a_frozen_internship_promises_no_day_of_review(app: Flask) -> None:
    there = teams.build(app, "submitted", frozen_at=datetime.now(UTC))
    with app.app_context(), unit_of_work():
        deadlines.rearm(db.session.get_one(Internship, there.internship))
    assert summaries(app, there.owner) == []


def test_who_is_waited_for_sees_until_when_an_answer_is_asked_for(app: Flask, team: Team) -> None:
    for person in (team.reviewer, team.mentor):
        at = block(app, 1, person)
        (entry,) = [
            candidate for candidate in entries_at(app, made_address(app, person)) if "answer" in candidate.uid
        ]
        assert entry.summary == "Answer needed: Table of prices"
        assert entry.when == at
        assert entry.uid == "answer-1@localhost"
    assert summaries(app, team.owner) == [f"Hand in: {WORK}"]
    change(app, 1, state="doing", blocked_on_id=None, blocked_why="", answer_by=None)
    assert summaries(app, team.mentor) == [f"Hand in: {WORK}"]


@pytest.mark.abuse(1)
def test_who_leaves_reads_nothing_of_that_work_any_more(app: Flask, team: Team) -> None:
    for person in (team.reviewer, team.mentor):
        block(app, 1, person)
        address = made_address(app, person)
        assert len(entries_at(app, address)) == 2
        ended(app, person)
        assert entries_at(app, address) == []


TITLES = (
    "Hỏi giá phở ở 40 quán, ghi vào một bảng; rồi kể lại điều đã thấy",
    "Ăn, nói; gói \\ mở: học",
    "“Đường” " + "rất dài " * 22,
    "𝕌nusual 🍜 signs",
    "end:vevent",
)


@pytest.mark.parametrize("title", TITLES)
def test_a_title_arrives_as_it_was_typed(app: Flask, team: Team, title: str) -> None:
    change(app, 1, title=title, due_on=today())
    address = made_address(app, team.intern)
    assert f"{title.strip()} ({WORK})".split() == next(
        entry.summary.split() for entry in entries_at(app, address) if entry.uid.startswith("task")
    )
    text = answer_at(app, address).data
    text.decode("utf-8")
    assert text.endswith(b"END:VCALENDAR\r\n")
    lines = text.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines)
    assert not [line for line in lines if b"\n" in line or b"\r" in line]
    for line in lines:
        line.decode("utf-8")  # no character is torn in two, for programs that read line by line


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x0b", "\x85", "\u2028"])
def test_a_line_end_in_a_title_begins_nothing_new(app: Flask, team: Team, end: str) -> None:
    title = f"Before{end}END:VEVENT{end}BEGIN:VEVENT{end}SUMMARY:Pay the attacker"
    change(app, 1, title=title, due_on=today())
    address = made_address(app, team.intern)
    titles = [entry.summary for entry in entries_at(app, address)]
    assert len(titles) == 2
    assert f"Before END:VEVENT BEGIN:VEVENT SUMMARY:Pay the attacker ({WORK})" in titles
    text = answer_at(app, address).data.decode()
    assert sum(line.startswith("BEGIN:VEVENT") for line in text.splitlines()) == 2


def test_the_calendar_says_what_programs_must_know(app: Flask, team: Team) -> None:
    change(app, 1, due_on=today())
    calendar = Calendar.from_ical(answer_at(app, made_address(app, team.intern)).data)
    assert calendar["VERSION"] == "2.0"
    assert "Stint" in str(calendar["PRODID"])
    assert calendar["X-WR-CALNAME"] == "Due dates in Stint"
    assert calendar.decoded("REFRESH-INTERVAL") == timedelta(hours=6)
    assert calendar["REFRESH-INTERVAL"].params["VALUE"] == "DURATION"
    assert "METHOD" not in calendar
    events = list(calendar.walk("VEVENT"))
    assert len(events) == 2
    for event in events:
        assert event["TRANSP"] == "TRANSPARENT"
        assert event.decoded("DTSTAMP") == event.decoded("LAST-MODIFIED")
        assert event.decoded("DTSTAMP").utcoffset() == timedelta(0)
        assert not set(event) & {"DESCRIPTION", "LOCATION", "ATTENDEE", "ORGANIZER"}


def test_an_entry_keeps_its_name_and_tells_when_it_changed(app: Flask, team: Team) -> None:
    change(app, 1, due_on=today())
    address = made_address(app, team.intern)

    def entry() -> Any:
        events = Calendar.from_ical(answer_at(app, address).data).walk("VEVENT")
        return next(event for event in events if str(event["UID"]) == "task-1@localhost")

    before = entry()
    assert before == entry()
    with app.app_context(), unit_of_work():
        db.session.execute(db.text("UPDATE clock_offset SET \"offset\" = interval '2 hours'"))
    with app.app_context(), unit_of_work():
        card, intern = db.session.get_one(Task, 1), db.session.get_one(Person, team.intern)
        task_cards.edit(
            card, actor=intern, version=card.version, title="Reworded", detail="", due_on=today(1)
        )
    assert entry()["SUMMARY"] == f"Reworded ({WORK})"
    assert entry().decoded("LAST-MODIFIED") - before.decoded("LAST-MODIFIED") >= timedelta(hours=1)


def test_the_words_are_in_the_language_of_the_owner_and_not_of_the_program(
    app: Flask, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(calendar_files.WORDS, "hand-in", _l("Settings"))
    address = made_address(app, team.intern)
    for locale, word in (("en", "Settings"), ("vi", "Cài đặt")):
        with app.app_context(), unit_of_work():
            db.session.get_one(Person, team.intern).locale = locale
        for asked in ("en", "vi"):
            text = answer_at(app, address, **{"Accept-Language": asked}).data.decode()
            assert f"SUMMARY:{word}" in text, (locale, asked)


def test_of_too_many_dates_the_nearest_are_there(
    app: Flask, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_queries, "MOST", 3)
    with app.app_context(), unit_of_work():
        internship = db.session.get_one(Internship, team.internship)
        for days in (-20, 200, 2, -1, 300, 5):
            db.session.add(
                Task(
                    internship_id=internship.id,
                    title=f"In {days}",
                    rank=10_000 + days,
                    created_at=datetime.now(UTC),
                    due_on=today(days),
                )
            )
    titles = summaries(app, team.intern)
    assert titles == [f"In {days} ({WORK})" for days in (-1, 2, 5)]


def test_ten_internships_with_fifty_dates_cost_no_more_questions_than_one(app: Flask) -> None:
    def build(lan: Person, employer: Any, number: int) -> None:
        of = cast.posting(employer, programme, title=f"Work {number}")
        internship = cast.internship("in_progress", of=of, who=lan)
        for card in task_cards.seed_board(internship, actor=SYSTEM):
            card.due_on = today(number)

    asked = []
    for many in (1, 10):
        with app.app_context(), unit_of_work():
            lan, employer, programme = cast.intern(), cast.organisation(), cast.programme()
            owner = cast.member(employer, "owner")
            for number in range(many):
                build(lan, employer, number)
                db.session.flush()
            people = (lan.id, owner.id)
        for person in people:
            address = made_address(app, person)
            with counted(app) as statements:
                answer = answer_at(app, address)
            assert answer.data.count(b"BEGIN:VEVENT") == many * (3 if person == people[0] else 1)
            asked.append(len(statements))
    assert asked[:2] == asked[2:]
    assert max(asked) <= 20, asked
