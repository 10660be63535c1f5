"""Components: real forms, labelled fields, states in words, nothing inline."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient

from tests.components.pages import DeskForm
from webapp.core.web.styleguide import styleguide_context

Write = Callable[..., str]


def parsed(html: str) -> BeautifulSoup:
    return BeautifulSoup(html, "html.parser")


def only(found: Any) -> Tag:
    assert isinstance(found, Tag)
    return found


def test_a_form_is_a_real_post_form_with_token_operation_and_version(write: Write) -> None:
    form = only(
        parsed(
            write(
                "{% call ui.form('/offers/3/acceptance', version=4) %}{{ ui.button('Accept') }}{% endcall %}"
            )
        ).form
    )
    assert (form["method"], form["action"], form["hx-post"]) == (
        "post",
        "/offers/3/acceptance",
        "/offers/3/acceptance",
    )
    values = {str(field["name"]): field["value"] for field in form.find_all("input")}
    assert values.keys() == {"csrf_token", "operation_id", "version"}
    assert values["version"] == "4"
    assert re.fullmatch(r"[0-9a-f-]{36}", str(values["operation_id"]))


def test_two_forms_of_one_page_carry_two_operations(write: Write) -> None:
    page = parsed(write("{{ ui.action('Hold', '/a') }}{{ ui.action('Send', '/b', fields={'to': 'x\"y'}) }}"))
    assert len({str(field["value"]) for field in page.find_all("input", {"name": "operation_id"})}) == 2
    assert only(page.find("input", {"name": "to"}))["value"] == 'x"y'


def test_a_wrong_field_names_its_error_and_its_hint_to_those_who_hear_it(write: Write) -> None:
    form = styleguide_context()["wrong"]
    page = parsed(write("{{ ui.field(form.name, hint='As on your passport') }}", form=form))
    box = only(page.find("input"))
    assert box["aria-invalid"] == "true"
    words = " ".join(
        only(page.find(id=i)).get_text(" ", strip=True) for i in str(box["aria-describedby"]).split()
    )
    assert "As on your passport" in words and "Enter your full name." in words
    assert only(page.find("label"))["for"] == box["id"]


def test_each_line_of_the_error_summary_leads_to_a_control(write: Write) -> None:
    form = styleguide_context()["wrong"]
    page = parsed(
        write("{{ ui.error_summary(form) }}{% for f in form %}{{ ui.field(f) }}{% endfor %}", form=form)
    )
    summary = only(page.find(id="error-summary"))
    assert summary.has_attr("autofocus") and summary["tabindex"] == "-1"
    links = [str(link["href"]).removeprefix("#") for link in summary.find_all("a")]
    assert len(links) == 6
    assert all(only(page.find(id=target)).name in ("input", "textarea", "select") for target in links)


def test_a_refusal_of_the_whole_form_stands_in_the_summary(write: Write) -> None:
    form = styleguide_context()["filled"]
    form.form_errors = ["The posting was closed in the meantime."]
    assert "closed in the meantime" in write("{{ ui.error_summary(form) }}", form=form)


def test_choices_are_a_fieldset_with_a_legend(write: Write) -> None:
    form = styleguide_context()["filled"]
    group = only(
        parsed(write("{{ ui.field(form.place, hints={'remote': 'From anywhere'}) }}", form=form)).fieldset
    )
    assert only(group.legend).get_text(strip=True) == "Where"
    assert [field["value"] for field in group.find_all("input", checked=True)] == ["remote"]


def test_what_people_write_is_never_markup(write: Write) -> None:
    bad = '<img src=x onerror="alert(1)">'
    html = write(
        "{{ ui.head(bad, bad) }}{{ ui.kv([(bad, bad)]) }}{{ ui.notice('info', bad) }}{{ ui.status(bad) }}"
        "{{ ui.timeline([{'when': now, 'who': bad, 'text': bad, 'quote': bad}]) }}{{ ui.action(bad, bad, hint=bad) }}"
        "{{ ui.milestones([{'label': bad, 'state': 'current', 'date': bad, 'who': bad}]) }}{{ ui.avatar(bad) }}"
        "{{ ui.next_step({'mine': false, 'who': bad, 'what': bad, 'until': now, 'otherwise': bad}) }}{{ ui.file_row(bad) }}",
        bad=bad,
        now=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert not parsed(html).find_all("img")


def test_the_milestones_say_in_words_where_it_stands(write: Write) -> None:
    milestones = styleguide_context()["timelines"][1]["milestones"]
    page = parsed(write("{{ ui.milestones(milestones) }}", milestones=milestones))
    items = [item.get_text(" ", strip=True) for item in page.find_all("li")]
    assert len(items) == 6
    assert "Applied , done" in items[0].replace(",", " ,").replace("  ", " ")
    assert "stopped here" in items[3] and "send a new version" in items[3]
    assert "not yet reached" in items[5]
    assert len(page.find_all(True, attrs={"aria-current": "step"})) == 1


@pytest.mark.point(33)
def test_an_instant_is_given_to_machines_in_full_and_to_people_in_their_zone(write: Write) -> None:
    when = datetime(2026, 11, 27, 16, 59, tzinfo=UTC)
    time = only(parsed(write("{{ ui.time(when) }}", when=when)).time)
    assert time["datetime"] == "2026-11-27T16:59:00+00:00"
    assert "23:59" in time.get_text() and "UTC+7" in time.get_text()


@pytest.mark.point(34)
def test_a_sum_is_written_as_the_reader_writes_it(write: Write) -> None:
    english = only(
        parsed(write("{{ ui.money(1500000, 'VND') }}")).find(True, attrs={"data-money": "1500000"})
    )
    vietnamese = only(
        parsed(write("{{ ui.money(1500000, 'VND') }}", lang="vi")).find(True, attrs={"data-money": "1500000"})
    )
    assert english.get_text() == "₫1,500,000"
    assert vietnamese.get_text().replace("\xa0", " ") == "1.500.000 ₫"


@pytest.mark.point(39)
@pytest.mark.parametrize(
    "path", ["/styleguide", "/styleguide?lang=vi", "/broken", "/desk", "/desk?who=nobody"]
)
def test_a_page_has_one_heading_its_landmarks_its_language_and_a_skip_link(
    visitor: FlaskClient, path: str
) -> None:
    page = parsed(visitor.get(path).text)
    assert len(page.find_all("h1")) == 1
    assert only(page.html)["lang"] == ("vi" if "vi" in path else "en")
    assert (
        all(len(page.find_all(name)) == 1 for name in ("main",)) and page.find("footer") and page.find("nav")
    )
    assert only(page.find("a", class_="skip-link"))["href"] == "#main"
    assert only(page.title).get_text().endswith(" · Stint")
    assert only(page.find(id="live"))["role"] == "status"
    doubles = [
        name for name, count in Counter(tag["id"] for tag in page.find_all(id=True)).items() if count > 1
    ]
    assert not doubles


@pytest.mark.point(24)
@pytest.mark.parametrize("path", ["/styleguide", "/broken", "/desk"])
def test_nothing_is_inline(visitor: FlaskClient, path: str) -> None:
    page = parsed(visitor.get(path).text)
    assert not page.find_all(style=True) and not page.find_all("style")
    assert not [script for script in page.find_all("script") if not script.has_attr("src")]
    assert not [name for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")]


@pytest.mark.point(26)
def test_a_refused_form_is_shown_again_with_error_in_the_title_and_what_was_typed(
    visitor: FlaskClient,
) -> None:
    form = only(parsed(visitor.get("/desk").text).find("form", class_="form"))
    data = {str(f["name"]): f["value"] for f in form.find_all("input", type="hidden")}
    answer = visitor.post(
        "/desk", data=data | {"name": "", "note": "ba mươi ký tự thì dài hơn", "place": "office"}
    )
    page = parsed(answer.text)
    assert answer.status_code == 422
    assert only(page.title).get_text() == "Error: Your desk · Stint"
    assert only(page.find("textarea")).get_text(strip=True) == "ba mươi ký tự thì dài hơn"
    assert only(page.find("input", {"name": "place", "checked": True}))["value"] == "office"


def test_a_form_without_errors_has_no_summary(write: Write, visitor: FlaskClient) -> None:
    assert "error-summary" not in write("{{ ui.error_summary(form) }}", form=styleguide_context()["filled"])
    assert DeskForm.__name__ and "error-summary" not in visitor.get("/desk").text


def test_below_the_fold_of_a_table_each_cell_keeps_its_column_name(write: Write) -> None:
    page = parsed(
        write(
            "{% call ui.table('Due', ['Who', ('Sum', 'num')]) %}<tbody><tr><th scope='row'>Mai</th>"
            "<td data-label='Sum'>1</td></tr></tbody>{% endcall %}"
        )
    )
    assert [head.get_text() for head in page.find_all("th", scope="col")] == ["Who", "Sum"]
    assert only(page.find("div", class_="table-box"))["tabindex"] == "0"
