"""What is loaded before the first page: the SDK only where it is used, and then before the workers are forked."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

LOADED = (
    "import sys, wsgi; print([name for name in ('stripe', 'requests', 'icalendar') if name in sys.modules])"
)
ENVIRONMENT = {
    "STINT_ENV": "test",
    "SECRET_KEY": "s" * 64,
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "DATABASE_OWNER_URL": "postgresql://nobody@127.0.0.1:1/none",
}
STRIPE = {
    "STRIPE_SECRET_KEY": "sk_test_loading",
    "STRIPE_WEBHOOK_SECRET": "whsec_platform",
    "STRIPE_CONNECT_WEBHOOK_SECRET": "whsec_connected",
    "STRIPE_THIN_WEBHOOK_SECRET": "whsec_thin",
}


def told(code: str, settings: dict[str, str]) -> str:
    """What a new process prints that has nothing set but this."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("STRIPE_", "STINT_"))}
    environment = {**kept, **ENVIRONMENT, **settings}
    return subprocess.check_output([sys.executable, "-c", code], env=environment, text=True).strip()


@pytest.mark.parametrize(("settings", "loaded"), [({}, "[]"), (STRIPE, "['stripe', 'requests']")])
def test_the_sdk_is_loaded_with_the_app_where_stripe_is_set_up_and_nowhere_else(
    settings: dict[str, str], loaded: str
) -> None:
    assert told(LOADED, settings) == loaded


def test_collecting_garbage_goes_on_once_the_app_is_loaded() -> None:
    assert told("import gc, wsgi; print(gc.isenabled())", {}) == "True"
