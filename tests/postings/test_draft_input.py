"""Every kind of bad input to a draft is refused in words, and touches nothing."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.postings.conftest import Read, World, day
from tests.postings.sections import GOOD, address
from tests.support import people as cast
from tests.support.signed_in import Browser
from webapp.core.database.base import db
from webapp.core.money.amounts import MAX_AMOUNT
from webapp.postings.forms import tasks as posting_tasks

BAD: list[tuple[str, dict[str, str], str, str]] = [
    ("rubric", {"weight_2": "33.33"}, "weight_2", "The weights add up to 99.99 %"),
    ("rubric", {"weight_0": "-5"}, "weight_0", "Enter a weight above 0"),
    ("rubric", {"weight_0": "NaN"}, "weight_0", "Enter a weight above 0"),
    ("rubric", {"weight_0": "1e2"}, "weight_0", "Enter a weight above 0"),
    ("rubric", {"weight_0": "33.333"}, "weight_0", "Enter a weight above 0"),
    ("rubric", {"weight_0": ""}, "weight_0", "Enter a weight above 0"),
    ("rubric", {"title_1": ""}, "title_1", "Enter some text here"),
    ("pay", {"base": "0"}, "base", "The base fee must be more than 0."),
    ("pay", {"base": "-1"}, "base", "An amount cannot be negative."),
    ("pay", {"base": "NaN"}, "base", "Enter the amount in digits"),
    ("pay", {"base": "1e308"}, "base", "Enter the amount in digits"),
    ("pay", {"base": "1.005"}, "base", "USD doesn't have amounts that small"),
    ("pay", {"base": "9" * 40}, "base", "This amount is too large"),
    ("pay", {"currency": "VND", "base": "1000.5"}, "base", "VND doesn't have amounts that small"),
    ("pay", {"guaranteed": "200.01"}, "guaranteed", "cannot be more than the base fee"),
    ("pay", {"bonus_pot": "-0.01"}, "bonus_pot", "An amount cannot be negative."),
    ("pay", {"currency": "EUR"}, "currency", "doesn't pay in this currency"),
    ("pay", {"hours": "0"}, "hours", "Enter a whole number from 1 to 400."),
    ("pay", {"hours": "4.5"}, "hours", "Enter a whole number from 1 to 400."),
    ("pay", {"hours": "١٢"}, "hours", "Enter a whole number from 1 to 400."),
    ("dates", {"seats": "0"}, "seats", "Enter a whole number from 1 to 50."),
    ("dates", {"seats": "51"}, "seats", "Enter a whole number from 1 to 50."),
    ("dates", {"seats": ""}, "seats", "Enter a whole number from 1 to 50."),
    ("dates", {"ends_on": day(2)}, "ends_on", "The end can't be before the start."),
    ("dates", {"starts_on": day(-1)}, "starts_on", "The first day has already passed."),
    ("dates", {"starts_on": "2026-02-30"}, "starts_on", "Enter a real date"),
    ("dates", {"ends_on": "9999-12-31"}, "ends_on", "more than two years away"),
    ("place", {"place_kind": "moon"}, "place_kind", "Choose one from the list."),
    ("ai-policy", {"ai_policy": "maybe"}, "ai_policy", "Choose one from the list."),
    ("brief", {"title": "x" * 161}, "title", "Enter at most 160 characters."),
    ("skills", {"skills": "0"}, "skills", "Choose from the skills on the list."),
]


@pytest.mark.point(26)
@pytest.mark.abuse(13)
@pytest.mark.parametrize("section", sorted({bad[0] for bad in BAD}))
def test_bad_input_is_answered_at_its_field_and_nothing_changes(
    owner: Browser, world: World, read: Read, section: str
) -> None:
    before = read(world.posting)
    for _section, bad, field, sentence in (case for case in BAD if case[0] == section):
        answer = owner.send(address(world, section), version="1", **{**GOOD.get(section, {}), **bad})
        page = answer.get_data(as_text=True)
        assert answer.status_code == 422, bad
        assert page.index('id="error-summary"') < page.index(f'name="{field}"')
        assert "autofocus" in page.split('id="error-summary"')[1].split(">")[0]
        assert re.search(rf'href="#{field}(-0)?"', page)
        assert "<title>Error:" in page
        assert sentence in cast.visible_text(answer)
        if bad[field] and field not in ("currency", "place_kind", "ai_policy", "skills"):
            assert bad[field] in page
    assert read(world.posting) == before


BROKEN = {
    "a NUL": b"before\x00after",
    "broken UTF-8": b"before\xc3(after",
    "a lone surrogate": b"before\xed\xa0\x80after",
    "a control character": b"before\x07after",
    "a mark that turns the direction": "before\u202eafter".encode(),
}


def urlencoded(fields: dict[str, bytes]) -> bytes:
    return b"&".join(name.encode() + b"=" + quote(value).encode() for name, value in fields.items())


def multipart(fields: dict[str, bytes]) -> bytes:
    lines = (
        b'--edge\r\nContent-Disposition: form-data; name="' + name.encode() + b'"\r\n\r\n' + value + b"\r\n"
        for name, value in fields.items()
    )
    return b"".join(lines) + b"--edge--\r\n"


CELLS = [(section, field) for section, fields in GOOD.items() for field in fields if not field.endswith("_2")]


@pytest.mark.parametrize("kind", BROKEN)
def test_texts_that_cannot_be_stored_are_refused_in_words(
    owner: Browser, world: World, read: Read, kind: str
) -> None:
    before = read(world.posting)
    token = owner.token().encode()
    ways = (
        (urlencoded, "application/x-www-form-urlencoded"),
        (multipart, "multipart/form-data; boundary=edge"),
    )
    for section, field in CELLS:
        good = {name: value.encode() for name, value in GOOD[section].items()}
        fields = {"csrf_token": token, "operation_id": str(uuid4()).encode(), "version": b"1", **good}
        write, content_type = ways[len(field) % 2]
        answer = owner.client.post(
            address(world, section), data=write({**fields, field: BROKEN[kind]}), content_type=content_type
        )
        assert answer.status_code == 422, field
        assert 'id="error-summary"' in answer.get_data(as_text=True)
    assert read(world.posting) == before


def test_markup_in_every_text_is_shown_as_text(owner: Browser, world: World, app: Flask, read: Read) -> None:
    html = '"><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7 * 7 }}'
    for number, section in enumerate(
        ("brief", "deliverables", "rubric", "questions", "place", "ai-policy"), start=1
    ):
        plain = ("weight", "place_kind", "ai_policy")
        fields = {n: v if n.startswith(plain) else html for n, v in GOOD[section].items()}
        assert owner.send(address(world, section), version=str(number), **fields).status_code == 303
    assert read(world.posting)["title"] == html
    pages = [
        f"/postings/{world.posting}",
        f"/postings/{world.posting}/draft",
        f"/postings/{world.posting}/rehearsal",
    ]
    pages += [address(world, section) for section in posting_tasks.SECTIONS]
    pages += [f"/organisations/{world.employer}/postings"]
    for page in pages:
        text = owner.get(page).get_data(as_text=True)
        assert "<script>alert" not in text
        assert "<img" not in text


OWN = {
    "brief": {"title", "brief"},
    "deliverables": {"deliverables"},
    "rubric": {"criteria"},
    "pay": {"currency", "hours", "base", "guaranteed", "bonus_pot"},
    "dates": {"seats", "starts_on", "ends_on"},
    "place": {"place_kind", "place"},
    "ai-policy": {"ai_policy", "ai_note"},
    "questions": {"questions"},
}


@pytest.mark.abuse(11)
def test_further_names_in_a_form_touch_nothing_else(owner: Browser, world: World, read: Read) -> None:
    columns = {column.name for table in db.metadata.tables.values() for column in table.columns}
    token = owner.token()
    for number, (section, good) in enumerate(GOOD.items(), start=1):
        further = dict.fromkeys(columns - set(good), "1")
        fields = {
            **further,
            "csrf_token": token,
            "operation_id": str(uuid4()),
            "version": str(number),
            **good,
        }
        before = read(world.posting)
        assert owner.client.post(address(world, section), data=fields).status_code == 303
        after = read(world.posting)
        assert {name for name in before if before[name] != after[name]} <= OWN[section] | {"version"}


@pytest.mark.abuse(12)
def test_a_field_named_twice_is_refused(owner: Browser, world: World, read: Read) -> None:
    before = read(world.posting)
    token = owner.token()
    for section, good in GOOD.items():
        for name in (*good, "version", "intent", "operation_id", "csrf_token"):
            fields: dict[str, Any] = {
                "csrf_token": token,
                "operation_id": str(uuid4()),
                "version": "1",
                "intent": "save",
                **good,
            }
            fields[name] = [fields[name], fields[name]]
            answer = owner.client.post(address(world, section), data=fields)
            assert answer.status_code == 400, (section, name)
    assert read(world.posting) == before


AMOUNTS = st.one_of(
    st.integers(-10, 10**18).map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.floats().map(repr),
    st.text(max_size=30),
    st.from_regex(r"\A[0-9]{1,4}([.,' ][0-9]{1,3}){0,3}\Z"),
    st.sampled_from(
        ["", "1e308", "-0", "0x10", "٣", "½", "$ 5", "5 USD", "VND 5", "1,00", "(5)", "−5", "999999999999999"]
    ),
)


@pytest.mark.abuse(13)
def test_any_amount_is_refused_or_stored_as_a_whole_number_of_units(
    app: Flask, world: World, read: Read
) -> None:
    owner = cast.signed_in(app, world.owner)
    token = owner.token()
    seen = {"version": 1, "refused": 0, "stored": 0}

    @settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
    @given(
        base=AMOUNTS,
        guaranteed=AMOUNTS,
        bonus_pot=AMOUNTS,
        hours=AMOUNTS,
        currency=st.sampled_from(["USD", "VND"]),
    )
    def fuzz(**fields: str) -> None:
        body = {name: value.encode("utf-8", "replace") for name, value in fields.items()}
        answer = owner.client.post(
            address(world, "pay"),
            data={"csrf_token": token, "operation_id": str(uuid4()), "version": str(seen["version"]), **body},
        )
        assert answer.status_code in (303, 422)
        after = read(world.posting)
        if answer.status_code == 422:
            seen["refused"] += 1
            assert after["version"] == seen["version"]
            return
        seen["stored"] += 1
        seen["version"] += 1
        assert after["version"] == seen["version"]
        for name in ("base", "guaranteed", "bonus_pot"):
            assert after[name] is None or (type(after[name]) is int and 0 <= after[name] <= MAX_AMOUNT)
        assert after["base"] is None or after["base"] > 0
        assert after["hours"] is None or 1 <= after["hours"] <= 400

    fuzz()
    assert seen["refused"] > 0
    assert seen["stored"] > 0


@pytest.mark.abuse(5)
def test_what_applicants_have_read_cannot_be_changed(owner: Browser, world: World, read: Read) -> None:
    assert owner.send(f"/postings/{world.posting}/publication", version="1").status_code == 303
    before = read(world.posting)
    for section in posting_tasks.SECTIONS:
        assert owner.send(address(world, section), version="2", **GOOD.get(section, {})).status_code == 409
        assert owner.get(address(world, section)).status_code == 409
    assert read(world.posting) == before
