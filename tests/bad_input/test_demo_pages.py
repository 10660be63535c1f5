"""Every page of the demo world, as everybody who lives in it: no error, no change, well formed."""

from __future__ import annotations

import json
from collections import Counter, deque
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask

from tests.access.doors import checksums
from tests.support.http import Walker
from tests.support.screen import attribute, words

MOST_PAGES = 70


@pytest.mark.point(39)
@pytest.mark.point(40)
def test_every_page_of_the_demo_world_is_whole_and_looking_changes_nothing(demo_app: Flask) -> None:
    settings = demo_app.extensions["settings"]
    people = json.loads((Path(settings.state_dir) / "demo.json").read_text())
    wrong: list[str] = []
    for role in (None, *people):
        reader = Walker(demo_app, role or "a visitor")
        if role:
            reader.open("/sign-in")
            reader.press("Sign in", email=people[role]["email"], password=people[role]["password"])
        before = checksums(demo_app)
        wrong += _crawl(reader)
        after = checksums(demo_app)
        changed = [table for table in after if after[table] != before[table]]
        assert not changed, f"{reader.name} looked around, and {changed} changed"
    assert not wrong, "\n".join(wrong)


def _crawl(reader: Walker) -> list[str]:
    """Follow every link that stays here; pages of one kind (the same address but for its numbers) twice only."""
    wrong, seen, kinds = [], {"/"}, Counter[str]()
    waiting = deque(["/home" if reader.name != "a visitor" else "/"])
    while waiting and sum(kinds.values()) < MOST_PAGES:
        path = waiting.popleft()
        kind = "".join("n" if sign.isdigit() else sign for sign in path.split("?")[0])
        if kinds[kind] >= 2:
            continue
        kinds[kind] += 1
        answer = reader.client.get(path)
        if answer.status_code in (302, 303):
            waiting.append(_path(answer.headers["Location"]))
            continue
        if answer.status_code != 200:
            wrong.append(f"{reader.name}: a link leads to {path}, which answers {answer.status_code}")
        elif answer.mimetype == "text/html":
            soup = BeautifulSoup(answer.get_data(), "html.parser")
            wrong += [f"{reader.name} at {path}: {problem}" for problem in _problems(soup)]
            for link in soup.find_all("a", href=True):
                target = urljoin(f"http://localhost{path}", attribute(link, "href"))
                if urlsplit(target).netloc == "localhost" and _path(target) not in seen:
                    seen.add(_path(target))
                    waiting.append(_path(target))
        answer.close()
    return wrong


def _path(address: str) -> str:
    parts = urlsplit(address)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def _problems(soup: BeautifulSoup) -> list[str]:
    """What a well-formed page has: one heading, a language, a title, landmarks, no id twice, no dead label."""
    found = []
    html, title = soup.html, soup.title
    if html is None or attribute(html, "lang") not in ("en", "vi"):
        found.append("no language")
    if title is None or not words(title) or words(title) == "Stint":
        found.append("no title of its own")
    if len(soup.find_all("h1")) != 1:
        found.append(f"{len(soup.find_all('h1'))} main headings")
    ids = Counter(attribute(one, "id") for one in soup.find_all(id=True))
    found += [f"the id {name} twice" for name, count in ids.items() if count > 1]
    for needed in ("#main", "header", "footer", "a.skip-link[href='#main']"):
        if soup.select_one(needed) is None:
            found.append(f"no {needed}")
    for one in soup.find_all(True):
        assert isinstance(one, Tag)
        loud = [name for name in one.attrs if name == "style" or name.startswith(("on", "hx-on"))]
        if loud:
            found.append(f"inline code: {one.name} {loud}")
        for name in ("for", "aria-labelledby", "aria-describedby"):
            found += [f"{name}={to} leads nowhere" for to in attribute(one, name).split() if to not in ids]
        if one.name == "form" and one.find_parent("form"):
            found.append("a form within a form")
    return found
