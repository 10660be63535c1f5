"""Stylesheets, scripts and drawings under names that change with their content: browsers keep them for ever."""

from __future__ import annotations

import gzip
import hashlib
import posixpath
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from flask import Flask, abort, current_app, g, request, url_for
from flask.wrappers import Response
from werkzeug.routing import BuildError

STATIC = Path(__file__).resolve().parents[3] / "static"
STYLES = (
    "layers",
    "reset",
    "tokens",
    "base",
    "layout",
    "buttons",
    "forms",
    "notices",
    "data",
    "milestones",
    "utilities",
    "print",
)
ELSEWHERE = "stripe_simulator"  # the pages of another company's system have a look of their own
VENDORED = ("htmx.min.js",)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".json": "application/speculationrules+json",
    ".webmanifest": "application/manifest+json; charset=utf-8",
}
PACKED = frozenset({".css", ".js", ".json", ".svg", ".webmanifest"})
CSS_COMMENT = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
JS_COMMENT_LINE = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
JS_IMPORT = re.compile(r'^(import (?:[^"]* from )?)"(\./[^"]+)\.js"', re.MULTILINE)

View = Callable[..., Any]


@dataclass(frozen=True)
class Asset:
    """One file as it is sent: its bytes, packed and unpacked, and the hash that is part of its name.

    `imports` are the plain names of all modules that a script needs, those of its modules too.
    """

    body: bytes
    packed: bytes | None
    content_type: str
    digest: str
    imports: tuple[str, ...] = ()


class Shelf:
    """All assets by their plain name; `fresh` reads the folder again when a file in it has changed, and counts how often."""

    def __init__(self, folder: Path, *, watch: bool) -> None:
        self.folder = folder
        self.watch = watch
        self._lock = Lock()
        self.readings = 0
        self._seen: object = None
        self._assets: dict[str, Asset] = {}

    def get(self, name: str) -> Asset | None:
        return self._assets.get(name)

    def fresh(self) -> None:
        """Read the folder if it was never read, or (in development) if anything in it changed."""
        if self._seen is not None and not self.watch:
            return
        files = _files(self.folder)
        seen = tuple((path, path.stat().st_mtime_ns) for path in files)
        if seen == self._seen:
            return
        with self._lock:
            self._assets = _read(self.folder, files)
            self._seen = seen
            self.readings += 1


def init_assets(app: Flask, public: Callable[[View], View], *, folder: Path = STATIC) -> None:
    """Serve the assets at `/assets/…` and give templates `asset(name)` and `url_if(endpoint)`.

    `public` declares the route as open to everybody. `asset` answers None for a file that is not there (a vendored
    script before installation), so that the page leaves its tag out and works without it.
    """
    watch = not app.extensions["settings"].production if "settings" in app.extensions else True
    shelf = Shelf(folder, watch=watch)
    shelf.fresh()
    app.extensions["assets"] = shelf
    app.add_url_rule("/assets/<path:name>", "assets.file", public(_file))
    app.jinja_env.globals.update(asset=asset, module_addresses=module_addresses, url_if=url_if)


def asset(name: str) -> str | None:
    """The address of an asset: "app.css", "tasks/board.js", "icons.svg", "htmx.min.js"; None if there is no such file."""
    shelf = _shelf()
    file = shelf.get(name)
    if file is None:
        return None
    stem, dot, ending = name.rpartition(".")
    return url_for("assets.file", name=f"{stem}.{file.digest}{dot}{ending}")


def readings() -> int:
    """How often the assets were read: those of another reading may have other addresses."""
    return _shelf().readings


def module_addresses(name: str) -> list[str]:
    """The addresses of all modules that a script imports, for the browser to fetch at once instead of one after the other."""
    script = _shelf().get(name)
    return [asset(imported) or "" for imported in script.imports] if script else []


def url_if(endpoint: str, **values: Any) -> str | None:
    """The address of an endpoint, or None where this installation has no such page."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return None


def _file(name: str) -> Response:
    """Send one asset; an address with an old hash gets the present file, but is not kept."""
    shelf = _shelf()
    stem, _, ending = name.rpartition(".")
    plain, _, digest = stem.rpartition(".")
    file = shelf.get(f"{plain}.{ending}")
    if file is None:
        abort(404)
    packed = file.packed if request.accept_encodings.quality("gzip") else None
    response = Response(file.body if packed is None else packed, content_type=file.content_type)
    if file.packed is not None:
        response.vary.add("Accept-Encoding")
    if packed is not None:
        response.content_encoding = "gzip"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = (
        "public, max-age=31536000, immutable" if digest == file.digest else "no-cache"
    )
    return response


def _shelf() -> Shelf:
    shelf: Shelf = current_app.extensions["assets"]
    if not g.get("assets_fresh"):
        shelf.fresh()
        g.assets_fresh = True
    return shelf


def _files(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in TYPES and path.is_file() and path.parent.name != ELSEWHERE
    )


def _read(folder: Path, files: list[Path]) -> dict[str, Asset]:
    """Every file by its plain name; all stylesheets as the one "app.css", the base first, then slice by slice."""
    assets: dict[str, Asset] = {}
    styles: list[Path] = []
    scripts: dict[str, str] = {}
    for path in files:
        name = path.relative_to(folder).as_posix()
        if path.suffix == ".css":
            styles.append(path)
        elif name.startswith("_vendor/"):
            if path.name in VENDORED:
                assets[path.name] = _asset(path.read_bytes(), path.suffix)
        elif path.suffix == ".js":
            scripts[name.removeprefix("_base/")] = JS_COMMENT_LINE.sub("", path.read_text("utf-8"))
        else:
            assets[name.removeprefix("_base/")] = _asset(path.read_bytes(), path.suffix)
    for name in scripts:
        _add_script(assets, scripts, name)
    order = {f"_base/{name}.css": position for position, name in enumerate(STYLES)}
    named = sorted(
        (order.get(p.relative_to(folder).as_posix(), len(order)), p.relative_to(folder).as_posix())
        for p in styles
    )
    sheet = "\n".join((folder / name).read_text("utf-8") for _, name in named)
    assets["app.css"] = _asset(CSS_COMMENT.sub("", sheet).encode(), ".css")
    return assets


def _add_script(assets: dict[str, Asset], scripts: dict[str, str], name: str) -> Asset:
    """Add a script, its modules first: it names them by their content, so that one release never loads another's module.

    An import of a file that is not there is a KeyError; modules may not import each other in a circle.
    """
    if name in assets:
        return assets[name]
    needed: dict[str, None] = {}

    def with_digest(match: re.Match[str]) -> str:
        imported = posixpath.normpath(posixpath.join(posixpath.dirname(name), f"{match[2]}.js"))
        module = _add_script(assets, scripts, imported)
        needed.update(dict.fromkeys((*module.imports, imported)))
        return f'{match[1]}"{match[2]}.{module.digest}.js"'

    body = JS_IMPORT.sub(with_digest, scripts[name])
    assets[name] = _asset(body.encode(), ".js", tuple(needed))
    return assets[name]


def _asset(body: bytes, ending: str, imports: tuple[str, ...] = ()) -> Asset:
    packed = gzip.compress(body, 9, mtime=0) if ending in PACKED else None
    return Asset(body, packed, TYPES[ending], hashlib.sha256(body).hexdigest()[:12], imports)
