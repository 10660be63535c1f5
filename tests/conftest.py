"""The ground of every test: fixtures live in tests/support, one module a layer."""

from __future__ import annotations

import ipaddress
import socket
import sys
from typing import Any

from hypothesis import settings

from tests.contract import target

pytest_plugins = [
    "tests.contract.plugin",
    "tests.support.postgres",
    "tests.support.application",
    "tests.support.browser",
]

# The same examples in every run: long random searches are `make soak`.
settings.register_profile("stint", derandomize=True, deadline=None, database=None)
settings.load_profile("stint")


def _stay_on_this_machine(event: str, arguments: tuple[Any, ...]) -> None:
    """No test mails, pays or fetches: a connection that would leave the machine fails with a sentence.

    The one exception is the contract suite with a key of Stripe's test mode in hand.
    """
    if event != "socket.connect":
        return
    connection, address = arguments
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    try:
        local = address[0] == "localhost" or ipaddress.ip_address(address[0]).is_loopback
    except ValueError:
        local = False
    if not local and not target.is_stripe(str(address[0])):
        raise RuntimeError(f"A test tried to reach {address[0]}: tests use no network.")


sys.addaudithook(_stay_on_this_machine)
