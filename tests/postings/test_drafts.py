"""Writing a draft: begun by its owner, section by section, with rows by plain buttons."""

from __future__ import annotations

import re

import pytest

from tests.postings.conftest import Read, World, day
from tests.postings.sections import GOOD, address, version
from tests.support import people as cast
from tests.support.signed_in import Browser


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


def test_the_pay_page_shows_the_pay_per_hour_against_the_floor(owner: Browser, world: World) -> None:
    page = address(world, "pay")
    assert "That is $15.00 per hour; the programme's floor is $5.00." in cast.visible_text(
        owner.get(page)
    ).replace("&#39;", "'")
    owner.send(page, version="1", currency="USD", hours="20", base="99.99", guaranteed="0", bonus_pot="")
    assert "below the programme" in cast.visible_text(owner.get(page))
    task_list = cast.visible_text(owner.get(f"/postings/{world.posting}/draft"))
    assert "Ask for approval" in task_list
