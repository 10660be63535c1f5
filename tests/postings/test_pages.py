"""What people see of postings: drafts for their employer only, open ones for everybody."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from tests.ground import cast
from tests.postings.conftest import Work, World
from webapp.core.db import db
from webapp.postings import actions
from webapp.postings.models import Posting

SECTIONS = ("brief", "deliverables", "rubric", "skills", "pay", "dates", "place", "ai-policy", "questions")


def publish(work: Work, world: World) -> None:
    with work():
        posting = db.session.get_one(Posting, world.posting)
        from webapp.accounts.models import Person

        actions.publish(posting, actor=db.session.get_one(Person, world.owner), version=posting.version)


def test_a_draft_is_seen_by_its_employer_and_nobody_else(app: Flask, world: World) -> None:
    page = f"/postings/{world.posting}"
    assert app.test_client().get(page).status_code == 404
    for person, status in (
        (world.owner, 200),
        (world.reviewer, 200),
        (world.manager, 404),
        (world.intern, 404),
    ):
        assert cast.signed_in(app, person).get(page).status_code == status


def test_only_an_owner_may_write_a_draft(app: Flask, world: World) -> None:
    page = f"/postings/{world.posting}/draft"
    for person, status in ((world.owner, 200), (world.reviewer, 403), (world.stranger, 404)):
        assert cast.signed_in(app, person).get(page).status_code == status


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_a_page(app: Flask, world: World, section: str) -> None:
    page = cast.signed_in(app, world.owner).get(f"/postings/{world.posting}/draft/{section}")
    assert page.status_code == 200
    assert 'name="v"' in page.get_data(as_text=True)


def test_everybody_reads_an_open_posting_with_the_price_of_each_criterion(
    app: Flask, world: World, work: Work
) -> None:
    publish(work, world)
    words = cast.visible_text(app.test_client().get(f"/postings/{world.posting}"))
    assert "Survey of street-food prices" in words
    for price in ("$150.00", "$90.00", "$60.00", "$15.00"):
        assert price in words
    assert "2 seats free" in words


def test_everybody_rehearses_what_a_result_pays(app: Flask, world: World, work: Work) -> None:
    publish(work, world)
    page = f"/postings/{world.posting}/rehearsal"
    every_zero = app.test_client().get(f"{page}?level_0=0&level_1=0&level_2=0")
    assert "This result pays $100.00" in cast.visible_text(every_zero)
    mixed = app.test_client().get(f"{page}?level_0=4&level_1=2&level_2=0&bonus=20.00")
    assert "This result pays $250.00" in cast.visible_text(mixed)  # 100 + 200 * (0.5 + 0.15) + 20
    refused = app.test_client().get(f"{page}?level_0=4&level_1=2&level_2=0&bonus=999")
    assert refused.status_code == 422
    assert "The bonus pot holds $50.00" in cast.visible_text(refused)


def test_a_change_in_the_rehearsal_brings_only_the_result(app: Flask, world: World, work: Work) -> None:
    publish(work, world)
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#rehearsal"}
    answer: Any = app.test_client().get(
        f"/postings/{world.posting}/rehearsal?level_0=4&level_1=4&level_2=4", headers=headers
    )
    assert "This result pays $300.00" in cast.visible_text(answer)
    assert "<form" not in answer.get_data(as_text=True)
