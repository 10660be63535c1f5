"""What every test session does with the contract: a test whose exchanges broke it fails, with the sentences.

Kept light, since every test loads it: the description is read when the first exchange is looked at (`held.py`).
"""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from tests.contract import target

MARKERS = (
    "simulator_only(reason): what only the simulator can do; skipped against Stripe's test mode",
    "wrong_requests: sends Stripe requests that are wrong, on purpose; they must be refused",
)
# The simulator's own tests try on every page how it refuses what is wrong.
TRIES_WRONG_REQUESTS = "tests/stripe_simulator"


class Notes:
    """What was found during the test that runs now, by whichever thread served it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sentences: list[str] = []
        self.wrong_requests_are_meant = False

    def add(self, sentences: list[str]) -> None:
        with self._lock:
            self._sentences = list(dict.fromkeys([*self._sentences, *sentences]))

    def take(self) -> list[str]:
        """The sentences so far, which are then forgotten."""
        with self._lock:
            taken, self._sentences = self._sentences, []
        return taken


NOTES = Notes()


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    if target.refusal():
        raise pytest.UsageError(target.refusal())


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    NOTES.take()
    marked = item.get_closest_marker("wrong_requests") is not None
    NOTES.wrong_requests_are_meant = marked or TRIES_WRONG_REQUESTS in item.path.as_posix()
    marker = item.get_closest_marker("simulator_only")
    if marker and target.key():
        pytest.skip(f"Only the simulator can do this: {marker.args[0]}")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    try:
        yield
    except BaseException as error:
        for sentence in NOTES.take():
            error.add_note(f"Stripe's contract: {sentence}")
        raise
    sentences = NOTES.take()
    if sentences:
        pytest.fail("\n".join(["This breaks Stripe's contract:", *sentences]), pytrace=False)
