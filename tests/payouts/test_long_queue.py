"""A queue that is longer than a page is cut, says so with the exact number, and goes on behind its last payment."""

from __future__ import annotations

import re

from flask import Flask

from tests.support import people as cast
from tests.support.lists import Lists


def test_a_long_queue_is_cut_counts_exactly_and_goes_on(app: Flask) -> None:
    lists = Lists(app)
    lists.grow(40)  # three kinds of due payouts, ten of each in each of the two worlds
    browser = cast.signed_in(app, lists.people["finance"])
    page = browser.get("/finance")
    assert "Due (60)" in cast.visible_text(page)
    assert "25 of 60 entries are shown here." in cast.visible_text(page)
    payments, link = _due(page.get_data(as_text=True))
    lengths = [len(payments)]
    while link is not None:
        more, link = _due(browser.get(link.replace("&amp;", "&")).get_data(as_text=True))
        lengths.append(len(more))
        payments += more
    assert lengths == [25, 25, 10]
    assert len(set(payments)) == 60


def _due(body: str) -> tuple[list[str], str | None]:
    """The payments of the section of what is due, and the address of its next page."""
    section = body.split('id="q-due"')[1].split("</section>")[0]
    link = re.search(r'href="([^"]+)" rel="next"', section)
    return re.findall(r"/finance/payouts/(\d+)", section), link[1] if link else None
