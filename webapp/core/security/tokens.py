"""Single-use secrets in the links of mails."""

from __future__ import annotations

import hashlib
from secrets import token_urlsafe


def new_token() -> str:
    """A secret for a link in a mail: 256 bits."""
    return token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
