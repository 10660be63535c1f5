"""Plain forms as they arrive, with their limits, and what a form says where an action refuses its input."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import wtforms
from flask import Flask, request
from flask_babel import force_locale
from wtforms import DateField, IntegerField, SelectChoice, SelectField, StringField
from wtforms.validators import Length, NumberRange

from tests.support import people as cast
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import Invalid, NotNow
from webapp.core.web.form_messages import MESSAGES
from webapp.core.web.forms import Form, unstorable


@pytest.mark.parametrize("sent", [b"before%C3%28after", b"before%ED%A0%80after", b"before\xc3(after"])
def test_bytes_that_are_no_text_are_seen_as_broken(app: Flask, sent: bytes) -> None:
    with app.test_request_context(
        "/", method="POST", data=b"title=" + sent, content_type="application/x-www-form-urlencoded"
    ):
        assert unstorable(request.form["title"]) is not None


def test_text_arrives_as_it_was_typed(app: Flask) -> None:
    typed = {"title": "Phở & bún: 100 % + 1 = ngon", "empty": ""}
    with app.test_request_context("/", method="POST", data=typed):
        assert request.form.to_dict() == typed


@pytest.mark.parametrize("body", [b"title=" + b"a" * 1_000_001, b"&".join(b"f%d=1" % n for n in range(700))])
def test_a_form_beyond_its_limits_is_refused_in_a_sentence(app: Flask, body: bytes) -> None:
    answer = app.test_client().post("/sign-in", data=body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert "too large" in answer.get_data(as_text=True)


@pytest.mark.parametrize("path", ["/settings", "/settings/password", "/home/folds"])
def test_a_file_where_text_belongs_is_refused(app: Flask, path: str) -> None:
    with app.app_context(), unit_of_work():
        browser = cast.signed_in(app, cast.intern())
    fields = dict.fromkeys(("full_name", "current_password", "column", "next", "zone"))
    answer = browser.send(path, **{name: (io.BytesIO(b"text"), "a.txt") for name in fields})
    assert answer.status_code == 400
    assert "a file where text belongs" in cast.visible_text(answer)


class NameForm(Form):
    name = StringField("Name")


def refuse(field: str | None) -> None:
    raise Invalid("Taken.", field=field)


class EveryForm(Form):
    days = IntegerField("Days", [NumberRange(1, 365, message="1 to 365.")])
    seats = IntegerField("Seats")
    until = DateField("Until")
    role = SelectField("Role", choices=[SelectChoice("a", "A")])
    note = StringField("Note", [Length(max=3)])


def test_the_librarys_own_messages_are_told_in_the_readers_language_and_one_a_field(app: Flask) -> None:
    known = Path(str(wtforms.__file__)).with_name("locale").joinpath("wtforms.pot").read_text("utf-8")
    assert [text for text in MESSAGES if f'"{text}"' not in known.replace('"\n"', "")] == []
    typed = {"days": "zz", "seats": "zz", "until": "zz", "role": "zz", "note": "abcd"}
    with app.test_request_context("/", method="POST", data=typed), force_locale("vi"):
        form = EveryForm()
        assert not form.validate()
        assert {name: [str(error) for error in form[name].errors] for name in typed} == {
            "days": ["1 to 365."],
            "seats": ["Nhập một số nguyên."],
            "until": ["Nhập một ngày, ví dụ 2026-12-31."],
            "role": ["Chọn một trong các lựa chọn."],
            "note": ["Viết nhiều nhất 3 ký tự."],
        }


@pytest.mark.parametrize("field", ["name", None, "unknown"])
def test_what_an_action_refuses_is_said_at_its_field_or_above_the_form(app: Flask, field: str | None) -> None:
    with app.test_request_context("/", method="POST", data={"name": "Lan"}):
        form = NameForm()
        with form.catch_refusals():
            refuse(field)
        assert list(form.name.errors) == (["Taken."] if field == "name" else [])
        assert form.form_errors == ([] if field == "name" else ["Taken."])
        assert form.name.data == "Lan"


def test_what_no_other_input_would_mend_is_not_caught(app: Flask) -> None:
    with app.test_request_context("/", method="POST", data={"name": "Lan"}):
        form = NameForm()
        with pytest.raises(NotNow), form.catch_refusals():
            raise NotNow("It is over.")
        assert not form.errors
