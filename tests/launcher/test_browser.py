"""The browser of the tests: it runs, it complains, and the accessibility checker works under a strict policy."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from werkzeug import Request, Response
from werkzeug.serving import make_server

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'"
PAGE = """<!doctype html><html lang="en"><title>A page</title><main><h1>A page</h1>{}</main></html>"""


@pytest.fixture
def serve() -> Iterator[Callable[[str], str]]:
    """Serve one page under the product's kind of policy; returns its address."""
    stops: list[Callable[[], None]] = []

    def start(body: str) -> str:
        @Request.application
        def answer(request: Request) -> Response:
            headers = {"Content-Security-Policy": POLICY}
            return Response(PAGE.format(body), mimetype="text/html", headers=headers)

        server = make_server("127.0.0.1", 0, answer, threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        stops.extend([server.shutdown, thread.join, server.server_close])
        return f"http://127.0.0.1:{server.port}"

    yield start
    for stop in stops:
        stop()


def test_a_sound_page_has_no_findings_even_under_a_strict_policy(
    page: Page, axe: Callable[[Page], list[str]], serve: Callable[[str], str]
) -> None:
    page.goto(serve("<p>Good day.</p>"))
    expect(page.get_by_role("heading", name="A page")).to_be_visible()
    assert axe(page) == []


def test_a_field_without_a_label_is_found(
    page: Page, axe: Callable[[Page], list[str]], serve: Callable[[str], str]
) -> None:
    page.goto(serve('<input name="amount">'))
    assert [finding.split(":")[0] for finding in axe(page)] == ["label"]


def test_an_inline_script_is_a_complaint(
    new_page: Callable[..., Page], complaints: list[str], serve: Callable[[str], str]
) -> None:
    new_page().goto(serve("<script>document.title = 'changed'</script>"))
    assert any("Content Security Policy" in complaint for complaint in complaints)
    complaints.clear()
