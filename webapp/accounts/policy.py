"""Who may do what to accounts."""

from __future__ import annotations

from datetime import timedelta

from webapp.accounts.models import Person
from webapp.core.lifecycle.history import Viewer
from webapp.core.security import rate_limits
from webapp.core.security.rate_limits import Limit


def operates(person: Viewer, _subject: object) -> bool:
    """Only those who run the installation."""
    return isinstance(person, Person) and person.is_operator


def may_deactivate(person: Viewer, other: Person) -> bool:
    """An operator, somebody else's account; their own they end in their settings."""
    return (
        isinstance(person, Person)
        and person.is_operator
        and other.id != person.id
        and other.deactivated_at is None
    )


def may_reactivate(person: Viewer, other: Person) -> bool:
    """An operator, an account that was deactivated."""
    return operates(person, other) and other.deactivated_at is not None


def may_make_operator(person: Viewer, other: Person) -> bool:
    """An operator, of an active account."""
    return operates(person, other) and not other.is_operator and other.is_active


def is_intern(person: Viewer, _subject: object) -> bool:
    """People who do the work, and are paid for it."""
    return isinstance(person, Person) and person.is_intern


SIGN_UP = Limit("sign_up_address", 30, timedelta(hours=1))


RESET = Limit("reset", 5, timedelta(days=1))


VERIFICATION_MAIL = Limit("verification_mail", 3, timedelta(hours=6))


def before_sign_up(address: str | None) -> None:
    """Count an account that a browser wants to open, or a password it wants to set, before any hashing; raises TooMany."""
    rate_limits.spend(SIGN_UP, rate_limits.network_of(address))


def before_reset(email: str) -> None:
    """Count a wish for a new password; the page says the same either way. Raises TooMany."""
    rate_limits.spend(RESET, email)


def before_verification_mail(email: str) -> None:
    """Count a mail that asks an address to confirm itself; raises TooMany."""
    rate_limits.spend(VERIFICATION_MAIL, email)
