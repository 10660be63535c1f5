"""Parts of pages that are drawn once are each reader's own all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask, g
from jinja2 import DictLoader, meta, nodes

from tests.support.postgres import ROOT
from webapp.core.web import kept

OF_ONE_PAGE = {"request", "session", "g", "current_user", "get_flashed_messages", "now", "board", "person"}


@contextmanager
def read_in(app: Flask, locale: str, zone: str = "UTC") -> Iterator[None]:
    with app.test_request_context():
        g.locale, g.zone, g.person = locale, zone, None
        yield


@pytest.fixture
def part(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Templates of a test's own, by name."""
    templates: dict[str, str] = {}
    monkeypatch.setattr(app.jinja_env, "loader", DictLoader(templates))
    app.extensions["kept"].cache_clear()
    yield templates
    app.extensions["kept"].cache_clear()
    app.jinja_env.cache.clear()  # type: ignore[union-attr]


def drawings(app: Flask) -> int:
    return int(app.extensions["kept"].cache_info().misses)


def test_a_part_is_drawn_once_for_the_same_values_and_anew_for_others(
    app: Flask, part: dict[str, str]
) -> None:
    part["a.html"] = "<b>{{ name }}</b>"
    with read_in(app, "en"):
        assert kept.kept("a.html", name="<Mai>") == kept.kept("a.html", name="<Mai>") == "<b>&lt;Mai&gt;</b>"
        assert drawings(app) == 1
        assert kept.kept("a.html", name="Linh") == "<b>Linh</b>"


@pytest.mark.parametrize("order", [("en", "vi", "en"), ("vi", "en", "vi")])
def test_each_reader_has_a_part_in_their_language(
    app: Flask, part: dict[str, str], order: tuple[str, ...]
) -> None:
    part["a.html"] = "{{ _('Show') }}"
    words = {"en": "Show", "vi": "Hiển thị"}
    for locale in order:
        with read_in(app, locale):
            assert kept.kept("a.html") == words[locale]
    assert drawings(app) == 2


def test_each_reader_has_a_part_in_their_zone(app: Flask, part: dict[str, str]) -> None:
    part["a.html"] = "{{ zone_name() }}"
    for zone in ("Asia/Ho_Chi_Minh", "UTC", "Asia/Ho_Chi_Minh"):
        with read_in(app, "en", zone):
            assert kept.kept("a.html") == zone


@pytest.mark.parametrize("name", ["csrf_token", "new_operation_id"])
def test_a_part_that_asks_for_what_belongs_to_one_page_is_refused(
    app: Flask, part: dict[str, str], name: str
) -> None:
    part["a.html"] = f"{{{{ {name}() }}}}"
    part["b.html"] = "{{ kept('c.html') }}" + part["a.html"]
    part["c.html"] = "fine"
    with read_in(app, "en"):
        for asked in ("a.html", "b.html"):
            with pytest.raises(RuntimeError, match="belongs to one page"):
                kept.kept(asked)
        assert app.jinja_env.from_string(part["a.html"]).render()  # a page of its own may


def test_a_part_with_a_long_text_is_drawn_and_not_kept(app: Flask, part: dict[str, str]) -> None:
    part["a.html"] = "{{ text }}"
    with read_in(app, "en"):
        assert len(kept.kept("a.html", text="x" * (kept.LONGEST + 1))) == kept.LONGEST + 1
    assert drawings(app) == 0


def test_the_kept_parts_of_the_product_name_nothing_of_one_page(app: Flask) -> None:
    sources = {path: path.read_text("utf-8") for path in (ROOT / "templates").rglob("*.html")}
    named = set(re.findall(r'kept\(\s*"([^"]+)"', "".join(sources.values())))
    named |= {"tasks/_card.html", "tasks/_row.html"}  # by tasks/routes/presenter.py
    assert len(named) > 5
    seen: set[str] = set()
    while named - seen:
        name = (named - seen).pop()
        seen.add(name)
        tree = app.jinja_env.parse(sources[ROOT / "templates" / name])
        asked = meta.find_undeclared_variables(tree) & OF_ONE_PAGE
        assert not asked, f"{name} is kept and asks for {asked}"
        named |= {str(found.template.value) for found in tree.find_all(nodes.Include)}  # type: ignore[attr-defined]
