"""A draft saves itself, and nothing that was typed is lost."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import update

from tests.postings.conftest import Read, Work, World
from tests.postings.sections import GOOD, address
from tests.support import people as cast
from tests.support.signed_in import Browser
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import NotNow, Stale
from webapp.core.security.sessions import WebSession
from webapp.postings.actions import drafts as posting_drafts
from webapp.postings.models import Posting


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


@pytest.mark.abuse(9)
def test_two_editors_do_not_overwrite_each_other(owner: Browser, world: World, read: Read) -> None:
    assert owner.send(address(world, "brief"), version="1", title="First", brief="x").status_code == 303
    assert owner.send(address(world, "brief"), version="1", title="Second", brief="x").status_code == 409
    assert read(world.posting)["title"] == "First"


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


def test_of_a_posting_that_is_no_draft_any_more_an_old_page_hears_first_that_it_has_changed(
    app: Flask, world: World
) -> None:
    with app.app_context(), unit_of_work():
        db.session.execute(
            update(Posting).where(Posting.id == world.posting).values(state="in_approval", version=2)
        )
    for version, refusal in ((1, Stale), (2, NotNow)):
        with app.test_request_context(), pytest.raises(refusal), unit_of_work():
            posting = db.session.get_one(Posting, world.posting)
            owner = db.session.get_one(Person, posting.created_by_id)
            posting_drafts.edit(posting, actor=owner, version=version, values={"title": "Another"})
