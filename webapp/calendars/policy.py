"""Who may read a person's dates: anyone who has the address, as long as it is valid."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from webapp.calendars.models import CalendarFeed
from webapp.core import config
from webapp.core.security import rate_limits
from webapp.core.security.rate_limits import Limit


def token_of(feed: CalendarFeed) -> str:
    """The part of the address that nobody can guess: hex HMAC-SHA256 of the person and their secret.

    Keyed by the app's own key, so that a copy of the database opens no calendar.
    """
    message = b"calendar:%d:" % feed.person_id + feed.secret
    return hmac.new(config.current().secret_key.encode(), message, hashlib.sha256).hexdigest()


def opens(feed: CalendarFeed, token: str) -> bool:
    """Is this the token of the address in force?"""
    return hmac.compare_digest(token.encode("utf-8", "replace"), token_of(feed).encode())


CALENDARS = Limit("calendars", 120, timedelta(hours=1))


GUESSES = Limit("guessed_calendars", 60, timedelta(hours=1))


def before_calendar(person_id: int) -> None:
    """Count a reading of a person's calendar by their programs; raises TooMany."""
    rate_limits.spend(CALENDARS, person_id)


def before_guess(address: str | None) -> None:
    """Count an address of a calendar that is none: strangers cannot use up what its owner may read. Raises TooMany."""
    rate_limits.spend(GUESSES, rate_limits.network_of(address))
