"""A headless Chromium without root and without apt: unpacked from npm, else the system's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from webapp.launcher import chromium
from webapp.launcher.install import plain_environment

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--headless=shell",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# WCAG 2.2 AA: what the product promises.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium a worker; each person of a test gets a context of its own."""
    found = chromium.find()
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=str(found.program),
            args=FLAGS,
            env={**plain_environment(), **found.environment},
        )
        yield launched
        launched.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of this test complained of: script errors and what their policy refused."""
    return []


@pytest.fixture
def new_page(browser: Browser, complaints: list[str]) -> Iterator[Callable[..., Page]]:
    """Open a page as a new person: `new_page(**context options)`; a complaint fails the test."""
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        options = {
            "locale": "en-GB",
            "timezone_id": "UTC",
            "viewport": {"width": 1280, "height": 900},
            **options,
        }
        context = browser.new_context(**options)
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()

        def hear(message: ConsoleMessage) -> None:
            if message.type == "error" and "Content Security Policy" in message.text:
                complaints.append(message.text)

        page.on("console", hear)
        page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints, "the pages complained:\n" + "\n".join(complaints)


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page of one person."""
    return new_page()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """`axe(page)`: what an accessibility checker finds on it, one sentence a finding; empty is good."""

    def look(page: Page) -> list[str]:
        # evaluate, not a script tag: the page's own policy refuses foreign scripts, as it should.
        page.evaluate(AXE.read_text())
        result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        return [
            f"{finding['id']}: {finding['help']} at {node['target']}"
            for finding in result["violations"]
            for node in finding["nodes"]
        ]

    return look
