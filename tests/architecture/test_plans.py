"""Among a hundred thousand rows of others, no page and no search reads a whole table."""

from __future__ import annotations

import re
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.architecture.test_statements import PAGES
from tests.support.lists import Lists, many
from tests.support.postgres import TestDatabase

SEARCHES = (
    ("operator", "/people?search=nguyen"),
    ("intern", "/postings?q=subtitles"),
    ("owner", "/organisations/{employer}/pipeline?q=nguyen"),
    ("manager", "/organisations/{programme}/pipeline?q=nguyen&due=week"),
    ("finance", "/finance/board?q=nguyen"),
    ("finance", "/finance/board?due=overdue"),
    ("intern", "/internships/{board}/board?q=nguyen"),
)
WHOLE = {  # what is counted exactly, for the operator alone; and a search over three tables at once
    ("finance", "/finance/board?q=nguyen"): {"payout"},
    ("operator", "/home"): {"person", "organisation"},
    ("operator", "/people"): {"person"},
    ("operator", "/organisations"): {"organisation"},
    ("operator", "/finance"): {"payout", "internship"},
    ("operator", "/finance/board"): {"payout", "internship"},
}


def test_no_page_reads_a_whole_table(app: Flask, worker_database: TestDatabase) -> None:
    lists = Lists(app)
    lists.grow(40)
    big = many.fill(worker_database.superuser_url)
    asked: list[tuple[str, Any]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: Any, *_rest: object) -> None:
        asked.append((statement, parameters))

    found = []
    as_the_app = app.config["SQLALCHEMY_ENGINE_OPTIONS"]["connect_args"]["options"]
    with psycopg.connect(worker_database.app_url, autocommit=True, options=as_the_app) as connection:
        for page in (*PAGES, *SEARCHES):
            asked.clear()
            event.listen(Engine, "before_cursor_execute", note)
            try:
                lists.cost(*page)
            finally:
                event.remove(Engine, "before_cursor_execute", note)
            for statement, parameters in asked:
                if not statement.startswith(("SELECT", "WITH")):
                    continue
                plan = "\n".join(row[0] for row in connection.execute(f"EXPLAIN {statement}", parameters))
                read = set(re.findall(r"Seq Scan on (\w+)", plan)) & big - WHOLE.get(page, set())
                if read:
                    found.append(f"{' '.join(page)} reads all of {read}:\n{statement}\n{plan}\n")
    assert not found, "\n".join(found)
