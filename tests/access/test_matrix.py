"""Every door × every kind of person: let in, sent to sign-in, told no, or told there is nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from werkzeug.routing import Rule

from tests.access.doors import Doors
from tests.access.matrix import MATRIX, PEOPLE, Row

PASSED = {200, 204, 303}
ASKED = {400, 409, 410, 422}
ENDS_A_SESSION = ("accounts.sign_out", "organisations.leave", "accounts.change_password")


def _outcome(answer: Any) -> str:
    if answer.status_code == 303 and answer.headers["Location"].startswith("/sign-in"):
        again = answer.headers["Location"].startswith("/sign-in/again")
        return "confirm again" if again else "sign-in"
    if answer.status_code in (403, 404):
        return str(answer.status_code)
    if answer.status_code in PASSED | ASKED:
        return "ok"
    return f"unforeseen {answer.status_code}"


def _rule(app: Flask, endpoint: str) -> Rule:
    return next(app.url_map.iter_rules(endpoint))


def test_every_door_has_a_row_and_every_row_a_door(app: Flask) -> None:
    doors = {rule.endpoint for rule in app.url_map.iter_rules()}
    assert doors - set(MATRIX) == set(), "a route without a row in tests/access/matrix.py"
    assert set(MATRIX) - doors == set(), "a row without a route"


def test_the_matrix_names_only_people_who_exist() -> None:
    for endpoint, row in MATRIX.items():
        assert set(f"{row.ok} {row.no}".split()) <= set(PEOPLE), endpoint


@pytest.mark.abuse(1)
@pytest.mark.abuse(4)
@pytest.mark.abuse(7)
@pytest.mark.parametrize("slice_name", sorted({endpoint.split(".")[0] for endpoint in MATRIX}))
def test_each_kind_of_person_meets_at_each_door_what_the_matrix_says(doors: Doors, slice_name: str) -> None:
    wrong = []
    # Doors that only show come first: they must leave the world as it is.
    for rule in sorted(doors.app.url_map.iter_rules(), key=_posts):
        if rule.endpoint.split(".")[0] == slice_name:
            wrong += _try(doors, rule, MATRIX[rule.endpoint])
    assert not wrong, "\n".join(wrong)


def _posts(rule: Rule) -> bool:
    return "POST" in (rule.methods or set())


def _try(doors: Doors, rule: Rule, row: Row) -> list[str]:
    """One door: who is refused comes first, on the untouched world. Returns what was not as it should be."""
    wrong = []
    for person in sorted(PEOPLE, key=lambda one: row.expected(one) == "ok"):
        browser, path = doors.as_(person), doors.path(rule, row, person)
        # A form that carries nothing but what every form carries: whoever may do it is asked for the rest.
        answer = browser.send(path, version="1") if _posts(rule) else browser.get(path)
        answer.close()
        if not (row.public and answer.status_code < 400) and _outcome(answer) != row.expected(person):
            wrong.append(
                f"{rule.endpoint}: {person} met {_outcome(answer)} ({answer.status_code}), "
                f"not {row.expected(person)}"
            )
        if not _posts(rule):
            continue
        changed = doors.changed()
        if changed and (answer.status_code >= 400 or row.expected(person) != "ok"):
            wrong.append(
                f"{rule.endpoint}: {person} was answered {answer.status_code}, but {changed} changed"
            )
        if changed or rule.endpoint in ENDS_A_SESSION:
            doors.renew()
    if not _posts(rule) and doors.changed():
        wrong.append(f"{rule.endpoint}: looking changed {doors.changed()}")
    return wrong
