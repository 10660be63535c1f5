"""The simulator as a web server of its own: the interface, the hosted pages, and the machine's controls.

gunicorn --worker-class gthread --workers 1 --threads 16 'webapp.stripe_simulator.server:from_environment()'
"""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

import psycopg
from flask import Flask, Response, request
from psycopg_pool import PoolTimeout
from werkzeug.exceptions import HTTPException

from . import config as settings
from . import development, idempotency, machine, onboarding_pages, pages, payment_pages, webhooks
from .api import Answer, Api, Request, written
from .config import Config
from .refusals import Refused, broken
from .store import Store
from .webhooks import Deliverer, Sent

log = logging.getLogger(__name__)
ROOT = Path(__file__).resolve().parents[2]
LARGEST_BODY = 1024 * 1024


@dataclass
class Simulator:
    """What hangs on the app as `extensions["simulator"]`."""

    config: Config
    store: Store
    api: Api
    deliverer: Deliverer

    def deliver_due(self) -> Sent:
        """Send what is due now, one after the other, until nothing is."""
        return self.deliverer.deliver_due()

    def prepare(self, url: str | None = None) -> None:
        """Begin on a (new, or re-created) database: schema, and what a killed process left in flight."""
        self.store.reopen(url)
        self.store.prepare()
        idempotency.release_left_over(self.store)
        webhooks.release_left_over(self.store)

    def close(self) -> None:
        self.deliverer.stop()
        self.store.close()


def create_app(config: Config, *, deliver: bool = True) -> Flask:
    """The simulator. With `deliver` a thread sends the webhooks; without, `deliver_due()` does when called."""
    app = Flask("stripe_simulator", template_folder=str(ROOT / "templates"), static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.url_map.strict_slashes = False
    store = Store(config.database_url)
    simulator = Simulator(config, store, Api(config, store), Deliverer(config, store))
    app.extensions["simulator"] = simulator
    simulator.prepare()

    def interface(rest: str) -> Response:
        return _sent(simulator.api.answer(_read()))

    for prefix in ("v1", "v2"):
        app.add_url_rule(
            f"/{prefix}/<path:rest>",
            f"interface_{prefix}",
            interface,
            methods=["GET", "POST", "DELETE", "PUT", "PATCH"],
            provide_automatic_options=False,
        )
    app.register_blueprint(machine.blueprint(simulator.config, store, simulator.deliverer))
    app.register_blueprint(pages.blueprint())
    for part in (payment_pages, onboarding_pages, development):
        app.register_blueprint(part.blueprint(config, store))
    app.register_error_handler(Exception, _failed)
    if deliver:
        simulator.deliverer.start()
    return app


def _read() -> Request:
    return Request(
        request.method,
        request.path,
        request.query_string,
        request.get_data(cache=False),
        {name.lower(): value for name, value in request.headers.items()},
    )


def _sent(answer: Answer) -> Response:
    if answer.drop:
        drop_connection()
    return Response(answer.body, answer.status, answer.headers)


def drop_connection() -> None:
    """Cut the connection to the client, so that it hears nothing at all."""
    connection = request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")
    if isinstance(connection, socket.socket):
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)


def _failed(error: Exception) -> Response:
    """Whatever goes wrong outside the interface still has Stripe's shape."""
    refused = broken()
    if isinstance(error, HTTPException):
        if error.code and error.code < 400:
            return Response(status=error.code, headers=error.get_headers())
        refused = Refused(error.code or 500, error.description or error.name)
    elif isinstance(error, Refused):
        refused = error
    elif isinstance(error, psycopg.Error | PoolTimeout):
        log.warning("The simulator cannot reach its database: %s", error)
    else:
        log.error("The simulator failed", exc_info=error)
    return Response(written(refused.body(1)), refused.status, content_type="application/json")


def from_environment() -> Flask:
    """For gunicorn: settings from the environment; waits for a database that is still starting."""
    config = settings.from_environment(os.environ)
    for attempt in range(30):
        try:
            return create_app(config)
        except (psycopg.OperationalError, PoolTimeout):
            if attempt == 29:
                raise
            time.sleep(1)
    raise AssertionError("unreachable")
