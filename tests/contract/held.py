"""A Stripe simulator, held to Stripe's contract: a WSGI application around its own.

    server = make_server("127.0.0.1", 0, Held(app.wsgi_app), threaded=True)

Every exchange under /v1/ and /v2/ is looked at while it passes, and passes unchanged. What breaks the contract fails
the test that runs (`plugin.py`). An answer that the simulator marks as made by an injected fault is not looked at; its
request is. A wrong request is the test's fault, unless the test is marked `wrong_requests`; a wrong request that is
answered as if it were right is always the simulator's.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any

from tests.contract.openapi import Exchange, contract
from tests.contract.plugin import NOTES, Notes

FAULT_HEADER = "X-Simulator-Fault"
Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]


class Held:
    def __init__(self, application: Application, notes: Notes = NOTES) -> None:
        self.application = application
        self.notes = notes

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not environ.get("PATH_INFO", "").startswith(("/v1/", "/v2/")):
            return self.application(environ, start_response)
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        started: list[Any] = ["", []]

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            started[:] = [status, headers]
            return start_response(status, headers, *rest)

        # Read to the end before anything leaves, so that what is found is noted before the client goes on.
        answer: bytes | None = None
        try:
            pieces = self.application(environ, start)
            try:
                answer = b"".join(pieces)
            finally:
                if close := getattr(pieces, "close", None):
                    close()
        finally:
            self.notes.add(self._found(environ, body, started, answer))
        return [answer]

    def _found(self, environ: Environ, body: bytes, started: list[Any], answer: bytes | None) -> list[str]:
        status, headers = started[0], dict(started[1])
        exchange = Exchange(
            environ["REQUEST_METHOD"],
            environ["PATH_INFO"],
            environ.get("QUERY_STRING", ""),
            request_headers(environ),
            body,
            int(status.split()[0]) if status else 0,
            answer or b"",
            headers,
        )
        made_by_a_fault = answer is None or FAULT_HEADER.lower() in (name.lower() for name in headers)
        wrong = contract().request_breaches(exchange)
        if exchange.status == 200 and not made_by_a_fault:
            wrong = [f"{sentence} It was accepted." for sentence in wrong]
        elif self.notes.wrong_requests_are_meant:
            wrong = []
        return wrong if made_by_a_fault else [*wrong, *contract().answer_breaches(exchange)]


def request_headers(environ: Environ) -> dict[str, str]:
    found = {
        name[5:].replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return {**found, "content-type": environ.get("CONTENT_TYPE", "")}
