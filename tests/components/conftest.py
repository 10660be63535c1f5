"""The components alone, called and served."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient
from flask.wrappers import Response
from werkzeug.serving import make_server

from tests.components.pages import small_app

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'"
)


@pytest.fixture
def components() -> Flask:
    return small_app()


@pytest.fixture
def visitor(components: Flask) -> FlaskClient:
    return components.test_client()


@pytest.fixture
def write(components: Flask) -> Callable[..., str]:
    """Render a snippet of a template with the components at hand: `write("{{ ui.button('Go') }}")`."""

    def render(snippet: str, **context: Any) -> str:
        with components.test_request_context("/?lang=" + context.pop("lang", "en")):
            return render_template_string('{% import "_base/ui.html" as ui %}' + snippet, **context)

    return render


@pytest.fixture
def address(components: Flask) -> Iterator[str]:
    """The components behind HTTP, with the product's policy, for a browser."""

    @components.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        return response

    server = make_server("127.0.0.1", 0, components, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
