"""What somebody has on the screen: its words, its forms, and where an answer of htmx is put."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from bs4 import BeautifulSoup, Tag


def words(element: Tag) -> str:
    """The visible words of an element, parted by single spaces."""
    return " ".join(element.get_text(" ").split())


def attribute(element: Tag, name: str) -> str:
    """An attribute as text; empty when it is not there."""
    value = element.get(name)
    return " ".join(value) if isinstance(value, list) else value or ""


@dataclass
class Page:
    """What is on the screen now."""

    path: str
    status: int
    soup: BeautifulSoup
    headers: Any = field(repr=False, default=None)

    @property
    def text(self) -> str:
        return words(self.soup)

    @property
    def main(self) -> Tag:
        found = self.soup.find(id="main")
        assert isinstance(found, Tag), f"{self.path} has no main: {self.text[:300]}"
        return found

    def forms(self) -> list[Tag]:
        return [form for form in self.soup.find_all("form") if attribute(form, "method").lower() == "post"]

    def place(self, target: str, swap: str, content: Tag) -> None:
        """Put what htmx was sent where the markup says."""
        place = self.soup.select_one(target)
        assert place is not None, f"the answer fills {target}, which is not on {self.path}"
        children = [child.extract() for child in list(content.children)]
        if swap == "delete":
            place.decompose()
        elif swap in ("innerHTML", "innerMorph"):
            place.clear()
            place.extend(children)
        elif swap in ("outerHTML", "outerMorph"):
            place.replace_with(*children)
        elif swap in ("beforebegin", "before"):
            place.insert_before(*children)
        elif swap in ("afterend", "after"):
            place.insert_after(*children)
        elif swap in ("afterbegin", "prepend"):
            for child in reversed(children):
                place.insert(0, child)
        elif swap in ("beforeend", "append"):
            place.extend(children)
        else:
            raise AssertionError(f"{self.path}: an answer wants the swap {swap!r}")


def links_in(text: str) -> list[str]:
    """Every address of ours in a mail, as a path."""
    return [urlsplit(found).path for found in re.findall(r"https?://[^\s\"<>]+", text)]
