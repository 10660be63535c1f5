"""Parts of pages that are drawn once a process for all who would see the same.

A kept part is a template that is given, by name, all that shows in it. It is kept under these values and the reader's
language and zone, so nobody can be shown an old text or another person's: that would be another part. What belongs to one
page or one reader (the token, an operation id, the request) cannot be asked for in it; a number that differs from page to
page is left open as a `HOLE` and put in when the page is joined.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import _lru_cache_wrapper, lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g
from flask_babel import get_locale, get_timezone

from webapp.core.web import assets

KEPT = 8_192  # parts a process, of about a kilobyte
LONGEST = 1_000  # characters: an address can be far longer, and nobody asks twice for it
HOLE = "\0"  # no text that is stored can hold it

Values = tuple[tuple[str, Hashable], ...]


def init_kept(app: Flask) -> None:
    """Give the app a memory for parts, and templates `kept(template, name=value, …)`."""

    @lru_cache(maxsize=KEPT)
    def draw(name: str, _reader: Hashable, shown: Values) -> str:
        outside, g.drawing_kept = g.get("drawing_kept", False), True
        try:
            module = app.jinja_env.get_template(name).make_module(dict(shown))
        finally:
            g.drawing_kept = outside
        return module.__html__()

    app.extensions["kept"] = draw
    names: dict[str, Any] = app.jinja_env.globals
    own = {name: _of_one_page(names[name]) for name in ("csrf_token", "new_operation_id")}
    names.update(own, kept=kept, hole=HOLE)


def kept(name: str, /, **shown: Hashable) -> str:
    """The part that the template `name` draws from these values, as HTML; one with a long text is drawn each time."""
    known = memory()
    is_long = any(isinstance(value, str) and len(value) > LONGEST for value in shown.values())
    return (known.__wrapped__ if is_long else known)(name, reader(), tuple(shown.items()))


def memory() -> _lru_cache_wrapper[str]:
    """Draws a part or remembers it, for who draws many at a time: its template, their `reader()`, and its values."""
    memory: _lru_cache_wrapper[str] = current_app.extensions["kept"]
    return memory


def reader() -> Hashable:
    """What of a reader shows in every part: language and zone; in development also how fresh templates and assets are."""
    if current_app.jinja_env.auto_reload:
        return str(get_locale()), str(get_timezone()), _newest_template(), assets.readings()
    return str(get_locale()), str(get_timezone())


def _of_one_page(make: Callable[[], str]) -> Callable[[], str]:
    """A maker of values that belong to one page, which no kept part may hold."""

    def made() -> str:
        if g.get("drawing_kept"):
            raise RuntimeError("a kept part cannot hold what belongs to one page")
        return make()

    return made


def _newest_template() -> int:
    """When a template was changed last."""
    if "newest_template" not in g:
        folder = Path(current_app.root_path, str(current_app.template_folder))
        g.newest_template = max(path.stat().st_mtime_ns for path in folder.rglob("*.html"))
    return int(g.newest_template)
