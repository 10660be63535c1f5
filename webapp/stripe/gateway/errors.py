"""What is known about a call to Stripe that gave no answer, and a webhook that is not to be believed."""

from __future__ import annotations


class GatewayError(Exception):
    """A call that gave no answer to use; `code` is Stripe's or ours, `request` the id by which Stripe knows it."""

    def __init__(self, code: str, message: str = "", *, status: int | None = None, request: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code, self.message, self.status, self.request = code, message[:500], status, request


class Rejected(GatewayError):
    """Surely not done, and asking again in the same way would change nothing."""


class Later(GatewayError):
    """Surely not done yet: Stripe was busy, or does not know us; the same request may be sent again."""


class Unknown(GatewayError):
    """Nobody knows whether it was done."""


class Misused(Unknown):
    """A key was used with other parameters than before: a fault of ours that somebody has to look at."""


class Forged(Exception):
    """A webhook that Stripe did not send, or not to us; the message says why."""
