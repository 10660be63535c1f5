"""The same people in front of a real browser: what they fill in and press is the same, and every page is checked."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag
from flask import Flask
from playwright.sync_api import Locator, Response
from playwright.sync_api import Page as Tab

from tests.support.http import Walker
from tests.support.screen import Page, attribute, words

# Says once that the answer to what was just pressed is in its place; a new page has never heard of it.
WAIT = """() => {
  window.answered = false;
  document.addEventListener("htmx:finally:request", () => { window.answered = true; }, { once: true });
}"""
ANSWERED = "() => window.answered !== false && document.readyState === 'complete'"
TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
# What the browser refused by the page's policy, told where the fixture listens.
TELL_VIOLATIONS = """addEventListener("securitypolicyviolation", (event) =>
  console.error("Content Security Policy: " + event.violatedDirective + " " + event.blockedURI));"""
OPEN_DETAILS = """form => { for (const one of [...form.querySelectorAll("details")]) one.open = true;
  for (let up = form.closest("details"); up; up = up.parentElement.closest("details")) up.open = true; }"""

Axe = Callable[[Tab], list[str]]


class BrowserWalker(Walker):
    """A person with a tab of Chromium. After every act the page is read anew from the tab."""

    def __init__(self, app: Flask, name: str, tab: Tab, url: str, axe: Axe) -> None:
        super().__init__(app, name, htmx=True)
        self.tab, self.url, self.axe = tab, url, axe
        self.checked: set[tuple[str, int]] = set()
        tab.context.add_init_script(TELL_VIOLATIONS)
        tab.on("dialog", lambda dialog: dialog.accept())

    def open(self, path: str, *, expect: int = 200) -> Page:
        answer = self.tab.goto(urljoin(self.url, path))
        assert answer is not None
        return self._read(answer.status, expect)

    def follow(self, label: str, *, within: str | None = None) -> Page:
        scope = self._scope(within)
        found = self.page.soup.find_all("a", href=True)
        links = [link for link in found if link.find_parent("noscript") is None]  # as the browser has them
        place = next(
            (
                n
                for n, link in enumerate(links)
                if self._is_labelled(link, label) and (scope is self.page.soup or scope in link.parents)
            ),
            None,
        )
        assert place is not None, f"{self.name} finds no link “{label}”: {self._offered(scope)}"
        link = self.tab.locator("a[href]").nth(place)
        if links[place].get("hx-get"):
            self.tab.evaluate(WAIT)
            link.click()
            self._settle()
        else:
            with self.tab.expect_navigation():
                link.click()
        return self._read(200, 200)

    def fetch(self, path: str) -> tuple[int, Any, bytes]:
        answer = self.tab.request.get(urljoin(self.url, path))
        headers = {name.title(): value for name, value in answer.headers.items()}
        return answer.status, headers, answer.body()

    def press(
        self,
        button: str,
        *,
        action: str | None = None,
        within: str | None = None,
        expect: int = 200,
        **values: Any,
    ) -> Page:
        form = self.form(button, action=action, within=within)
        pressed = self._button(form, button, self._scope(within))
        assert pressed is not None
        place = self.page.soup.find_all("form").index(form)
        there = self.tab.locator("form").nth(place)
        there.evaluate(OPEN_DETAILS)
        for key, value in values.items():
            self._fill(form, there, self._name_of(form, key), value)
        if to := attribute(pressed, "formaction"):  # in a card, of the form that all cards share
            at = self.tab.locator(f'button[formaction="{to}"]')
        else:
            at = there.locator("button").nth(form.find_all("button").index(pressed))
        self.tab.evaluate(WAIT)
        with self.tab.expect_response(_is_a_post) as told:
            at.click()
        return self._answered(told.value, form, expect)

    def _answered(self, answer: Response, form: Tag, expect: int) -> Page:
        redirect = answer.headers.get("hx-redirect")
        if redirect:
            led = urlsplit(urljoin(self.url, redirect))
            # A provider's page may lead on to one below it, of the visit that it has just opened.
            self.tab.wait_for_url(
                lambda url: (
                    url.startswith(f"{led.scheme}://{led.netloc}{led.path}")
                    if led.netloc != urlsplit(self.url).netloc
                    else urlsplit(url).path == led.path
                )
            )
        self._settle()
        if form.get("hx-post") and not redirect:
            self.swaps += 1
            focused = self.tab.evaluate("() => document.activeElement.tagName")
            assert focused != "BODY", f"{self.name}: the focus fell to nowhere on {self.tab.url}"
        return self._read(answer.status if answer.status >= 400 else 200, expect)

    def _settle(self) -> None:
        self.tab.wait_for_function(ANSWERED)
        self.tab.evaluate(TWO_FRAMES)

    def _fill(self, form: Tag, there: Locator, name: str, value: Any) -> None:
        """One field, as people fill it."""
        control = next(one for one in self._controls(form) if attribute(one, "name") == name)
        kind = attribute(control, "type").lower()
        field = there.locator(f'[name="{name}"]')
        if kind == "file":
            files = [{"name": n, "mimeType": "application/octet-stream", "buffer": b} for n, b in value]
            field.set_input_files(files)  # type: ignore[arg-type]
        elif control.name == "select":
            field.select_option(str(value))
        elif value is True:
            field.check()
        elif kind in ("radio", "checkbox"):
            for one in value if isinstance(value, list) else [value]:
                there.locator(f'[name="{name}"][value="{one}"]').check()
        else:
            field.fill(str(value))

    def _read(self, status: int, expect: int) -> Page:
        parts = urlsplit(self.tab.url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        soup = BeautifulSoup(self.tab.content(), "html.parser")
        for template in soup.find_all("template"):
            template.decompose()  # nobody sees what is in it, and the browser does not count it either
        self.page = Page(path, status, soup)
        self._expect(expect)
        self._check()
        return self.page

    def _check(self) -> None:
        """An accessibility checker finds nothing, on each kind of page in each of its states."""
        heading = self.page.soup.find("h1")
        place = re.sub(r"[0-9]+|[\w-]{40,}", "n", self.page.path.split("?")[0])
        kind = (f"{place} {words(heading) if isinstance(heading, Tag) else ''}", self.page.status)
        if kind in self.checked:
            return
        self.checked.add(kind)
        found = self.axe(self.tab)
        assert found == [], f"{self.name} at {self.page.path}: {found}"


def _is_a_post(answer: Response) -> bool:
    # The draft that saves itself is another request than the one that was pressed.
    return answer.request.method == "POST" and answer.request.headers.get("hx-target") != "autosave"
