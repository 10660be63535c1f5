"""The story's people before a running installation whose parts are being killed: what gets no answer is sent again."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import MultiDict

from tests.end_to_end.people import Story
from tests.support.http import ORIGIN, Walker

PATIENCE = 120.0  # seconds until an installation that was hit must answer again
T = TypeVar("T")


class Unanswered(AssertionError):
    """The installation did not come back in time."""


def until_it_works(work: Callable[[], T], *failures: type[BaseException]) -> T:
    """Do it again and again until it does not fail in one of these ways."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except failures as error:
            if time.monotonic() > end:
                raise Unanswered(str(error)) from error
            time.sleep(0.2)


class Answer:
    """An answer as the walkers read it."""

    def __init__(self, answer: requests.Response) -> None:
        self.status_code = answer.status_code
        self.headers = answer.headers
        self.data = answer.content

    def get_data(self, as_text: bool = False) -> Any:
        return self.data.decode() if as_text else self.data


class NoAnswer(Exception):
    """The connection broke or the installation said that it cannot serve now: nobody knows what became of it."""


class Client:
    """Speaks HTTP like a browser of one person. A form without an answer is sent again as it was, with its op."""

    def __init__(self, base: str, counts: dict[str, int]) -> None:
        self.base, self.counts = base, counts
        self.session = requests.Session()
        self.session.trust_env = False

    def get(self, path: str, headers: dict[str, str] | None = None, **_: Any) -> Answer:
        return self._send("GET", path, headers, None)

    def post(self, path: str, data: Any = None, headers: dict[str, str] | None = None, **_: Any) -> Answer:
        return self._send("POST", path, headers, data)

    def _send(self, method: str, path: str, headers: dict[str, str] | None, data: Any) -> Answer:
        fields, files = _parts(data)
        here = {name: value.replace(ORIGIN, self.base, 1) for name, value in (headers or {}).items()}

        def once() -> requests.Response:
            self.counts["sent"] += 1
            try:
                answer = self.session.request(
                    method,
                    urljoin(self.base, path),
                    headers={**here, "Connection": "close"},
                    data=fields,
                    files=files or None,
                    allow_redirects=False,
                    timeout=20,
                )
            except requests.RequestException as error:
                self.counts["unanswered"] += 1
                raise NoAnswer(str(error)) from error
            if answer.status_code in (500, 502, 503):
                self.counts[str(answer.status_code)] = self.counts.get(str(answer.status_code), 0) + 1
                raise NoAnswer(f"{answer.status_code} {method} {path}")
            return answer

        return Answer(until_it_works(once, NoAnswer))


def _parts(data: Any) -> tuple[list[tuple[str, Any]], list[tuple[str, Any]]]:
    fields: list[tuple[str, Any]] = []
    files: list[tuple[str, Any]] = []
    pairs = data.items(multi=True) if isinstance(data, MultiDict) else (data or {}).items()
    for name, value in pairs:
        if isinstance(value, tuple):
            stream, filename = value[0], value[1]
            content = stream.read() if hasattr(stream, "read") else stream
            files.append((name, (filename, content)))
        elif value is not None:
            fields.append((name, value))
    return fields, files


class RemoteWalker(Walker):
    """A walker before a running installation. A form that had its effect before is answered in other words."""

    def __init__(self, story: RemoteStory, name: str) -> None:
        super().__init__(story.app, name, htmx=story.htmx)
        self.client = Client(story.base, story.counts)  # type: ignore[assignment]

    def sees(self, *sentences: str) -> None:
        """Sentences differ when the first answer was lost; what must be true is checked in the database."""


class RemoteStory(Story):
    """The story told to a running installation; `app` only reads the same database."""

    def __init__(self, app: Any, worker: Any, base: str, *, htmx: bool) -> None:
        self.base = base
        self.counts: dict[str, int] = {"sent": 0, "unanswered": 0}
        super().__init__(app, worker, htmx=htmx)

    def walker(self, name: str) -> Walker:
        self.people[name] = RemoteWalker(self, name)
        return self.people[name]

    def link_in_mail(self, address: str, beginning: str) -> str:
        """The mail may still be with a worker that was killed: it is taken up again within the half minute."""
        return until_it_works(
            lambda: super(RemoteStory, self).link_in_mail(address, beginning), AssertionError
        )

    def read(self, question: Callable[[], Any]) -> Any:
        return until_it_works(lambda: super(RemoteStory, self).read(question), DBAPIError)

    def later(self, **days: float) -> None:
        before = self.days

        def once() -> None:
            self.days = before
            super(RemoteStory, self).later(**days)

        until_it_works(once, DBAPIError)
