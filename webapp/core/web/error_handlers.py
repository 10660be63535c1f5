"""What somebody reads when something goes wrong: each kind of failure has its page, its status, and one way on."""

from __future__ import annotations

import logging
from uuid import uuid4

from flask import Flask, current_app, request, session
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    RequestEntityTooLarge,
    SecurityError,
)

from webapp.core import errors
from webapp.core.errors import AppError
from webapp.core.security import access, sessions
from webapp.core.web import form_rescue, preferences, responses

log = logging.getLogger(__name__)


def handle_errors(app: Flask) -> None:
    """Give every failure its page: ours, a form's, HTTP's, the database's, and what nobody expected."""
    app.register_error_handler(AppError, _known)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(RequestEntityTooLarge, _refused)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(PoolTimeout, _database)
    app.register_error_handler(Exception, _broken)


def _known(error: AppError) -> ResponseReturnValue:
    if isinstance(error, errors.SignInNeeded | errors.ConfirmAgain):
        return _send_to_sign_in(again=isinstance(error, errors.ConfirmAgain))
    return responses.error_screen(error)


def _csrf(error: CSRFError) -> ResponseReturnValue:
    """The session ended, or the form is from another one: the text is kept, the way on is the form again."""
    declared = access.of_endpoint(current_app, request.endpoint) if request.endpoint else None
    if sessions.current_person() is None and not (declared is not None and declared.public):
        return _send_to_sign_in(again=False)
    page = preferences.own_page(form_rescue.save())
    if page is not None:
        return responses.leave(page)
    return responses.error_screen(
        errors.BadInput(_l("The form was too old. Open the page again and send it once more."))
    )


def _refused(error: RequestEntityTooLarge) -> ResponseReturnValue:
    shown = errors.AppError(_l("What you sent is too large: at most 25 MB per file, 30 MB in total."))
    shown.status = 413
    return responses.error_screen(shown)


def _http(error: HTTPException) -> ResponseReturnValue:
    if isinstance(error, SecurityError):  # a host that is not ours: no link of a page could be right
        return Response(
            "This site does not answer to that name.\n", 400, content_type="text/plain; charset=utf-8"
        )
    if isinstance(error, InternalServerError) or error.code is None:
        return _broken(error)
    if error.response is not None or error.code < 400:
        return error.get_response()
    shown = errors.NotThere() if error.code == 404 else errors.BadInput()
    shown.status = error.code
    answer = responses.error_screen(shown)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        answer.headers["Allow"] = ", ".join(error.valid_methods)
    return answer


def _database(error: DBAPIError | PoolTimeout) -> ResponseReturnValue:
    if isinstance(error, OperationalError | PoolTimeout) or error.connection_invalidated:
        log.error("database unreachable: %s", error)
        sessions.as_nobody()
        return responses.error_screen(errors.Busy())
    if isinstance(error, IntegrityError):
        log.warning("refused by the database: %s", error.orig)
        return responses.error_screen(errors.Stale())
    return _broken(error)


def _broken(error: Exception) -> ResponseReturnValue:
    reference = uuid4().hex[:12]
    log.exception("unexpected error %s on %s %s", reference, request.method, request.path, exc_info=error)
    shown = errors.AppError(_l("Something went wrong on our side. We've recorded it and will look into it."))
    shown.status = 500
    return responses.error_screen(shown, reference=reference)


def _send_to_sign_in(*, again: bool) -> ResponseReturnValue:
    """Keep what was typed and lead to the sign-in page, which leads back."""
    page = form_rescue.save() if request.method == "POST" else request.full_path.rstrip("?")
    session["next"] = page or "/"
    return responses.leave("/sign-in/again" if again else "/sign-in")
