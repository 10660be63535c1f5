"""What this browser chose and where it wants to go; nothing a client sends is ever redirected to as it is."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from flask import current_app, request, session, url_for
from flask.wrappers import Response
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from webapp.core.security import sessions

THEMES = ("auto", "light", "dark")
# Each text matches in one way only: a pattern that could part "aaaa" in many would try them all before a no.
PLAIN_PATH = re.compile(r"/(?:[A-Za-z0-9._~%-]+(?:/[A-Za-z0-9._~%-]+)*/?)?(?:\?[A-Za-z0-9._~%&=+,:;/-]*)?")
PLAIN_NAME = re.compile(r"[a-z][a-z_]{0,30}")
KEEP_CHOICE = timedelta(days=365)


def safe_redirect(wish: str | None) -> str | None:
    """Where to go after signing in: a page of ours, but not the sign-in pages again."""
    page = own_page(wish)
    return None if page is None or page.startswith("/sign-") else page


def own_page(wish: str | None) -> str | None:
    """The address of a page of ours that `wish` names, rebuilt by url_for; None for anything else.

    The wish is matched whole against the routes that answer GET; host, scheme and fragment never survive.
    """
    if not wish or len(wish) > 1000 or PLAIN_PATH.fullmatch(wish) is None:
        return None
    parts = urlsplit(wish)
    adapter = current_app.create_url_adapter(request)
    if adapter is None or parts.scheme or parts.netloc:
        return None
    try:
        endpoint, values = adapter.match(parts.path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    asked = {
        name: value
        for name, value in parse_qsl(parts.query)
        if PLAIN_NAME.fullmatch(name) and name not in values and name != "endpoint"  # url_for's own word
    }
    return url_for(endpoint, **{**asked, **values})


def next_url() -> str | None:
    """Where this browser wanted to go before it had to sign in."""
    return safe_redirect(request.args.get("next")) or safe_redirect(session.get("next"))


def forget_next_url() -> None:
    """The wish is fulfilled."""
    session.pop("next", None)


def theme() -> str:
    """The colours this person chose, else this browser."""
    person = sessions.current_person()
    chosen = person.theme if person is not None else request.cookies.get("theme")
    return chosen if chosen in THEMES else "auto"


def remember(response: Response, name: str, value: str) -> None:
    """Keep a choice of this browser for a year, for the time before it signs in."""
    response.set_cookie(
        name,
        value,
        max_age=KEEP_CHOICE,
        secure=bool(current_app.config["SESSION_COOKIE_SECURE"]),
        httponly=True,
        samesite="Lax",
    )


def active_role() -> str | None:
    """In which of their roles this person looks at the menu now, if they chose."""
    return session.get("role")


def switch_role(chosen: str) -> None:
    """Look at the menu in another role."""
    session["role"] = chosen


def path() -> str:
    """The path of this page."""
    return request.path


def is_demo() -> bool:
    """Is this a demo, with invented people and public passwords?"""
    return bool(current_app.extensions["settings"].is_demo)


def demo_accounts() -> dict[str, str]:
    """Role -> e-mail address of the demo's people; empty outside a demo."""
    if not is_demo():
        return {}
    try:
        accounts = json.loads(
            (Path(current_app.extensions["settings"].state_dir) / "demo.json").read_text("utf-8")
        )
    except (OSError, ValueError):
        return {}
    return {role: str(account["email"]) for role, account in accounts.items()}
