"""Lists that go on: a test reads every page of one list by the links that a reader has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from tests.support.signed_in import Browser


def pages_of(browser: Browser, address: str, part: str = "") -> Iterator[str]:
    """Each page of a list, from `address` on; `part`: the HTML id by which the list's heading begins, where a page has several.

    Raises AssertionError when a page is not shown, or when the list goes on for ever.
    """
    for _page in range(50):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        body = answer.get_data(as_text=True)
        if part:
            body = body.split(f'id="{part}"')[1].split("</section>")[0]
        yield body
        link = re.search(r'href="([^"]+)" rel="next"', body)
        if link is None:
            return
        address = unescape(link[1])
    raise AssertionError(f"{address} goes on for ever")


def every(browser: Browser, address: str, pattern: str, part: str = "") -> list[str]:
    """What `pattern` finds on all pages of a list, in order."""
    return [found for body in pages_of(browser, address, part) for found in re.findall(pattern, body)]
