"""Files on a card, limits of columns and tasks from another board, in a browser: legible, and done with the keys of a form."""

from __future__ import annotations

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.support import teams
from tests.support.application import Served
from tests.support.teams import Team
from tests.tasks.seen import SIZES, Axe, NewPage, look, sign_in
from tests.tasks.test_copying import another
from tests.tasks.test_files import VIETNAMESE, add

LONG = "Bảng-giá-phở-" * 8 + ".txt"


def furnished(team: Team) -> int:
    """A card with files, and another board of the same people; its internship."""
    add(team.who(team.intern), 1, (VIETNAMESE, b"one"), (LONG, b"two"))
    return another(team)


@pytest.mark.point(1)
@pytest.mark.parametrize(("width", "scheme"), SIZES)
def test_a_checker_finds_nothing_on_the_pages_beside_the_board(
    live_server: Served, new_page: NewPage, axe: Axe, width: int, scheme: str
) -> None:
    team = teams.build(live_server.app)
    source = furnished(team)
    page = new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    copying = f"/internships/{team.internship}/tasks/copy"
    sign_in(page, live_server, team, team.intern)
    look(page, live_server, axe, "/tasks/1", f"/internships/{team.internship}/board/limits", copying)
    sign_in(page, live_server, team, team.owner)
    look(page, live_server, axe, "/tasks/1", copying, f"{copying}?from={source}")


def test_files_are_added_fetched_and_removed_on_the_page_of_a_card(
    live_server: Served, page: Page, axe: Axe
) -> None:
    team = teams.build(live_server.app)
    sign_in(page, live_server, team, team.intern)
    page.goto(f"{live_server.url}/tasks/1")
    page.get_by_label("Add files").and_(page.locator("input")).set_input_files(
        FilePayload(name="page.html", mimeType="text/html", buffer=b"<p>Hello</p>")
    )
    page.get_by_role("button", name="Add the files").click()
    expect(page.get_by_text("There is a problem")).to_be_visible()
    assert axe(page) == []
    page.get_by_label("Add files").and_(page.locator("input")).set_input_files(
        FilePayload(name=VIETNAMESE, mimeType="text/plain", buffer="Giá phở".encode())
    )
    page.get_by_role("button", name="Add the files").click()
    expect(page.locator("#live")).to_have_text("The files were added.")
    with page.expect_download() as begun:
        page.get_by_role("link", name=f"Download {VIETNAMESE}").click()
    assert begun.value.suggested_filename == VIETNAMESE
    assert begun.value.path().read_text() == "Giá phở"
    page.get_by_role("button", name=f"Remove {VIETNAMESE}").click()
    expect(page.get_by_text("No files yet.")).to_be_visible()
    assert axe(page) == []


def test_tasks_of_another_board_are_chosen_and_taken_over(live_server: Served, page: Page) -> None:
    team = teams.build(live_server.app)
    furnished(team)
    sign_in(page, live_server, team, team.owner)
    page.goto(f"{live_server.url}/internships/{team.internship}/tasks/copy")
    page.get_by_role("link", name="Map of the landings").click()
    page.get_by_label("Card 1").uncheck()
    page.get_by_role("button", name="Copy the tasks").click()
    expect(page).to_have_url(f"{live_server.url}/internships/{team.internship}/board")
    expect(page.get_by_text("Card 0")).to_be_visible()
    expect(page.get_by_text("Card 1")).not_to_be_visible()
