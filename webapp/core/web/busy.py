"""What somebody gets whom there is no room for: a page in their language, made without the database, with what they typed."""

from __future__ import annotations

from flask import current_app, g, request, session
from flask.wrappers import Response

from webapp.core.errors import Busy
from webapp.core.security import access, sessions
from webapp.core.web import admission, responses
from webapp.core.web.admission import Kind, Overloaded
from webapp.core.web.i18n import LOCALES
from webapp.core.web.prefetch import is_prefetch

LARGE = 256 * 1024  # bytes of a form with files, from which on it is an upload
SECRET = ("password", "token")


def kind_of_request() -> Kind | None:
    """How this request is treated when there is too much to do; None for what costs next to nothing."""
    declared = access.of_endpoint(current_app, request.endpoint) if request.endpoint else None
    if declared is not None and declared.share is not None:
        return getattr(admission, declared.share.upper()) if declared.share != "none" else None
    if declared is not None and declared.hands_over:
        return admission.PROVIDER
    if is_prefetch():
        return admission.PREFETCH
    if request.method == "POST":
        large = (request.content_length or 0) > LARGE and request.mimetype == "multipart/form-data"
        return admission.UPLOAD if large else admission.FORM
    cookie = current_app.config["SESSION_COOKIE_NAME"]
    return admission.PAGE if cookie in request.cookies else admission.ANONYMOUS


def answer(overloaded: Overloaded) -> Response:
    """503 and when to come back. The page asks the database nothing; a form can be sent once more from it."""
    chosen = session.get(sessions.LOCALE) or request.cookies.get("locale")
    g.locale = chosen if chosen in LOCALES else request.accept_languages.best_match(LOCALES) or LOCALES[0]
    context = {
        "error": Busy(),
        "locale_name": g.locale,
        "posted": request.method == "POST",
        "again": _again(),
        "address": request.full_path.rstrip("?"),
    }
    template = "_base/busy_answer.html" if responses.wants_partial() else "_base/busy.html"
    body = current_app.jinja_env.get_template(template).render(context)
    response = Response(body, 503, content_type="text/html; charset=utf-8")
    response.headers["Retry-After"] = str(overloaded.retry_after)
    return response


def _again() -> list[tuple[str, str]] | None:
    """The fields of a plain form, to be sent once more; None where it holds what no page should repeat."""
    if request.method != "POST" or request.mimetype != "application/x-www-form-urlencoded":
        return None
    fields = list(request.form.items(multi=True))
    return (
        None
        if any(sign in name for name, _value in fields for sign in SECRET if name != "csrf_token")
        else fields
    )
