"""Who may read a person's dates: whoever holds the address, as long as it is the one in force."""

from __future__ import annotations

import hashlib
import hmac

from webapp.calendars.models import CalendarFeed
from webapp.core import config


def token_of(feed: CalendarFeed) -> str:
    """The part of the address that nobody can guess: hex HMAC-SHA256 of the person and their secret.

    Keyed by the app's own key, so that a copy of the database opens no calendar.
    """
    told = b"calendar:%d:" % feed.person_id + feed.secret
    return hmac.new(config.current().secret_key.encode(), told, hashlib.sha256).hexdigest()


def opens(feed: CalendarFeed, token: str) -> bool:
    """Is this the token of the address in force?"""
    return hmac.compare_digest(token.encode("utf-8", "replace"), token_of(feed).encode())
