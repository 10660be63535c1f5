"""A form takes only its own fields: whatever else is sent along changes nothing."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from tests.access.doors import NOT_THE_WORK, Doors
from tests.bad_input.forms import Found, fields_of, form_on, found, post, typed_in, walker
from tests.bad_input.test_forms import SLICES
from webapp.core.database.base import db

# Values that no two tellings of the same story share.
FLEETING = ("_at", "hash", "_head", "key", "sha256", "document", "path", "until", "operation_id", "secret")
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.+Z]+")
OURS = {"csrf_token", "operation_id", "version", "intent", "next"}
GUESSES = {"email": "new@example.org", "amount": "1", "date": "2027-01-04"}


def _rows(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table, without what differs from one moment to the next."""
    with app.app_context():
        tables = {}
        for name in db.metadata.tables:
            if name not in NOT_THE_WORK and name not in ("mail", "mail_token"):
                rows = db.session.scalars(text(f'SELECT to_jsonb(t) FROM "{name}" t'))
                tables[name] = sorted(
                    INSTANT.sub("", str(sorted((k, v) for k, v in row.items() if not k.endswith(FLEETING))))
                    for row in rows
                )
        db.session.rollback()
    return tables


def _columns() -> set[str]:
    return {column.name for table in db.metadata.tables.values() for column in table.columns}


def _sent(doors: Doors, form: Found, extra: bool) -> tuple[int, dict[str, list[Any]]]:
    """The form filled in and sent in a new world, with or without a field for every column there is."""
    doors.renew()
    reader = walker(doors, form.person)
    tag = form_on(doors, reader, form)
    assert tag is not None, form
    empty = set(typed_in(reader, tag))
    pairs = [
        (name, value or (GUESSES.get(name, "Words").encode() if name in empty else value))
        for name, value in fields_of(reader, tag)
    ]
    if extra:
        known = {name for name, _value in pairs} | OURS
        known |= {str(one.get("name")) for one in tag.find_all(True) if one.get("name")}
        pairs += [(name, b"paid" if name == "state" else b"1") for name in sorted(_columns() - known)]
    answer = post(reader, tag, pairs)
    answer.close()
    return answer.status_code, _rows(doors.app)


@pytest.mark.abuse(11)
@pytest.mark.parametrize("slice_name", SLICES)
def test_fields_that_are_not_the_forms_own_change_nothing(doors: Doors, slice_name: str) -> None:
    wrong = []
    for form in found(doors, slice_name):
        plain, loaded = _sent(doors, form, extra=False), _sent(doors, form, extra=True)
        if plain[0] != loaded[0]:
            wrong.append(f"{form.endpoint}: answered {plain[0]}, with more fields {loaded[0]}")
        different = [table for table in plain[1] if plain[1][table] != loaded[1][table]]
        if different:
            wrong.append(f"{form.endpoint}: more fields changed {different}")
    assert not wrong, "\n".join(wrong)
