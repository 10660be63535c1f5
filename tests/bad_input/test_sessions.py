"""The session ended in mid-form: what was typed is kept, and is there again after signing in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.access.doors import Doors, checksums
from tests.bad_input.forms import walker
from tests.support import people as cast
from tests.support.http import HTMX, ORIGIN, Walker
from webapp.accounts.models import Person
from webapp.core.database.base import db

TYPED = "I have ridden every ferry.\n\nTwice."


def _email(doors: Doors, person: str) -> str:
    with doors.app.app_context():
        found = db.session.get_one(Person, doors.world.people[person]).email
        db.session.rollback()
    return found


def _lose_the_session(reader: Walker) -> None:
    """The browser forgets its cookie, as it does after a restart or when it is told to."""
    reader.client.delete_cookie("stint")


def _sign_in_again(doors: Doors, reader: Walker, person: str) -> None:
    reader.press("Sign in", email=_email(doors, person), password=cast.PASSWORD)


@pytest.mark.point(25)
@pytest.mark.parametrize("htmx", [False, True], ids=["without scripts", "with htmx"])
def test_a_form_sent_after_the_session_ended_comes_back_filled_after_signing_in(
    doors: Doors, htmx: bool
) -> None:
    reader = walker(doors, "intern")
    reader.htmx = htmx
    page = f"/applications/{doors.world.things['draft_application']['application_id']}/draft"
    reader.open(page)
    _lose_the_session(reader)
    before = checksums(doors.app)
    reader.press("Save and check", pitch=TYPED)
    assert reader.page.path.startswith("/sign-in"), reader.page.path
    assert checksums(doors.app) == before
    _sign_in_again(doors, reader, "intern")
    assert reader.page.path == page
    area = reader.page.main.find("textarea", attrs={"name": "pitch"})
    assert area is not None and area.get_text().split() == TYPED.split()
    reader.press("Save and check")
    reader.sees("I have ridden every ferry.")


@pytest.mark.point(25)
def test_what_was_typed_is_not_shown_to_another_browser(doors: Doors) -> None:
    reader = walker(doors, "intern")
    page = f"/applications/{doors.world.things['draft_application']['application_id']}/draft"
    reader.open(page)
    _lose_the_session(reader)
    reader.press("Save and check", pitch=TYPED)
    elsewhere = doors.as_("intern").__class__(doors.app.test_client())
    assert "every ferry" not in elsewhere.get("/sign-in").get_data(as_text=True)
    doors.people.pop("intern")
    assert "every ferry" not in doors.as_("intern").get(page).get_data(as_text=True)


@pytest.mark.abuse(17)
@pytest.mark.abuse(20)
def test_an_htmx_request_without_a_session_is_sent_to_sign_in_as_a_whole_page(doors: Doors) -> None:
    answer: Any = doors.app.test_client().get("/home", headers=HTMX | {"HX-Current-URL": f"{ORIGIN}/home"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/sign-in"
    for bait in (
        "//evil.example",
        "https:evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/%0aevil",
    ):
        client = doors.app.test_client()
        reader = Walker(doors.app)
        reader.client = client
        answer = client.get("/sign-in", query_string={"next": bait})
        assert answer.status_code == 200
        reader.open(f"/sign-in?next={bait}")
        reader.press("Sign in", email=_email(doors, "stranger"), password=cast.PASSWORD)
        assert reader.page.path == "/home", bait
