"""Ids as Stripe writes them: a prefix that says what it is, and letters nobody can guess."""

from __future__ import annotations

import secrets
import string

ALPHABET = string.ascii_letters + string.digits


def new(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


def account() -> str:
    """An account's id, which begins with acct_1."""
    return new("acct", 16).replace("acct_", "acct_1", 1)
