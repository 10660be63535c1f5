"""Each role's home: what waits for this person, what they watch, and nothing of anybody else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support.lists import counted
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import deadlines, history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.core.lifecycle.history import SYSTEM
from webapp.fundings.actions import transfers as funding_transfers
from webapp.ledger.jobs import watch_books
from webapp.payouts.models import Payout
from webapp.tasks.models import Task


def home(app: Flask, who: int) -> str:
    return cast.visible_text(cast.signed_in(app, who).get("/home"))


def titled(title: str, **values: Any) -> object:
    return cast.posting(title=title, **values)


def test_an_intern_finds_what_waits_oldest_deadline_first_and_when_the_money_comes(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        lan = cast.intern()
        today = datetime.now(UTC).date()
        cast.internship(of=cast.posting(title="Later work", ends_on=today + timedelta(days=40)), who=lan)
        cast.internship(of=cast.posting(title="Sooner work", ends_on=today + timedelta(days=9)), who=lan)
        cast.internship("submitted", of=cast.posting(title="Work under review"), who=lan)
        cast.application(cast.posting(title="Applied work"), lan)
        cast.internship(of=cast.posting(title="Somebody else's work"))
        cast.application(cast.posting(title="Somebody else's application"), cast.intern("Other"))
        lan_id = lan.id
    text = home(app, lan_id)
    assert text.index("Sooner work") < text.index("Later work")
    assert text.count("Hand in the work") == 2
    assert "Work under review" in text
    assert "Paid by" in text
    assert "If everything is accepted. An earlier review brings it forward." in text
    assert "Applied work" in text
    assert "You get an answer by" in text
    assert "Somebody else" not in text


def test_sums_of_two_currencies_stand_beside_each_other_and_are_never_added(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        lan = cast.intern()
        cast.internship(of=cast.posting(base=30_000), who=lan)
        cast.internship(of=cast.posting(base=20_000), who=lan)
        cast.internship(
            of=cast.posting(currency="VND", base=2_000_000, guaranteed=500_000, bonus_pot=0), who=lan
        )
        lan_id = lan.id
    page = cast.signed_in(app, lan_id).get("/home").get_data(as_text=True)
    figures = page[page.index('class="figures"') : page.index("</dl>")]
    assert 'data-money="50000" data-currency="USD"' in figures
    assert 'data-money="2000000" data-currency="VND"' in figures
    assert figures.count("data-money") == 2


def test_somebody_without_anything_is_told_where_to_begin_and_somebody_done_is_told_so(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        new, done = cast.intern("New"), cast.intern("Done")
        cast.internship("submitted", who=done)
        owner = cast.member(cast.organisation(), "owner")
        nobody = cast.person("Nobody")
        cast.join(cast.programme(), done, "mentor")
        ids = new.id, owner.id, nobody.id, done.id
    assert "Find your first piece of work" in home(app, ids[0])
    assert "Write your first posting" in home(app, ids[1])
    assert "You have no role yet" in home(app, ids[2])
    # Not new: the work is being reviewed, but they have not said where the pay should go.
    assert "Find your first piece of work" not in home(app, ids[3])
    assert "1 task is waiting for you" in home(app, ids[3])


def test_ten_internships_cost_no_more_than_forty_questions_to_the_database(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        lan = cast.intern()
        for number in range(10):
            state = ("in_progress", "submitted", "matched")[number % 3]
            cast.internship(state, of=cast.posting(title=f"Work {number}"), who=lan)
        for _number in range(5):
            cast.application(cast.posting(), lan)
        lan_id = lan.id
    browser = cast.signed_in(app, lan_id)
    browser.get("/home")
    with counted(app) as statements:
        answer = browser.get("/home")
    assert all(f"Work {number}" in cast.visible_text(answer) for number in range(10))
    assert len(statements) <= 40, "\n".join(statements)


def _owner_of(app: Flask, employers: int) -> int:
    """Somebody who leads so many employers, each with a draft, an open posting with an applicant, and running work."""
    with app.app_context(), unit_of_work():
        owner = cast.person("Owner")
        for number in range(employers):
            employer = cast.organisation(name=f"Employer {number}")
            cast.join(employer, owner, "owner")
            cast.posting(employer, title=f"Draft {number}", state="draft")
            cast.application(cast.posting(employer), cast.intern())
            cast.internship(of=cast.posting(employer, title=f"Work {number}"))
        return owner.id


@pytest.mark.parametrize("page", ["/home", "/settings/leaving"])
def test_an_owner_of_four_employers_costs_no_more_questions_than_an_owner_of_one(
    app: Flask, page: str
) -> None:
    costs = []
    for employers in (1, 4):
        browser = cast.signed_in(app, _owner_of(app, employers))
        browser.get(page)
        with counted(app) as statements:
            text = cast.visible_text(browser.get(page))
        assert all(f"Employer {number}" in text for number in range(employers))
        costs.append(statements)
    assert len(costs[0]) == len(costs[1]), "\n".join(costs[1])


def test_an_employer_finds_what_to_decide_the_running_work_and_nothing_of_others(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        mine, other = cast.organisation(), cast.organisation()
        owner = cast.member(mine, "owner")
        cast.application(cast.posting(mine, title="Wanted work"), cast.intern("A"))
        cast.posting(mine, title="Unfinished words", state="draft")
        cast.internship("in_progress", of=cast.posting(mine, title="Running work one"))
        cast.internship("matched", of=cast.posting(mine, title="To be signed"), signed=False)
        stuck = cast.internship("in_progress", of=cast.posting(mine, title="Stuck work"))
        task = Task(
            internship_id=stuck.id,
            title="Ask the port",
            rank=1,
            state="blocked",
            blocked_on_id=owner.id,
            blocked_why="Which port?",
            answer_by=datetime.now(UTC) + timedelta(days=2),
            created_at=datetime.now(UTC),
        )
        lifecycle.begin(task, actor=SYSTEM)
        for title in ("Foreign draft",):
            cast.posting(other, title=title, state="draft")
        cast.internship("in_progress", of=cast.posting(other, title="Foreign running"))
        cast.application(cast.posting(other, title="Foreign wanted"), cast.intern("B"))
        owner_id = owner.id
    text = home(app, owner_id)
    for words in (
        "1 applicant is waiting for your answer.",
        "Read the applications",
        "Finish the draft",
        "Unfinished words",
        "Running work one",
        "Read and accept",
        "Which port?",
        "Open the task",
    ):
        assert words in text
    assert "Foreign" not in text


def test_a_reviewer_is_not_offered_what_only_owners_may_do(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        employer = cast.organisation()
        reviewer = cast.member(employer, "reviewer")
        cast.posting(employer, title="Unfinished words", state="draft")
        cast.internship("matched", of=cast.posting(employer, title="To be signed"), signed=False)
        reviewer_id = reviewer.id
    text = home(app, reviewer_id)
    assert "Finish the draft" not in text
    assert "Read and accept" not in text
    assert "To be signed" in text


def test_the_manager_sees_counts_what_waits_for_approval_late_sums_and_the_quiet(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        programme, other = cast.programme(), cast.programme()
        manager = cast.member(programme, "manager")
        cast.posting(None, programme, title="Please read", state="in_approval", proposed_at=datetime.now(UTC))
        cast.posting(None, other, title="Not yours", state="in_approval", proposed_at=datetime.now(UTC))
        heard = cast.internship(of=cast.posting(None, programme, title="Lively work"))
        due = cast.internship("reviewed", of=cast.posting(None, programme, title="Late pay"), award=20_000)
        lifecycle.begin(
            Payout(
                internship_id=due.id,
                payee_id=due.intern_id,
                type="base",
                currency="USD",
                amount=20_000,
                due_at=datetime.now(UTC),
                escalation=1,
            ),
            actor=SYSTEM,
        )
        manager_id, heard_id = manager.id, heard.id
    text = home(app, manager_id)
    assert "Please read" in text
    assert "Not yours" not in text
    assert "A payment is late." in text
    assert "Every running internship has had recent activity." in text
    with app.app_context(), unit_of_work():
        assert history.of_root("internship", heard_id)
        from webapp.core.database import clock

        clock.shift(timedelta(days=8))
    text = home(app, manager_id)
    assert "Lively work" in text[text.index("Quiet for a week") :]


def test_finance_counts_the_queue_and_the_mentor_watches_the_work(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        programme = cast.programme()
        finance, mentor = cast.member(programme, "finance"), cast.member(programme, "mentor")
        done = cast.internship("reviewed", of=cast.posting(None, programme, title="Paid work"), award=20_000)
        lifecycle.begin(
            Payout(
                internship_id=done.id,
                payee_id=done.intern_id,
                type="base",
                currency="USD",
                amount=20_000,
                due_at=datetime.now(UTC),
            ),
            actor=SYSTEM,
        )
        cast.internship(of=cast.posting(title="Another programme's work"))
        ids = finance.id, mentor.id
    text = home(app, ids[0])
    assert "A first finance person approves the payment." in text
    assert "Open the payment" in text
    assert "Due 1 $200.00" in text
    text = home(app, ids[1])
    assert "Paid work" in text
    assert "Last activity" in text
    assert "Another programme's work" not in text


def test_money_waits_only_for_the_finance_people_who_may_record_it(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        own, managed = cast.programme(), cast.programme()
        finance = cast.member(own, "finance")
        cast.join(managed, finance, "manager")
        employer = cast.organisation(name="Her own employer")
        cast.join(employer, finance, "reviewer")
        for title, of in (("Hers", (None, own)), ("Not hers", (None, managed)), ("Of hers", (employer, own))):
            seat = cast.internship("matched", of=cast.posting(*of, title=title))
            funding = funding_transfers.request(seat, actor=SYSTEM)
            lifecycle.advance(funding, "begin", actor=SYSTEM, fields={"begun_at": datetime.now(UTC)})
        finance_id = finance.id
    browser = cast.signed_in(app, finance_id)
    assert browser.send("/home/role", role="finance").status_code == 303
    text = cast.visible_text(browser.get("/home"))
    assert text.count("Record it when it has arrived.") == 1


def test_the_operator_sees_that_all_is_right_and_then_what_is_not(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        operator = cast.person("Op", operator=True)
        cast.internship()
        operator_id = operator.id
    assert "The books haven't been checked yet." in home(app, operator_id)
    with app.app_context(), unit_of_work():
        watch_books()
    assert "The books balance, every job is done, and no deadline was missed." in home(app, operator_id)
    with app.app_context(), unit_of_work():
        long_ago = datetime.now(UTC) - timedelta(hours=1)
        db.session.execute(
            db.update(deadlines.Deadline)
            .where(deadlines.Deadline.state == "armed")
            .values(due_at=long_ago, next_at=long_ago)
        )
        db.session.execute(
            db.text(
                "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('q', 'send_mail', 'failed')"
            )
        )
    text = home(app, operator_id)
    assert "send_mail" in text
    assert "internship.end_early" in text
