"""Somebody with a browser: signs in with the form on the page, and presses buttons as they are on the page."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from urllib.parse import urlencode, urljoin, urlsplit
from uuid import UUID, uuid4

from bs4 import BeautifulSoup, Tag

from tests.benchmarks import load
from tests.support.http import attribute
from tests.support.people import PASSWORD

ORIGIN = f"https://{load.HOST}"
BUTTON = "button[type=submit], button:not([type])"
DOORS = ("/sign-in", "/home", "/")
"""Where a sign-in form may be: the first page with a password field is taken."""


@dataclass(frozen=True)
class Press:
    """A button pressed: where its form goes, with which fields."""

    address: str
    fields: tuple[tuple[str, str], ...]
    card: int = 0


@dataclass
class Shown:
    """A page as a browser holds it, at its address."""

    path: str
    soup: BeautifulSoup

    @property
    def board(self) -> Tag:
        found = self.soup.select_one("[data-stream][data-card]")
        assert found is not None, f"no board on {self.path}"
        return found

    @property
    def stream(self) -> str:
        """Where changes of the board are told."""
        return attribute(self.board, "data-stream")

    @property
    def cards(self) -> list[int]:
        """The numbers of all cards that are shown, in their order."""
        return [int(attribute(card, "id")[5:]) for card in self.soup.select("[id^=card-]") if _numbered(card)]

    def card_address(self, card: int) -> str:
        """Where one card is read by itself; as the page's script makes it of the board's attribute."""
        return attribute(self.board, "data-card").replace("0", str(card), 1)

    def presses(self) -> Iterator[Press]:
        """Of each card that has one, the button that moves it on; one of each column in turn, so that none runs empty."""
        columns: dict[int, list[Press]] = {}
        for card in self.soup.select("[id^=card-]"):
            button = card.select_one(BUTTON) if _numbered(card) else None
            if button is not None:
                press = self.press(button, int(attribute(card, "id")[5:]))
                columns.setdefault(id(card.parent), []).append(press)
        for row in zip_longest(*columns.values()):
            yield from (press for press in row if press is not None)

    def put(self, answer: bytes, card: int) -> Press | None:
        """Draw a card as the answer to its move has it; its button, if it has one."""
        came = BeautifulSoup(answer, "html.parser").find(id=f"card-{card}")
        there = self.soup.find(id=f"card-{card}")
        if not isinstance(came, Tag) or not isinstance(there, Tag):
            return None
        there.replace_with(came)
        button = came.select_one(BUTTON)
        return None if button is None else self.press(button, card)

    def press(self, button: Tag, card: int = 0, typed: Mapping[str, str] | None = None) -> Press:
        """What is sent when this button is pressed; `typed` is what a person has put into fields.

        An operation id is a new one each time, as the page's script makes it for an act.
        """
        form = (
            self.soup.find(id=attribute(button, "form")) if button.get("form") else button.find_parent("form")
        )
        assert isinstance(form, Tag), f"a button without a form on {self.path}: {button}"
        fields = []
        for control in self._controls(form):
            name, value = attribute(control, "name"), attribute(control, "value")
            shown = str(uuid4()) if _is_unique(value) else value
            fields.append((name, (typed or {}).get(name, shown)))
        if name := attribute(button, "name"):
            fields.append((name, attribute(button, "value")))
        address = next(
            found
            for found in (
                attribute(button, "hx-post"),
                attribute(button, "formaction"),
                attribute(form, "hx-post"),
                attribute(form, "action"),
                self.path,
            )
            if found
        )
        return Press(_local(self.path, address), tuple(fields), card)

    def _controls(self, form: Tag) -> list[Tag]:
        """The named fields of a form, also those elsewhere on the page; not its buttons, and no boxes without a tick."""
        named = form.find_all("input")
        if form.get("id"):
            named += self.soup.select(f'input[form="{attribute(form, "id")}"]')
        found = [one for one in named if one.get("name") and attribute(one, "type") not in ("submit", "file")]
        return [
            one
            for one in found
            if attribute(one, "type") not in ("checkbox", "radio") or one.has_attr("checked")
        ]


@dataclass
class Visitor:
    """One person's browser; its cookies are good for all servers of one build."""

    email: str
    cookies: dict[str, str] = field(default_factory=dict)

    @property
    def cookie(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.cookies.items())

    def open(self, port: int, path: str) -> Shown:
        """A page, wherever redirects lead."""
        for _hop in range(5):
            status, location, body = self._ask(port, "GET", path)
            if status not in (301, 302, 303, 307, 308):
                break
            path = _local(path, location)
        if status != 200:
            raise LookupError(f"{self.email}: {path} answered {status}: {body[:500]!r}")
        return Shown(path, BeautifulSoup(body, "html.parser"))

    def sign_in(self, port: int) -> Visitor:
        """By the form with a password field, as it is on the page."""
        shown, secret = self._door(port)
        form = secret.find_parent("form")
        assert form is not None
        button = form.select_one(BUTTON)
        name = form.select_one("input[type=email], input[autocomplete=username], input[name=email]")
        assert button is not None and name is not None, form
        typed = {attribute(name, "name"): self.email, attribute(secret, "name"): PASSWORD}
        press = shown.press(button, typed=typed)
        status, _location, body = self._ask(port, "POST", press.address, urlencode(press.fields))
        if status not in (302, 303):
            raise LookupError(f"{self.email} could not sign in: {status} {body[:2000]!r}")
        return self

    def get(self, path: str, *, htmx: bool = False) -> bytes:
        """The bytes of asking for a page, or of a part of one."""
        return load.get(path, self.cookie, htmx=htmx)

    def post(self, press: Press, page: str) -> bytes:
        """The bytes of a pressed button on that page, as htmx sends them."""
        body = urlencode(press.fields)
        head = (
            f"POST {press.address} HTTP/1.1\r\nHost: {load.HOST}\r\nAccept: text/html\r\n{load.HTMX}"
            f"HX-Current-URL: {ORIGIN}{page}\r\nOrigin: {ORIGIN}\r\nSec-Fetch-Site: same-origin\r\n"
            f"Cookie: {self.cookie}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        )
        return f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()

    def _door(self, port: int) -> tuple[Shown, Tag]:
        for path in DOORS:
            try:
                shown = self.open(port, path)
            except LookupError:
                continue
            secret = shown.soup.select_one("form input[type=password]")
            if secret is not None:
                return shown, secret
        raise LookupError(f"no sign-in form at {', '.join(DOORS)}")

    def _ask(self, port: int, method: str, path: str, body: str | None = None) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=load.PATIENCE)
        headers = {"Host": load.HOST, "Accept": "text/html", "Cookie": self.cookie}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Origin": ORIGIN,
                "Referer": ORIGIN,
            }
        try:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            for line in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = line.partition(";")[0].partition("=")
                self.cookies[name.strip()] = value
            return answer.status, answer.headers.get("Location") or "", answer.read()
        finally:
            connection.close()


def _numbered(card: Tag) -> bool:
    return attribute(card, "id")[5:].isdigit()


def _is_unique(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _local(page: str, address: str) -> str:
    parts = urlsplit(urljoin(ORIGIN + page, address))
    return parts.path + (f"?{parts.query}" if parts.query else "")
