"""Who may do what to accounts."""

from __future__ import annotations

from typing import Any

from webapp.accounts.models import Person


def operates(person: Any, _thing: Any) -> bool:
    """Only those who run the installation."""
    return isinstance(person, Person) and person.is_operator


def may_deactivate(person: Any, other: Person) -> bool:
    """An operator, somebody else's account; their own they end in their settings."""
    return operates(person, other) and other.id != person.id and other.deactivated_at is None


def may_reactivate(person: Any, other: Person) -> bool:
    """An operator, an account that was deactivated."""
    return operates(person, other) and other.deactivated_at is not None


def may_make_operator(person: Any, other: Person) -> bool:
    """An operator, of an active account."""
    return operates(person, other) and not other.is_operator and other.is_active


def is_intern(person: Any, _thing: Any) -> bool:
    """People who do the work, and are paid for it."""
    return person is not None and person.is_intern
