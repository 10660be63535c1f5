"""Several rows in one statement: what the unit of work would write, in one way to the database."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import event, func, select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from tests.support import teams
from webapp.accounts.models import Person
from webapp.core.database import one_write
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.core.lifecycle import transitions as lifecycle
from webapp.tasks.models import Check, Task
from webapp.tasks.queries import boards as task_boards


def statements(work: object) -> list[str]:
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        work()  # type: ignore[operator]
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return asked


def test_rows_are_changed_and_added_in_one_statement_and_the_objects_know_it(app: Flask) -> None:
    team = teams.build(app)
    with app.app_context(), unit_of_work():
        first, second = db.session.get_one(Task, 1), db.session.get_one(Task, 2)
        rita = db.session.get_one(Person, team.reviewer)
        check = Check(task_id=first.id, position=1, text="Look twice")
        highest = select(func.max(Task.rank) + 1).correlate(None).scalar_subquery()

        def work() -> None:
            one_write.write(
                [(first, {"title": "Other words", "moved_by": rita}), (second, {"rank": highest})], [check]
            )

        assert len(statements(work)) == 1
        assert (first.title, first.moved_by, first.moved_by_id) == ("Other words", rita, rita.id)
        assert second.rank > first.rank
        assert check.id > 0
    with app.app_context():
        first, second = db.session.get_one(Task, 1), db.session.get_one(Task, 2)
        assert (first.title, first.moved_by_id, [c.text for c in first.checks]) == (
            "Other words",
            team.reviewer,
            ["Look twice"],
        )
        assert second.rank > first.rank


def test_what_waited_to_be_written_is_written_first_and_nothing_twice(app: Flask) -> None:
    teams.build(app)
    with app.app_context(), unit_of_work():
        task = db.session.get_one(Task, 1)
        task.title, task.detail = "First words", "More"
        one_write.write([(task, {"title": "Last words"})])
        assert not db.session.is_modified(task)
    with app.app_context():
        task = db.session.get_one(Task, 1)
        assert (task.title, task.detail) == ("Last words", "More")


def test_a_row_that_is_gone_and_a_value_that_the_table_refuses_write_nothing(app: Flask) -> None:
    teams.build(app)
    with app.app_context():
        task = db.session.get_one(Task, 1)
        check = Check(task_id=task.id, position=1, text="")
        with pytest.raises(IntegrityError), unit_of_work():
            one_write.write([(task, {"title": "Other words"})], [check])
        assert db.session.get_one(Task, 1).title != "Other words"
    with app.app_context():
        lost = Task(id=999_999, title="x")
        with pytest.raises(StaleDataError), unit_of_work():
            one_write.write([(lost, {"title": "y"})])


def test_a_card_and_its_internship_are_found_and_locked_in_one_statement(app: Flask) -> None:
    team = teams.build(app)
    with app.app_context(), unit_of_work():
        intern = db.session.get_one(Person, team.intern)
        task = db.session.get_one(Task, 1)
        task.title = "Not written yet"  # it is written before the row is read again, and lost by nobody
        asked = statements(lambda: task_boards.for_mover(intern, 1))
        assert sum("FOR UPDATE OF internship, task" in one for one in asked) == 1
        assert task.title == "Not written yet"
        assert statements(lambda: lifecycle.lock(task)) == []  # it is locked, and its root before it
        assert task_boards.for_mover(db.session.get_one(Person, team.outsider), 1) is None
        assert task_boards.for_mover(intern, 999_999) is None


def test_a_move_is_one_statement_and_its_history_is_whole(app: Flask) -> None:
    team = teams.build(app)
    with app.app_context(), unit_of_work():
        task = task_boards.for_mover(db.session.get_one(Person, team.intern), 1)
        assert task is not None
        intern = db.session.get_one(Person, team.intern)
        asked = statements(lambda: lifecycle.advance(task, "start", actor=intern))
        assert [one.split()[0] for one in asked if "now()" not in one] == ["WITH"]
        assert (task.state, history.broken_entries([task.root()])) == ("doing", [])
    with app.app_context():
        entries = history.of_subject("task", 1)
        assert [(entry.move, entry.from_state, entry.to_state) for entry in entries][-1] == (
            "start",
            "todo",
            "doing",
        )
