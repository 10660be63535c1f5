"""The whole way in Chromium, as the different people, each with a browser of their own."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page as Tab

from tests.end_to_end.browser import Axe, BrowserWalker
from tests.end_to_end.people import Story
from tests.end_to_end.steps import STEPS, tell
from tests.support.application import Served, Worker
from tests.support.http import Walker

NewPage = Callable[..., Tab]
# What each of them looks at once more, on a small dark screen in Vietnamese.
KEY_PAGES = {
    "a visitor": (
        "/",
        "/postings",
        "/postings/1",
        "/postings/1/rehearsal",
        "/sign-in",
        "/join/intern",
        "/help",
    ),
    "Lan Nguyễn": (
        "/home",
        "/applications",
        "/applications/1",
        "/internships/1",
        "/internships/1/agreement",
        "/internships/1/board",
        "/submissions/2/result",
        "/earnings",
        "/settings",
        "/inbox",
    ),
    "Oanh Owner": ("/home", "/organisations/2", "/organisations/2/postings", "/postings/1/applications"),
    "Ravi Reviewer": ("/home", "/submissions/2"),
    "Fay Finance": ("/home", "/finance", "/finance/payouts/1", "/finance/ledger"),
    "Olu Operator": ("/people", "/organisations"),
}


class BrowserStory(Story):
    """The story told in Chromium."""

    def __init__(self, served: Served, worker: Worker, new_page: NewPage, axe: Axe) -> None:
        self.served, self.new_page, self.axe = served, new_page, axe
        super().__init__(served.app, worker, htmx=True)

    def new_walker(self, name: str) -> Walker:
        return BrowserWalker(self.app, name, self.new_page(), self.served.url, self.axe)


@pytest.mark.point(1)
@pytest.mark.point(2)
@pytest.mark.point(6)
@pytest.mark.point(24)
def test_different_people_walk_the_whole_way_in_a_browser(
    live_server: Served, worker: Worker, new_page: NewPage, axe: Axe
) -> None:
    story = BrowserStory(live_server, worker, new_page, axe)
    tell(story)
    assert sum(walker.swaps for walker in story.people.values()) > len(STEPS)
    for name, paths in KEY_PAGES.items():
        walker = story.people[name]
        assert isinstance(walker, BrowserWalker)
        _small_dark_and_vietnamese(walker, paths)


def _small_dark_and_vietnamese(walker: BrowserWalker, paths: tuple[str, ...]) -> None:
    walker.open(paths[0])
    walker.press("VI", action="/language")
    walker.tab.set_viewport_size({"width": 360, "height": 780})
    walker.tab.emulate_media(color_scheme="dark")
    walker.checked.clear()
    for path in paths:
        walker.open(path)
        assert walker.page.soup.html is not None and walker.page.soup.html["lang"] == "vi"
        wide = walker.tab.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{path} is {wide} px wider than a small screen"
