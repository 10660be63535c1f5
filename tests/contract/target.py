"""Against whom the contract suite runs: the simulator, or Stripe's test mode when `STRIPE_CONTRACT_KEY` is set."""

from __future__ import annotations

import os
import socket
from functools import cache
from urllib.parse import urlsplit

VARIABLE = "STRIPE_CONTRACT_KEY"
TEST_KEYS = ("sk_test_", "rk_test_")


def key() -> str:
    """The key for Stripe's test mode; empty when the suite runs against the simulator."""
    return os.environ.get(VARIABLE, "")


def refusal() -> str:
    """Why the key cannot be used, in a sentence without the key; empty when it can, or there is none."""
    if not key() or key().startswith(TEST_KEYS):
        return ""
    return f"{VARIABLE} must be a key of Stripe's test mode ({' or '.join(TEST_KEYS)}...): no test uses a live key."


def is_stripe(address: str) -> bool:
    """May a test connect to this address? Only to Stripe's interface, and only when there is a key for its test mode."""
    return bool(key()) and not refusal() and address in _addresses()


@cache
def _host() -> str:
    import stripe

    return urlsplit(stripe.DEFAULT_API_BASE).hostname or ""


_seen: set[str] = set()


def _addresses() -> set[str]:
    # Its name leads to other addresses from time to time; one that it led to stays good.
    _seen.update(str(found[4][0]) for found in socket.getaddrinfo(_host(), 443, type=socket.SOCK_STREAM))
    return _seen
