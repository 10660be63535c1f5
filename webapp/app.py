"""The application: settings in, a WSGI app out. It does not start with an undeclared route or an unsafe setting."""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask, current_app, g, request, session
from flask.typing import ResponseReturnValue
from flask.wrappers import Response
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFProtect
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import MethodNotAllowed
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import IntegerConverter, Map

from webapp.core import errors
from webapp.core.config import Settings, driver_url
from webapp.core.database.base import db
from webapp.core.database.pool import try_idle_connections
from webapp.core.database.transactions import HandOver, read_only, unit_of_work, with_retries
from webapp.core.live import sse
from webapp.core.security import access, idempotency, rate_limits, sessions
from webapp.core.slice import Slice, init_slices, tell
from webapp.core.web import busy, form_rescue, health, i18n, labels, responses
from webapp.core.web.admission import SHARES, Admission, Overloaded, has_left
from webapp.core.web.assets import init_assets
from webapp.core.web.error_handlers import handle_errors
from webapp.core.web.kept import init_kept
from webapp.core.web.prefetch import init_prefetch
from webapp.slices import SLICES

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parent.parent
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action {forms}; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CLIENT_HAS_LEFT = 499  # as proxies log it; nobody reads it
MANY_AT_ONCE = dict.fromkeys(SHARES, 100)  # in tests, which try what happens to many at once
METHODS = ("GET", "HEAD", "POST", "OPTIONS")
LARGEST_REQUEST = 30 * 1024 * 1024


class RowNumber(IntegerConverter):
    """A number in an address that a row can have; with any other there is no such page."""

    regex = r"\d{1,19}"

    def __init__(self, map: Map) -> None:  # noqa: A002 - the name it is called by
        super().__init__(map, max=2**63 - 1)


class Refused(Exception):
    """Carries an answer of 400 or more out of the transaction, which is rolled back."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.response = response


class Stint(Flask):
    """Flask, with one transaction around each view and operation ids in front of it."""

    def full_dispatch_request(self) -> Response:
        """Answer, if there is room: else say at once when to come back."""
        kind = busy.kind_of_request()
        if kind is None:
            return super().full_dispatch_request()
        try:
            gate = self.extensions["admission"].enter(kind)
        except Overloaded as overloaded:
            return self.finalize_request(busy.answer(overloaded))
        try:
            if has_left(request.environ.get("gunicorn.socket")):
                return self.finalize_request(Response(status=CLIENT_HAS_LEFT))
            return super().full_dispatch_request()
        finally:
            gate.leave()

    def dispatch_request(self) -> ResponseReturnValue:
        # An asset needs no database: the page that says "it is down" keeps its look.
        if self._is_stateless():
            return super().dispatch_request()
        if request.method in ("GET", "HEAD"):
            try:
                return self._read()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return self._read()  # the database was restarted a moment ago
        try:
            answer = with_retries(self._write)
            if isinstance(answer, HandOver):
                hand_over, outcome = answer, answer.call()
                return with_retries(lambda: self._settled(hand_over, outcome))
            return answer
        except Refused as refused:
            return refused.response

    def _read(self) -> Response:
        with read_only():
            return self.make_response(super().dispatch_request())

    def process_response(self, response: Response) -> Response:
        """An asset is the same for everybody: it carries no cookie and varies by none, so caches may keep it."""
        if self._is_stateless():
            return _headers(response)
        return super().process_response(response)

    def _is_stateless(self) -> bool:
        declared = access.of_endpoint(self, request.endpoint) if request.endpoint else None
        return declared is not None and declared.stateless

    def _settled(self, hand_over: HandOver, outcome: object) -> Response:
        with unit_of_work():
            response = self.make_response(hand_over.settle(outcome))
            if response.status_code >= 400:
                raise Refused(response)
            return response

    def _write(self) -> Response | HandOver:
        for left in ("answering", "say", "operation"):  # by a try that the database chose as a victim
            g.pop(left, None)
        with unit_of_work():
            person = sessions.current_person()
            before = (
                idempotency.claim(person.id)
                if person is not None and request.routing_exception is None
                else None
            )
            if before is not None:
                return responses.replay(before)
            answer: ResponseReturnValue | HandOver = super().dispatch_request()
            if isinstance(answer, HandOver):
                declared = access.of_endpoint(self, request.endpoint or "")
                if declared is None or not declared.hands_over:
                    raise RuntimeError(f"{request.endpoint} hands over without declaring it")
                form_rescue.clear()
                return answer
            response = self.make_response(answer)
            if response.status_code >= 400:
                raise Refused(response)
            form_rescue.clear()
            return response


def create_app(settings: Settings | None = None, slices: Sequence[Slice] = SLICES) -> Stint:
    """Build the app. Raises UnsafeSetting or RuntimeError with a sentence when it must not start."""
    settings = settings or Settings.from_environment(os.environ)
    app = Stint(__name__, template_folder=str(ROOT / "templates"), static_folder=None)
    app.extensions["settings"] = settings
    app.url_map.converters["int"] = RowNumber
    app.config.update(_flask_config(settings))
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(
        layout="_base/layout.html",
        new_operation_id=idempotency.fresh,
        state_label=labels.state_label,
        reason_label=labels.reason_label,
    )
    if int(settings.trusted_proxies):
        count = int(settings.trusted_proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    db.init_app(app)
    with app.app_context():
        try_idle_connections(db.engine)
    responses.init_htmx(app)
    csrf = CSRFProtect(app)
    init_kept(app)
    features = init_slices(app, slices)
    for feature in features:
        development = () if settings.production else feature.development
        for blueprint in (*feature.blueprints, *feature.webhooks, *development):
            app.register_blueprint(blueprint)
        for blueprint in feature.webhooks:
            csrf.exempt(blueprint)  # a provider has no form of ours: its signature is its proof
        for context in feature.context:
            app.context_processor(context)
    rate_limits.init_limits(app, [limit for feature in features for limit in feature.limits])
    person = next(feature.person_model for feature in features if feature.person_model is not None)
    sessions.init_sessions(
        app,
        person,
        lambda who: any(tell("session.is_near_money", who)),
        features.merged("person_facts"),
    )
    i18n.init_i18n(app)
    sse.init_live(app, features.merged("feeds"))
    init_assets(app, access.open_to_all)
    init_prefetch(app)
    app.register_blueprint(health.bp)
    app.extensions["admission"] = Admission(MANY_AT_ONCE if settings.environment == "test" else SHARES)
    app.before_request(_refuse_unreadable)
    app.after_request(_headers)
    handle_errors(app)
    access.refuse_undeclared(app)
    gc.freeze()
    return app


def _flask_config(settings: Settings) -> dict[str, Any]:
    secure = settings.production
    hosts = (
        None if settings.environment == "test" else [settings.host.split(":")[0], "127.0.0.1", "localhost"]
    )
    return {
        "SECRET_KEY": settings.secret_key,
        # A form of ours may lead on to the provider's hosted pages, and to nowhere else.
        "CSP": CSP.format(forms=" ".join(("'self'", *settings.stripe_origins))),
        "TESTING": settings.environment == "test",
        "SQLALCHEMY_DATABASE_URI": driver_url(settings.database_url),
        "SQLALCHEMY_ENGINE_OPTIONS": {
            "pool_size": int(settings.pool_size),
            "max_overflow": 8,
            "pool_timeout": 10,
            "connect_args": {
                "connect_timeout": 5,
                "prepare_threshold": 3,
                "options": "-c timezone=UTC -c statement_timeout=15000 -c lock_timeout=8000"
                " -c idle_in_transaction_session_timeout=60000"
                # What is read here and there is in memory or on a disk without arms: hardly dearer than in a row.
                " -c random_page_cost=1.1",
                "keepalives_idle": 30,
            },
        },
        "SESSION_COOKIE_NAME": "__Host-stint" if secure else "stint",
        "SESSION_COOKIE_SECURE": secure,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(hours=20),
        "WTF_CSRF_TIME_LIMIT": None,
        "MAX_CONTENT_LENGTH": LARGEST_REQUEST,
        "TRUSTED_HOSTS": hosts if not settings.production else [settings.host.split(":")[0]],
        "PREFERRED_URL_SCHEME": "https" if secure else "http",
        "CATALOGUES": str(ROOT / "webapp" / "core" / "web" / "translations"),
        "BABEL_DEFAULT_LOCALE": "en",
        "TEMPLATES_AUTO_RELOAD": settings.environment == "development",
    }


def _refuse_unreadable() -> None:
    """What no database can store, or what comes from another site, goes no further."""
    target = request.full_path
    if "\x00" in target or "\ufffd" in target:
        raise errors.NotThere
    if request.method not in METHODS:
        raise MethodNotAllowed(METHODS)
    if request.method == "POST" and request.headers.get("Sec-Fetch-Site", "same-origin") not in (
        "same-origin",
        "none",
    ):
        raise errors.NotAllowed(_l("This form was sent from another site, so we didn't accept it."))


def _headers(response: Response) -> Response:
    if response.status_code >= 500:
        session.modified = False  # what a broken request noted in the cookie did not happen either
    headers = response.headers
    headers.setdefault("Content-Security-Policy", current_app.config["CSP"])
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
    headers.setdefault("Cache-Control", "no-store")
    if request.is_secure:
        headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    return response
