"""Every form that posts, found on the pages of the world by the people who may use it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from bs4 import BeautifulSoup, Tag
from flask import Flask

from tests.access.doors import Doors
from tests.access.matrix import MATRIX
from tests.support.http import Walker
from tests.support.screen import attribute

LOOKERS = ("anonymous", "owner", "intern", "finance", "second", "manager", "operator", "stranger", "dual")
# Pages whose forms are there only when the thing is in another state than the matrix shows.
OTHER_STATES = {
    "applications.show": ("shortlisted_application", "withdrawn_application"),
    "applications.offering": ("shortlisted_application",),
    "applications.of_posting": ("applied_application",),
    "organisations.invitation": ("newcomer",),
    "fundings.funding": ("signed",),
    "payouts.payout": ("approved", "sending", "held"),
    "postings.edit": ("cheap",),
    "postings.show": ("closing",),
    "reviews.check_approval": ("noted",),
    "reviews.check_changes": ("noted",),
    "reviews.check_rejection": ("noted",),
    "next_steps.show": ("ready",),
}
# Pages whose forms are there only when the address says of which thing: scene, its number, and what it is called.
ASKED_OF = {"tasks.copying": ("submitted", "internship_id", "from")}
TYPED = ("text", "email", "url", "search", "tel", "number", "date", "password", "")
HIDDEN = ("csrf_token", "operation_id", "version")


@dataclass(frozen=True)
class Found:
    """A form: where it posts, on which page it is, and who found it there."""

    endpoint: str
    page: str
    person: str


def endpoint_of(app: Flask, path: str) -> str:
    """The endpoint that answers a post to this path."""
    endpoint, _values = app.url_map.bind("localhost").match(path.split("?")[0], method="POST")
    return str(endpoint)


def walker(doors: Doors, person: str) -> Walker:
    """A browser of this person of the world."""
    made = Walker(doors.app, person)
    made.client = doors.as_(person).client
    return made


_known: dict[str, Found] = {}


def found(doors: Doors, slice_name: str) -> list[Found]:
    """One form for each endpoint of a slice; the pages are looked through once, for they are the same each time."""
    if not _known:
        _known.update(_look_through(doors))
    return sorted(
        (form for form in _known.values() if form.endpoint.split(".")[0] == slice_name),
        key=lambda one: one.endpoint,
    )


def _look_through(doors: Doors) -> dict[str, Found]:
    """One form for each endpoint, on any page of the world."""
    forms: dict[str, Found] = {}
    for person in LOOKERS:
        reader = walker(doors, person)
        for rule in sorted(doors.app.url_map.iter_rules(), key=lambda one: one.endpoint):
            row = MATRIX[rule.endpoint]
            if rule.endpoint.startswith("development."):
                continue
            if "GET" not in (rule.methods or set()) or row.expected(person) != "ok":
                continue
            scenes = [row, *(replace(row, at=scene) for scene in OTHER_STATES.get(rule.endpoint, ()))]
            paths = [doors.path(rule, scene, person) for scene in scenes]
            if rule.endpoint in ASKED_OF:
                scene_name, number, name = ASKED_OF[rule.endpoint]
                paths.append(f"{paths[0]}?{name}={doors.world.things[scene_name][number]}")
            for path in paths:
                _look(doors, reader, path, forms)
    return forms


def _look(doors: Doors, reader: Walker, path: str, forms: dict[str, Found]) -> None:
    """Note the forms of one page that are not known yet."""
    answer = reader.client.get(path)
    if answer.status_code == 200 and answer.mimetype == "text/html":
        soup = BeautifulSoup(answer.get_data(), "html.parser")
        for form in soup.find_all("form"):
            if attribute(form, "method").lower() == "post":
                for target in _targets(form):
                    endpoint = endpoint_of(doors.app, target)
                    forms.setdefault(endpoint, Found(endpoint, path, reader.name))
    answer.close()


def _targets(form: Tag) -> list[str]:
    """Where a form posts: when it is sent, and while it is being filled in. A form for many buttons posts where they say."""
    if form.find("input", attrs={"name": "for_many"}):
        return []
    return [to for to in (attribute(form, "action"), attribute(form, "data-autosave")) if to]


def form_on(doors: Doors, reader: Walker, form: Found) -> Tag | None:
    """The form on its page as it is now, with the address in question; None when it is not there any more."""
    answer = reader.client.get(form.page)
    if answer.status_code != 200:
        return None
    reader.page.path, reader.page.soup = form.page, BeautifulSoup(answer.get_data(), "html.parser")
    for one in reader.page.forms():
        for target in _targets(one):
            if endpoint_of(doors.app, target) == form.endpoint:
                one["action"] = target
                return one
    return None


def typed_in(reader: Walker, form: Tag) -> list[str]:
    """The names of the fields into which somebody types."""
    names = []
    for control in reader._controls(form):
        kind = attribute(control, "type").lower()
        if control.name == "textarea" or (control.name == "input" and kind in TYPED):
            names.append(attribute(control, "name"))
    return [name for name in dict.fromkeys(names) if name and name not in HIDDEN]


def chosen_in(reader: Walker, form: Tag) -> list[str]:
    """The names of the fields in which somebody chooses, and of hidden ones that are not every form's own."""
    names = []
    for control in reader._controls(form):
        kind = attribute(control, "type").lower()
        if control.name == "select" or kind in ("radio", "checkbox", "hidden"):
            names.append(attribute(control, "name"))
    return [name for name in dict.fromkeys(names) if name and name not in HIDDEN]


def fields_of(reader: Walker, form: Tag) -> list[tuple[str, bytes]]:
    """What the form sends as it is shown, as bytes; a button's own value comes with it."""
    pairs = [(name, str(value).encode()) for name, value in reader.filled(form, {}).items(multi=True)]
    button = next(
        (
            one
            for one in form.find_all("button")
            if one.get("name") and attribute(one, "aria-hidden") != "true"
        ),
        None,
    )
    if button is not None:
        pairs.append((attribute(button, "name"), attribute(button, "value").encode()))
    return pairs


def post(reader: Walker, form: Tag, pairs: list[tuple[str, bytes]], **headers: str) -> Any:
    """Send exactly these bytes."""
    return reader.client.post(
        attribute(form, "action").split("#")[0],
        data=urlencode(pairs).encode(),
        content_type="application/x-www-form-urlencoded",
        headers={"Referer": f"http://localhost{reader.page.path}", **headers},
    )


def instead(pairs: list[tuple[str, bytes]], **values: bytes) -> list[tuple[str, bytes]]:
    """The same fields with other values; a name that is not there is added."""
    kept = [(name, value) for name, value in pairs if name not in values]
    return kept + list(values.items())


def shown_values(soup: BeautifulSoup) -> set[str]:
    """Every value that stands in a field of the page, spaces made one."""
    texts = [one.get_text() for one in soup.find_all("textarea")]
    texts += [attribute(one, "value") for one in soup.find_all("input")]
    return {" ".join(text.split()) for text in texts}
