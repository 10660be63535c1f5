"""Somebody in front of a browser that is not there: follows links, fills forms, presses buttons, all by HTTP.

Without scripts it is a browser without JavaScript: every answer is a page, every redirect is followed by hand.
With htmx it does what htmx 4 does with the shell's attributes: a form that carries `hx-post` is posted with
the headers of htmx, and what comes back is put where the markup says, on the page that is there already.
"""

from __future__ import annotations

import io
from typing import Any
from urllib.parse import urljoin, urlsplit
from uuid import uuid4

from bs4 import BeautifulSoup, Tag
from flask import Flask
from werkzeug.datastructures import MultiDict

from tests.support.screen import Page, attribute, words

ORIGIN = "http://localhost"
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
Values = dict[str, Any]


class Walker:
    """One person with one browser: `walker.open(path)`, `.follow("Link")`, `.press("Button", title="…")`."""

    def __init__(self, app: Flask, name: str = "somebody", *, htmx: bool = False) -> None:
        self.client = app.test_client()
        self.name = name
        self.htmx = htmx
        self.page = Page("/", 200, BeautifulSoup("", "html.parser"))
        self.swaps = 0
        """How many answers were put into the page that was there, without fetching it anew."""

    # Reading

    def open(self, path: str, *, expect: int = 200) -> Page:
        """Type an address, or come by a plain link: the whole page."""
        for _hop in range(5):
            answer = self.client.get(path, headers=self._referer())
            if answer.status_code not in (301, 302, 303, 307, 308):
                break
            path = self._local(answer.headers["Location"])
        self.page = Page(
            path, answer.status_code, BeautifulSoup(answer.get_data(), "html.parser"), answer.headers
        )
        self._expect(expect)
        return self.page

    def follow(self, label: str, *, within: str | None = None) -> Page:
        """Follow the link with these words; with htmx a link with `hx-get` fills its target."""
        scope = self._scope(within)
        links = [link for link in scope.find_all("a", href=True) if self._is_labelled(link, label)]
        assert links, f"{self.name} finds no link “{label}” on {self.page.path}: {self._offered(scope)}"
        link = links[0]
        if self.htmx and link.get("hx-get"):
            return self._fetch_into(link)
        return self.open(self._local(attribute(link, "href")))

    def sees(self, *sentences: str) -> None:
        """Each of these is to be read on the page."""
        told = self.page.text
        for sentence in sentences:
            assert sentence in told, f"{self.name} does not read “{sentence}” on {self.page.path}: {told}"

    def fetch(self, path: str) -> tuple[int, Any, bytes]:
        """A file: status, headers, bytes; the page stays."""
        answer = self.client.get(path, headers=self._referer())
        return answer.status_code, answer.headers, answer.get_data()

    # Writing

    def form(self, button: str | None = None, *, action: str | None = None, within: str | None = None) -> Tag:
        """The form with this button (its words), or with an action that ends so."""
        scope = self._scope(within)
        named = {attribute(one, "form") for one in scope.find_all("button", attrs={"form": True})}
        elsewhere = [form for form in self.page.soup.find_all("form") if attribute(form, "id") in named]
        found = [
            form
            for form in [*scope.find_all("form"), *elsewhere]
            if attribute(form, "method").lower() == "post"
            and (action is None or attribute(form, "action").endswith(action))
            and (button is None or self._button(form, button, scope) is not None)
        ]
        assert found, (
            f"{self.name} finds no form “{button or action}” on {self.page.path} ({self.page.status}): "
            f"{self._offered(scope)}\n{words(self.page.main)}"
        )
        return found[0]

    def press(
        self,
        button: str,
        *,
        action: str | None = None,
        within: str | None = None,
        expect: Any = 200,  # so that `values` can be a dictionary of whatever type
        **values: Any,
    ) -> Page:
        """Fill the form that has this button and press it. `values`: by the name of the field, or by its label."""
        form = self.form(button, action=action, within=within)
        pressed = self._button(form, button, self._scope(within))
        assert pressed is not None
        data = self.filled(form, values)
        if pressed.get("name"):
            data.setlist(attribute(pressed, "name"), [attribute(pressed, "value")])
        return self.send(form, data, to=attribute(pressed, "formaction") or None, expect=expect)

    def filled(self, form: Tag, values: Values) -> MultiDict[str, Any]:
        """What the form would send: hidden fields as they are, the rest as shown or as `values` say."""
        data: MultiDict[str, Any] = MultiDict()
        known: dict[str, Any] = {self._name_of(form, key): value for key, value in values.items()}
        for control in self._controls(form):
            name, kind = attribute(control, "name"), attribute(control, "type").lower()
            if not name or control.name == "button" or kind in ("submit", "button"):
                continue
            if name in known:
                continue
            for value in self._shown(control, kind):
                data.add(name, value)
        for name, given in known.items():
            if given is False or given is None:
                continue
            for one in given if isinstance(given, list) else ["y" if given is True else given]:
                data.add(name, (io.BytesIO(one[1]), one[0]) if isinstance(one, tuple) else str(one))
        return data

    def send(self, form: Tag, data: MultiDict[str, Any], *, to: str | None = None, expect: int = 200) -> Page:
        """Send what a form holds, as its markup and the pressed button (`to`: its own address) say."""
        path = self._local(to or attribute(form, "action"))
        scripted = self.htmx and bool(to or form.get("hx-post"))  # a button's own address: the board's script
        headers = self._referer() | {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
        if scripted:
            path = self._local(to or attribute(form, "hx-post"))
            if to:
                data.setlist("operation_id", [str(uuid4())])  # as the script does for each step
            target = attribute(form, "hx-target") or "#main"
            headers |= HTMX | {"HX-Current-URL": ORIGIN + self.page.path, "HX-Target": f"x{target}"}
        answer = self.client.post(
            path, data=data, headers=headers, content_type=attribute(form, "enctype") or None
        )
        if scripted:
            return self._swap(answer, form, expect)
        if answer.status_code == 303:
            return self.open(self._local(answer.headers["Location"]), expect=expect)
        self.page = Page(
            path, answer.status_code, BeautifulSoup(answer.get_data(), "html.parser"), answer.headers
        )
        self._expect(expect)
        return self.page

    # What htmx does

    def _swap(self, answer: Any, form: Tag, expect: int) -> Page:
        redirect = answer.headers.get("HX-Redirect")
        if redirect:
            return self.open(self._local(redirect), expect=expect)
        self.page.status, self.page.headers = answer.status_code, answer.headers
        self._expect(expect)
        pushed = answer.headers.get("HX-Push-Url")
        if pushed:
            self.page.path = self._local(pushed)
        target = attribute(form, "hx-target") or "#main"
        if attribute(form, f"hx-status:{answer.status_code}").startswith("target:"):
            target = attribute(form, f"hx-status:{answer.status_code}").removeprefix("target:")
        self._put(answer.get_data(), target, attribute(form, "hx-swap") or "innerHTML")
        return self.page

    def _fetch_into(self, link: Tag) -> Page:
        path = self._local(attribute(link, "hx-get"))
        target = attribute(link, "hx-target") or "#main"
        headers = self._referer() | HTMX | {"HX-Target": f"x{target}"}
        answer = self.client.get(path, headers=headers)
        assert answer.status_code == 200, f"{self.name}: {path} answered {answer.status_code}"
        self._put(answer.get_data(), target, attribute(link, "hx-swap") or "innerHTML")
        return self.page

    def _put(self, body: bytes, target: str, swap: str) -> None:
        """Partials go where they say; the rest, if there is any, goes into the target."""
        self.swaps += 1
        came = BeautifulSoup(body, "html.parser")
        for partial in came.find_all("hx-partial"):
            partial.extract()
            self.page.place(
                attribute(partial, "hx-target"), attribute(partial, "hx-swap") or "innerHTML", partial
            )
        if words(came) and swap != "none":
            if target == "#main":
                sheet = self.page.soup.find(id="sheet")
                if isinstance(sheet, Tag):
                    sheet.clear()
            self.page.place(target, swap, came)

    # Finding

    def _scope(self, within: str | None) -> Tag:
        if within is None:
            return self.page.soup
        found = self.page.soup.select_one(within)
        assert found is not None, f"{self.name} finds no {within} on {self.page.path}"
        return found

    @staticmethod
    def _is_labelled(element: Tag, label: str) -> bool:
        told = words(element)
        return told == label or told.startswith(label + " ") or attribute(element, "aria-label") == label

    def _button(self, form: Tag, label: str, scope: Tag) -> Tag | None:
        buttons = [
            one
            for one in self._controls(form)
            if one.name == "button"
            and attribute(one, "aria-hidden") != "true"
            and (scope in one.parents or form in one.parents)
        ]
        for one in buttons:
            if words(one) == label:
                return one
        return next((one for one in buttons if self._is_labelled(one, label)), None)

    def _controls(self, form: Tag) -> list[Tag]:
        """The form's controls, also those elsewhere on the page that name it in their `form` attribute."""
        inside = [
            one
            for one in form.find_all(["input", "select", "textarea", "button"])
            if not one.has_attr("disabled") and attribute(one, "form") in ("", attribute(form, "id"))
        ]
        if form.get("id"):
            inside += [
                one
                for one in self.page.soup.find_all(True, attrs={"form": attribute(form, "id")})
                if one not in inside
            ]
        return inside

    def _name_of(self, form: Tag, key: str) -> str:
        """The field's name for a name, or for the words of its label."""
        names = {attribute(one, "name") for one in self._controls(form)}
        if key in names:
            return key
        for label in form.find_all("label"):
            if words(label).removesuffix(" (optional)") == key and label.get("for"):
                found = form.find(id=attribute(label, "for"))
                if isinstance(found, Tag):
                    return attribute(found, "name")
        raise AssertionError(
            f"{self.name} finds no field “{key}” in {attribute(form, 'action')}: {sorted(names)}"
        )

    @staticmethod
    def _shown(control: Tag, kind: str) -> list[str]:
        """What a control sends as it is shown."""
        if control.name == "textarea":
            return [control.get_text().removeprefix("\n")]
        if control.name == "select":
            options = control.find_all("option")
            chosen = [one for one in options if one.has_attr("selected")]
            if not chosen and not control.has_attr("multiple"):
                chosen = options[:1]
            return [attribute(one, "value") if one.has_attr("value") else words(one) for one in chosen]
        if kind in ("checkbox", "radio"):
            return [attribute(control, "value") or "on"] if control.has_attr("checked") else []
        if kind in ("file", "image", "reset"):
            return []
        return [attribute(control, "value")]

    def _offered(self, scope: Tag) -> str:
        links = [words(link) for link in scope.find_all("a", href=True)]
        buttons = [words(button) for button in scope.find_all("button")]
        return f"links {links}, buttons {buttons}"

    def _referer(self) -> dict[str, str]:
        return {"Referer": ORIGIN + self.page.path}

    @staticmethod
    def _local(address: str) -> str:
        parts = urlsplit(urljoin(ORIGIN, address))
        assert parts.netloc == "localhost", f"the way leads away: {address}"
        return parts.path + (f"?{parts.query}" if parts.query else "")

    def _expect(self, status: int) -> None:
        assert self.page.status == status, (
            f"{self.name} got {self.page.status}, not {status}, at {self.page.path}: {self.page.text[:1500]}"
        )
