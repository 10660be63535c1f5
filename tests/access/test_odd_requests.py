"""Addresses, headers and files that nobody sends by accident: each broke something once."""

from __future__ import annotations

import io
import zipfile
from uuid import uuid4

import pytest
from flask import Flask

from tests.access.kept_forms import SETTINGS, kept_forms
from tests.accounts.people import visitor
from tests.support import people as cast
from webapp.core.database.transactions import unit_of_work


@pytest.mark.parametrize("number", ["9" * 19, "9" * 25, "9" * 5_000])
@pytest.mark.parametrize("path", ["/postings/%s", "/postings/%s/rehearsal"])
def test_a_number_that_no_row_can_have_names_no_page(app: Flask, path: str, number: str) -> None:
    assert app.test_client().get(path % number).status_code == 404


def test_a_word_of_the_program_is_no_filter_and_no_wish(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/sign-in?next=/postings%3Fendpoint%3Dx").status_code == 200
    with app.app_context(), unit_of_work():
        employer, programme = cast.organisation(), cast.programme()
        for _number in range(21):
            cast.posting(employer, programme)
    for word in ("endpoint", "_scheme", "_external", "_anchor", "_method"):
        answer = client.get(f"/postings?{word}=javascript")
        assert answer.status_code == 200
        assert "javascript:" not in answer.text


@pytest.mark.parametrize("came_from", ["http://[::1", "http://]", "http://localhost:x/settings"])
def test_a_referer_that_is_no_address_is_ignored(app: Flask, came_from: str) -> None:
    browser = visitor(app)
    typed = {"full_name": "Lan", "csrf_token": browser.token()}
    answer = browser.client.post("/settings", data=typed, headers={"Referer": came_from})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_a_field_whose_name_cannot_be_stored_is_not_kept(app: Flask) -> None:
    browser = visitor(app)
    typed = {"a\x00b": "x", "csrf_token": browser.token()}
    assert browser.client.post("/settings", data=typed, headers=SETTINGS).status_code == 303
    assert kept_forms(app) == 0


@pytest.mark.abuse(24)
def test_an_archive_whose_type_cannot_be_read_is_refused_in_words(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        work = cast.internship("in_progress")
        seat, intern = work.id, work.intern_id
    lan = cast.signed_in(app, intern or 0)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
    raw = bytearray(file.getvalue())
    raw[6] |= 1  # "encrypted", said at the entry and in the directory
    raw[raw.find(b"PK\x01\x02") + 8] |= 1
    sent = {
        "csrf_token": lan.token(),
        "operation_id": str(uuid4()),
        "version": "0",
        "note": "Here it is",
        "links": "",
    }
    answer = lan.client.post(
        f"/internships/{seat}/submission",
        data={**sent, "files": (io.BytesIO(bytes(raw)), "report.odt")},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert "Here it is" in answer.text
