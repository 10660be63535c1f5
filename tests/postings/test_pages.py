"""What people see of postings: drafts for their employer only, open ones for everybody."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from flask import Flask

from tests.postings.conftest import Work, World
from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.organisations.models import Organisation
from webapp.postings.actions import moves as posting_moves
from webapp.postings.models import Posting
from webapp.skills.models import Skill

SECTIONS = ("brief", "deliverables", "rubric", "skills", "pay", "dates", "place", "ai-policy", "questions")


def publish(work: Work, world: World) -> None:
    with work():
        posting = db.session.get_one(Posting, world.posting)
        posting_moves.publish(posting, actor=db.session.get_one(Person, world.owner), version=posting.version)


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


def test_every_section_is_a_page(app: Flask, world: World) -> None:
    owner = cast.signed_in(app, world.owner)
    for section in SECTIONS:
        page = owner.get(f"/postings/{world.posting}/draft/{section}")
        assert page.status_code == 200, section
        assert 'name="version"' in page.get_data(as_text=True)
    assert owner.get(f"/postings/{world.posting}/draft/nonsense").status_code == 404


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


def results(app: Flask, query: str = "", **headers: str) -> list[str]:
    """The titles that a search finds, in their order."""
    answer = app.test_client().get(f"/postings?{query}", headers=headers)
    assert answer.status_code == 200
    page = BeautifulSoup(answer.get_data(as_text=True), "html.parser")
    return [heading.get_text() for heading in page.select("article h2")]


def test_the_list_is_filtered_by_its_address(app: Flask, world: World, work: Work) -> None:
    with work():
        employer, programme = (
            db.session.get_one(Organisation, world.employer),
            db.session.get_one(Organisation, world.programme),
        )
        briefs: dict[str, dict[str, Any]] = {
            "Giá phở ở Đà Nẵng": {"hours": 10, "base": 30_000, "place_kind": "on_site", "place": "Đà Nẵng"},
            "Khảo sát": {"currency": "VND", "base": 3_000_000, "guaranteed": 0, "bonus_pot": 0, "hours": 40},
            "Logo": {"hours": 5, "base": 10_000},
        }
        for title, values in briefs.items():
            posting = cast.posting(employer, programme, title=title, brief="Một việc ngắn.", **values)
            posting.skills = [db.session.get_one(Skill, world.skills[5])] if title == "Logo" else []
        cast.posting(employer, programme, state="draft", title="Secret")
    assert results(app) == ["Logo", "Khảo sát", "Giá phở ở Đà Nẵng"]
    assert results(app, "q=gia+pho+da+nang") == ["Giá phở ở Đà Nẵng"]
    assert results(app, "q=PH%E1%BB%9E") == ["Giá phở ở Đà Nẵng"]
    assert results(app, "skill=skill-5") == ["Logo"]
    assert results(app, "hours=10") == ["Logo", "Giá phở ở Đà Nẵng"]
    assert results(app, "currency=USD&pay=20.01") == ["Giá phở ở Đà Nẵng"]
    assert results(app, "currency=USD&pay=20.00") == ["Logo", "Giá phở ở Đà Nẵng"]
    assert results(app, "currency=VND") == ["Khảo sát"]
    assert results(app, "place=on_site") == ["Giá phở ở Đà Nẵng"]


def test_the_two_empty_lists_say_different_things(app: Flask, world: World, work: Work) -> None:
    assert "No open postings yet" in cast.visible_text(app.test_client().get("/postings"))
    publish(work, world)
    nothing = cast.visible_text(app.test_client().get("/postings?q=zzzz"))
    assert "No posting matches" in nothing
    assert "0 postings" in nothing


def test_strange_filters_are_answered_and_never_break_the_list(app: Flask, world: World, work: Work) -> None:
    publish(work, world)
    for query in (
        "q=%00", "q=%FF%FE", "q=%22", "q=a+%26+%7C+!(", "hours=abc", "hours=1e308", "hours=-1", "pay=NaN", "pay=5",
        "pay=99999999999999999999&currency=USD", "currency=%00", "skill=%27%3B--", "place=moon", "after=x",
        "after=999999999999999", "after=99999999999999999999999", "q=" + "a" * 3000,
    ):  # fmt: skip
        answer = app.test_client().get(f"/postings?{query}")
        assert answer.status_code in (200, 400, 404), query
    wrong = cast.visible_text(app.test_client().get("/postings?hours=abc"))
    assert "There is a problem" in wrong
    for query in ("level_0=9&level_1=0&level_2=0", "level_0=%00", "bonus=NaN", "bonus=1e308", "bonus=-1"):
        assert app.test_client().get(f"/postings/{world.posting}/rehearsal?{query}").status_code == 422


def test_a_long_list_has_pages_without_gaps_or_doubles(app: Flask, world: World, work: Work) -> None:
    with work():
        employer, programme = (
            db.session.get_one(Organisation, world.employer),
            db.session.get_one(Organisation, world.programme),
        )
        for number in range(45):
            cast.posting(employer, programme, title=f"Number {number}")
    client, address, titles = app.test_client(), "/postings?q=number", []
    while address:
        page = BeautifulSoup(client.get(address).get_data(as_text=True), "html.parser")
        titles += [heading.get_text() for heading in page.select("article h2")]
        assert "45 postings" in page.get_text()
        further = page.select_one('a[rel="next"]')
        address = str(further["href"]) if further else ""
    assert titles == [f"Number {number}" for number in reversed(range(45))]


def test_a_filter_brings_only_the_list_and_its_count(app: Flask, world: World, work: Work) -> None:
    publish(work, world)
    headers = {"HX-Request": "true", "HX-Request-Type": "partial", "HX-Target": "div#results"}
    text = app.test_client().get("/postings?q=prices", headers=headers).get_data(as_text=True)
    assert "<form" not in text
    assert 'hx-target="#count"' in text
    assert "1 posting" in text


def test_the_apply_button_is_for_interns_who_are_not_of_the_employer(
    app: Flask, world: World, work: Work
) -> None:
    publish(work, world)
    page = f"/postings/{world.posting}"
    apply = f'action="/postings/{world.posting}/application"'
    assert apply in cast.signed_in(app, world.intern).get(page).get_data(as_text=True)
    with work():
        cast.join(
            db.session.get_one(Organisation, world.employer),
            db.session.get_one(Person, world.intern),
            "reviewer",
        )
    for person in (world.intern, world.owner, world.manager, world.stranger):
        assert apply not in cast.signed_in(app, person).get(page).get_data(as_text=True)
    assert "Sign in to apply" in cast.visible_text(app.test_client().get(page))


def test_members_see_the_controls_and_the_history_and_others_do_not(
    app: Flask, world: World, work: Work
) -> None:
    publish(work, world)
    page = f"/postings/{world.posting}"
    owner = cast.visible_text(cast.signed_in(app, world.owner).get(page))
    assert "Linh Trần published the posting." in owner
    assert "Close to new applications" in owner
    reviewer = cast.visible_text(cast.signed_in(app, world.reviewer).get(page))
    assert "Linh Trần published the posting." in reviewer
    assert "Close to new applications" not in reviewer
    assert "Linh Trần" not in cast.visible_text(app.test_client().get(page))


def test_the_employers_list_is_for_its_people(app: Flask, world: World) -> None:
    page = f"/organisations/{world.employer}/postings"
    for person, status in (
        (world.owner, 200),
        (world.reviewer, 200),
        (world.stranger, 404),
        (world.manager, 404),
    ):
        assert cast.signed_in(app, person).get(page).status_code == status
    assert cast.signed_in(app, world.reviewer).get(f"{page}/new").status_code == 403
    assert "New posting" not in cast.visible_text(cast.signed_in(app, world.reviewer).get(page))
