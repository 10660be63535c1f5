"""What all pages of the simulator have in common: their policy, their style sheet, a page that only says something."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response, make_response, render_template, send_from_directory

from .config import Config
from .state import World, clock
from .store import Connection
from .time_passing import pass_time

STATIC = Path(__file__).resolve().parents[2] / "static" / "stripe_simulator"
# The pages need no script at all, and nothing from elsewhere.
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"


def origin(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else ""


def shown(template: str, status: int = 200, back_to: Iterable[str | None] = (), **values: object) -> Response:
    """A page. `back_to`: where its forms lead in the end; a policy counts the redirect after a form too."""
    answer = make_response(render_template(f"stripe_simulator/{template}.html", **values), status)
    allowed = sorted({origin(url) for url in back_to} - {""})
    answer.headers["Content-Security-Policy"] = " ".join([POLICY, *allowed])
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "no-store"
    return answer


def note(title: str, sentence: str, status: int) -> Response:
    return shown("note", status, title=title, sentence=sentence)


def world_of(connection: Connection, config: Config) -> World:
    world = World(connection, config, int(clock(connection)))
    pass_time(world)
    return world


def blueprint() -> Blueprint:
    """The one style sheet, and no icon."""
    pages = Blueprint("pages", __name__)

    @pages.get("/style.css")
    def style() -> Response:
        return send_from_directory(STATIC, "simulator.css", max_age=60)

    @pages.get("/favicon.ico")
    def icon() -> Response:
        return Response(status=204)

    return pages


def plain(text: str) -> str:
    """An id out of an address: what cannot be one leads nowhere."""
    return text if text.isascii() and text.isprintable() else "-"
