"""Who may look at the line to Stripe."""

from __future__ import annotations

from typing import Any

from webapp.organisations.policy import operates


def is_operator(person: Any, thing: Any) -> bool:
    """Whoever runs the installation."""
    return operates(person)
