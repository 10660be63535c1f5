"""How many deliveries that Stripe did not send are written down."""

from __future__ import annotations

from datetime import timedelta

from webapp.core.security import rate_limits
from webapp.core.security.rate_limits import Limit

REFUSALS = Limit("refused_deliveries", 60, timedelta(hours=1))


REFUSALS_OF_ALL = Limit("refused_deliveries_all", 1_000, timedelta(hours=1))


def before_refusal(address: str | None) -> None:
    """Count a refused webhook that is about to be written down; raises TooMany."""
    rate_limits.spend(REFUSALS, rate_limits.network_of(address))
    rate_limits.spend(REFUSALS_OF_ALL)
