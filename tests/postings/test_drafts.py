"""Writing a draft: sections that save themselves, rows by plain buttons, and every kind of bad input."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.postings.conftest import Work, World, day
from tests.support import people as cast
from tests.support.people import Browser
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.money.amounts import MAX_AMOUNT
from webapp.core.security.sessions import WebSession
from webapp.postings.forms import tasks as posting_tasks

Read = Callable[[int], dict[str, Any]]
LEVELS = {f"level_{level}_{row}": f"Level {level}" for row in range(3) for level in range(5)}
GOOD: dict[str, dict[str, str]] = {
    "brief": {"title": "Another title", "brief": "What needs doing."},
    "deliverables": {"title_0": "A table", "detail_0": "", "title_1": "A page", "detail_1": "Short"},
    "rubric": {
        "title_0": "Whole",
        "weight_0": "33.33",
        "title_1": "Right",
        "weight_1": "33.33",
        "title_2": "Clear",
        "weight_2": "33.34",
        **LEVELS,
    },
    "pay": {"currency": "USD", "hours": "10", "base": "200.00", "guaranteed": "50", "bonus_pot": "25"},
    "dates": {"seats": "3", "starts_on": day(3), "ends_on": day(20)},
    "place": {"place_kind": "hybrid", "place": "Quận 5"},
    "ai-policy": {"ai_policy": "free", "ai_note": "Any tool."},
    "questions": {"text_0": "Which stalls do you know?"},
}


@pytest.fixture
def owner(app: Flask, world: World) -> Browser:
    return cast.signed_in(app, world.owner)


def address(world: World, section: str) -> str:
    return f"/postings/{world.posting}/draft/{section}"


def version(read: Read, world: World) -> str:
    return str(read(world.posting)["version"])


def test_an_owner_begins_a_posting(owner: Browser, world: World, read: Read) -> None:
    page = owner.get(f"/organisations/{world.employer}/postings/new").get_data(as_text=True)
    assert 'name="currency"' in page
    answer = owner.send(
        f"/organisations/{world.employer}/postings",
        title="Map the wards",
        programme=world.programme,
        currency="VND",
    )
    assert answer.status_code == 303
    draft = read(int(re.findall(r"/postings/(\d+)/draft", answer.location)[0]))
    assert (draft["title"], draft["currency"], draft["state"]) == ("Map the wards", "VND", "draft")
    assert draft["organisation_id"] == world.employer


@pytest.mark.parametrize(
    "bad", [{"currency": "EUR"}, {"currency": "XXX"}, {"programme": "0"}, {"programme": "x"}]
)
def test_a_posting_is_begun_only_with_what_the_programme_offers(
    owner: Browser, world: World, bad: dict[str, str]
) -> None:
    answer = owner.send(
        f"/organisations/{world.employer}/postings",
        **{"title": "Map the wards", "programme": str(world.programme), "currency": "USD", **bad},
    )
    assert answer.status_code == 422
    assert "Map the wards" in answer.get_data(as_text=True)


def test_each_section_stores_what_was_typed_and_leads_back_to_the_list(
    owner: Browser, world: World, read: Read
) -> None:
    for number, (section, fields) in enumerate(GOOD.items(), start=1):
        owner.send(address(world, section), version=str(number), **fields)
    owner.send(
        address(world, "skills"),
        version=str(len(GOOD) + 1),
        skills=[str(world.skills[3]), str(world.skills[4])],
    )
    stored = read(world.posting)
    assert (stored["base"], stored["guaranteed"], stored["bonus_pot"], stored["hours"]) == (
        20_000,
        5_000,
        2_500,
        10,
    )
    assert (stored["seats"], stored["starts_on"].isoformat(), stored["ends_on"].isoformat()) == (
        3,
        day(3),
        day(20),
    )
    assert [weight for _title, weight, _levels in stored["criteria"]] == [3_333, 3_333, 3_334]
    assert stored["criteria"][0][2] == tuple(f"Level {level}" for level in range(5))
    assert stored["deliverables"] == [("A table", ""), ("A page", "Short")]
    assert stored["questions"] == ["Which stalls do you know?"]
    assert stored["skills"] == world.skills[3:5]
    assert (stored["place_kind"], stored["place"], stored["ai_policy"]) == ("hybrid", "Quận 5", "free")


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


def autosave(owner: Browser, page: str, **fields: Any) -> Any:
    data = {"csrf_token": owner.token(), "operation_id": str(uuid4()), **fields}
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "autosave"}
    return owner.client.post(page, data=data, headers=headers)


def test_a_draft_saves_itself_and_keeps_what_is_valid(owner: Browser, world: World, read: Read) -> None:
    page = address(world, "pay")
    answer = autosave(
        owner, page, version="1", currency="USD", hours="abc", base="400", guaranteed="", bonus_pot="7"
    )
    assert (answer.status_code, answer.headers["X-Version"]) == (204, "2")
    stored = read(world.posting)
    assert (stored["hours"], stored["base"], stored["guaranteed"], stored["bonus_pot"]) == (
        20,
        40_000,
        None,
        700,
    )
    again = autosave(owner, page, version=answer.headers["X-Version"], currency="USD", hours="30", base="400")
    assert again.headers["X-Version"] == "3"
    assert read(world.posting)["hours"] == 30


def test_an_amount_of_another_currency_is_not_taken_over(owner: Browser, world: World, read: Read) -> None:
    """While a posting of $300.00 moves to dong, "300.00" can't be read, and 30,000 cents are no 30,000 dong."""
    before = read(world.posting)
    assert (before["currency"], before["base"] > 0, before["bonus_pot"] > 0) == ("USD", True, True)
    typed = {"hours": "20", "base": "300.50", "guaranteed": "100", "bonus_pot": "50.50"}
    answer = autosave(owner, address(world, "pay"), version="1", currency="VND", **typed)
    assert answer.status_code == 204
    stored = read(world.posting)
    assert [stored[name] for name in ("currency", "base", "guaranteed", "bonus_pot")] == [
        "VND",
        None,
        100,
        0,
    ]


def test_a_rubric_on_the_way_to_100_percent_is_kept(owner: Browser, world: World, read: Read) -> None:
    fields = {**GOOD["rubric"], "weight_2": "", "title_2": ""}
    answer = autosave(owner, address(world, "rubric"), version="1", **fields)
    assert answer.status_code == 204
    stored = read(world.posting)["criteria"]
    assert [(title, weight) for title, weight, _levels in stored] == [
        ("Whole", 3_333),
        ("Right", 3_333),
        ("", 0),
    ]


def test_half_an_amount_does_not_break_the_draft(owner: Browser, world: World, read: Read) -> None:
    """While "400" is being typed over "300", the base is below the guaranteed part for a moment."""
    answer = autosave(
        owner,
        address(world, "pay"),
        version="1",
        currency="USD",
        hours="20",
        base="4",
        guaranteed="100",
        bonus_pot="50",
    )
    assert answer.status_code == 204
    stored = read(world.posting)
    assert (stored["base"], stored["guaranteed"]) == (400, None)


def test_without_a_script_a_button_keeps_the_draft(owner: Browser, world: World, read: Read) -> None:
    page = address(world, "rubric")
    answer = owner.send(page, version="1", intent="draft", **{**GOOD["rubric"], "weight_2": "1"})
    assert (answer.status_code, answer.location) == (303, page)
    assert "Draft saved at" in cast.visible_text(owner.get(page))
    assert [weight for _t, weight, _l in read(world.posting)["criteria"]] == [3_333, 3_333, 100]


def test_rows_are_added_moved_and_removed_by_plain_buttons(owner: Browser, world: World, read: Read) -> None:
    page, rows = address(world, "rubric"), GOOD["rubric"]

    def press(do: str, fields: dict[str, str]) -> list[str]:
        assert owner.send(page, version=version(read, world), intent=do, **fields).status_code == 303
        return [title for title, _weight, _levels in read(world.posting)["criteria"]]

    assert press("down-0", rows) == ["Right", "Whole", "Clear"]
    assert press("up-2", rows) == ["Whole", "Clear", "Right"]
    assert press("remove-1", rows) == ["Whole", "Clear"]
    assert press("add", rows) == ["Whole", "Right", "Clear", ""]
    assert read(world.posting)["criteria"][3][2][4].startswith("Excellent")
    text = owner.get(page).get_data(as_text=True)
    assert 'name="title_3"' in text
    assert owner.send(page, version=version(read, world), intent="up-9", **rows).status_code == 400
    assert owner.send(page, version=version(read, world), intent="dance", **rows).status_code == 400


def test_with_htmx_the_new_row_gets_the_focus(owner: Browser, world: World) -> None:
    answer = owner.send(
        address(world, "deliverables"), htmx=True, version="1", intent="add", **GOOD["deliverables"]
    )
    text = answer.get_data(as_text=True)
    assert re.search(r'<input autofocus[^>]*name="title_2"|name="title_2"[^>]*autofocus', text)


def test_there_is_an_end_to_adding_rows(owner: Browser, world: World, read: Read) -> None:
    fields = {f"text_{number}": f"Question {number}?" for number in range(3)}
    answer = owner.send(address(world, "questions"), version="1", intent="add", **fields)
    assert answer.status_code == 422
    assert read(world.posting)["questions"] == []


@pytest.mark.abuse(5)
def test_what_applicants_have_read_cannot_be_changed(owner: Browser, world: World, read: Read) -> None:
    assert owner.send(f"/postings/{world.posting}/publication", version="1").status_code == 303
    before = read(world.posting)
    for section in posting_tasks.SECTIONS:
        assert owner.send(address(world, section), version="2", **GOOD.get(section, {})).status_code == 409
        assert owner.get(address(world, section)).status_code == 409
    assert read(world.posting) == before


@pytest.mark.abuse(9)
def test_two_editors_do_not_overwrite_each_other(owner: Browser, world: World, read: Read) -> None:
    assert owner.send(address(world, "brief"), version="1", title="First", brief="x").status_code == 303
    assert owner.send(address(world, "brief"), version="1", title="Second", brief="x").status_code == 409
    assert read(world.posting)["title"] == "First"


def test_the_pay_page_shows_the_pay_per_hour_against_the_floor(owner: Browser, world: World) -> None:
    page = address(world, "pay")
    assert "That is $15.00 per hour; the programme's floor is $5.00." in cast.visible_text(
        owner.get(page)
    ).replace("&#39;", "'")
    owner.send(page, version="1", currency="USD", hours="20", base="99.99", guaranteed="0", bonus_pot="")
    assert "below the programme" in cast.visible_text(owner.get(page))
    task_list = cast.visible_text(owner.get(f"/postings/{world.posting}/draft"))
    assert "Ask for approval" in task_list


def test_a_button_never_drops_what_it_cannot_store(owner: Browser, world: World, read: Read) -> None:
    answer = owner.send(
        address(world, "pay"), version="1", intent="draft", currency="USD", hours="many", base="400"
    )
    assert answer.status_code == 422
    assert 'value="many"' in answer.get_data(as_text=True)
    assert read(world.posting)["base"] == 30_000


@pytest.mark.point(25)
def test_a_session_that_ended_in_mid_form_keeps_what_was_typed(
    app: Flask, owner: Browser, world: World, work: Work, read: Read
) -> None:
    typed = {**GOOD["rubric"], "title_1": "Typed before the session ended"}
    page = address(world, "rubric")
    with work():
        db.session.execute(db.update(WebSession).values(ended_at=db.func.now()))
    answer = owner.client.post(
        page,
        data={"csrf_token": owner.token(), "operation_id": str(uuid4()), "version": "1", **typed},
        headers={"Referer": f"http://localhost{page}"},
    )
    assert answer.location.endswith("/sign-in")
    with work():
        email = db.session.get_one(Person, world.owner).email
    signed = owner.client.post(
        "/sign-in", data={"csrf_token": owner.token(), "email": email, "password": cast.PASSWORD}
    )
    assert signed.location.endswith(page)
    assert 'value="Typed before the session ended"' in owner.get(page).get_data(as_text=True)
    assert read(world.posting)["version"] == 1
