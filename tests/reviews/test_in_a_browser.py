"""Handing in, reviewing and reading the result in a browser: legible, and worked by buttons."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.reviews.deciding import decide, fund, hand_in, score
from tests.support import teams
from tests.support.application import Served
from tests.tasks.seen import SIZES, Axe, NewPage, look, sign_in


@pytest.mark.point(1)
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_checker_finds_nothing_from_the_draft_to_the_result(
    live_server: Served, new_page: NewPage, axe: Axe, width: int, scheme: str
) -> None:
    team = teams.build(live_server.app)
    fund(team)
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    draft = f"/internships/{team.internship}/submission"
    sign_in(page, live_server, team, team.intern)
    look(page, live_server, axe, draft)
    where = hand_in(team)
    look(page, live_server, axe, where, draft)

    reviewer = team.who(team.reviewer)
    sign_in(page, live_server, team, team.reviewer)
    look(page, live_server, axe, f"{where}/review", f"{where}/review/approval")
    score(reviewer, where, level_1=2, comment_1="Ten stalls are missing", cited_1="y", comment="A good start")
    look(
        page,
        live_server,
        axe,
        f"{where}/review",
        f"{where}/review/change-request",
        f"{where}/review/rejection",
    )
    decide(reviewer, where, "change-request")
    sign_in(page, live_server, team, team.intern)
    look(page, live_server, axe, f"{where}/result", draft)

    newer = hand_in(team, version=1, content=b"more")
    score(
        reviewer, newer, level_1=4, level_2=3, level_3=4, bonus="12.50", bonus_reason="Photos of each stall"
    )
    sign_in(page, live_server, team, team.reviewer)
    look(page, live_server, axe, f"{newer}/review/approval", f"{where}/review")
    decide(reviewer, newer, "approval")
    sign_in(page, live_server, team, team.intern)
    look(page, live_server, axe, f"{newer}/result", where)


@pytest.mark.point(2)
def test_the_work_goes_from_file_to_result_by_the_buttons_of_the_pages(
    live_server: Served, page: Page, axe: Axe, tmp_path: Path
) -> None:
    team = teams.build(live_server.app)
    fund(team)
    table = tmp_path / "bảng giá.csv"
    table.write_text("stall,price\n1,30000\n")
    sign_in(page, live_server, team, team.intern)
    page.goto(f"{live_server.url}/internships/{team.internship}/submission")
    page.get_by_label("A note to the reviewer").fill("All forty stalls.")
    page.get_by_label("Files", exact=True).set_input_files(table)
    page.get_by_role("button", name="Add the files").click()
    expect(page.get_by_role("link", name="bảng giá.csv")).to_be_visible()
    expect(page.get_by_label("A note to the reviewer")).to_have_value("All forty stalls.")
    page.get_by_role("button", name="Submit the work").click()
    expect(page.locator("#notices")).to_contain_text("tasks are still open")
    page.get_by_label("Submit even though 2 tasks are open").check()
    page.get_by_role("button", name="Submit the work").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Version 1")
    assert axe(page) == []

    sign_in(page, live_server, team, team.reviewer)
    page.goto(f"{live_server.url}/submissions/1/review")
    for title in ("Complete", "Correct", "Clear"):
        page.get_by_role("group", name=title).get_by_role("radio").nth(4).check()
    expect(page.locator("#score")).to_contain_text("$300.00")
    expect(page.locator("#live")).to_have_text("Score 12 of 12, amount $300.00.")
    assert axe(page) == []
    page.get_by_role("button", name="Approve…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Approve this work?")
    page.get_by_role("button", name="Approve and fix the amount").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Result of version 1")
    assert axe(page) == []

    sign_in(page, live_server, team, team.intern)
    page.goto(f"{live_server.url}/submissions/1/result")
    page.get_by_role("button", name="Accept the result").click()
    expect(page.locator("#live")).to_have_text("You accepted the result. Thank you.")


@pytest.mark.point(10)
def test_a_review_works_without_javascript(live_server: Served, new_page: NewPage) -> None:
    team = teams.build(live_server.app)
    fund(team)
    where = hand_in(team)
    page = new_page(java_script_enabled=False)
    sign_in(page, live_server, team, team.reviewer)
    page.goto(f"{live_server.url}{where}/review")
    for title in ("Complete", "Correct", "Clear"):
        page.get_by_role("group", name=title).get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Save and see the amount").click()
    expect(page.locator("#score")).to_contain_text("$200.00")
    page.get_by_role("button", name="Approve…").click()
    page.get_by_role("button", name="Approve and fix the amount").click()
    expect(page.locator("#main")).to_contain_text("Accepted in part")


@pytest.mark.point(25)
def test_words_typed_into_a_review_save_themselves(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    where = hand_in(team)
    sign_in(page, live_server, team, team.reviewer)
    page.goto(f"{live_server.url}{where}/review")
    page.get_by_role("group", name="Complete").get_by_label("Comment").fill("Ten stalls are missing")
    expect(page.locator("[data-draft-state]")).to_contain_text("Draft saved at")
    page.get_by_role("group", name="Complete").get_by_role("radio").nth(3).check()
    page.get_by_role("button", name="Save and see the amount").click()
    expect(page.locator("#live")).to_have_text("The review is saved.")
    page.reload()
    expect(page.get_by_role("group", name="Complete").get_by_label("Comment")).to_have_value(
        "Ten stalls are missing"
    )
