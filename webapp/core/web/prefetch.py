"""The next page is asked for while a pointer rests on its link, so that it is there when the link is pressed.

Browsers that know speculation rules do it by themselves; others leave it. Only reading is done beforehand: no address that
is read changes anything (`read_only`), files and lists as files are left out, and whatever is sent makes the browser forget
the pages it had asked for before, because they may be out of date.
"""

from __future__ import annotations

from flask import Flask, request, session
from flask.wrappers import Response

from webapp.core.web import assets, responses


def init_prefetch(app: Flask) -> None:
    """Give pages their rules, and acts the word to forget."""

    @app.after_request
    def announce(response: Response) -> Response:
        if is_prefetch() and session.modified:
            # What is shown once (a sentence after an act, a form that was saved) is not spent on a page that perhaps nobody
            # opens: it is asked for again when somebody does.
            session.modified = False
            return Response(status=503)
        if request.method == "POST":
            known = response.headers.get("Clear-Site-Data")
            response.headers["Clear-Site-Data"] = ", ".join(filter(None, (known, '"prefetchCache"')))
        elif (
            response.mimetype == "text/html" and response.status_code == 200 and not responses.wants_partial()
        ):
            # Where there is no pointer to rest, the finger that touches is soon enough, and costs no data for nothing.
            touch = request.headers.get("Sec-CH-UA-Mobile") == "?1"
            rules = assets.asset("prefetch_touch.json" if touch else "prefetch.json")
            response.headers["Speculation-Rules"] = f'"{rules}"'
        return response


def is_prefetch() -> bool:
    """The browser asks for a page that perhaps nobody opens."""
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return purpose.startswith("prefetch")
