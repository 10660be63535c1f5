"""Finding people and the links we mailed to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, or_, select

from webapp.accounts import policy
from webapp.accounts.models import MailToken, Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.database.pages import Page, read_page
from webapp.core.database.words import holds
from webapp.core.lifecycle.history import Viewer
from webapp.core.security.sessions import WebSession
from webapp.core.security.tokens import token_hash

DEMO_ROLES = {
    "intern": _l("Intern"),
    "intern_by_stripe": _l("Intern, paid by Stripe"),
    "employer_owner": _l("Employer: owner"),
    "employer_by_stripe": _l("Employer: owner, pays by Stripe"),
    "employer_reviewer": _l("Employer: reviewer"),
    "finance": _l("Finance"),
    "finance_second": _l("Second finance person"),
    "programme_manager": _l("Programme manager"),
    "mentor": _l("Mentor"),
    "operator": _l("Operator"),
}


def by_email(email: str) -> Person | None:
    """The account of an address, whatever its upper and lower case."""
    return db.session.scalars(
        select(Person).where(func.lower(Person.email) == email.strip().lower())
    ).one_or_none()


def still_signed_in(asked: Iterable[tuple[int, bytes]]) -> dict[tuple[int, bytes], Person]:
    """Of these (person, session) those that are still signed in, each with its person."""
    pairs = set(asked)
    now = clock.real_now()
    rows = db.session.execute(
        select(WebSession, Person)
        .join(Person, Person.id == WebSession.person_id)
        .where(WebSession.token_hash.in_({session for _, session in pairs}))
    )
    return {
        (person.id, bytes(row.token_hash)): person
        for row, person in rows
        if row.alive(now) and person.is_active and (person.id, bytes(row.token_hash)) in pairs
    }


def by_emails(emails: Iterable[str]) -> dict[str, Person]:
    """The active accounts of these addresses, by address."""
    addresses = [email.lower() for email in emails]
    people = (
        db.session.scalars(select(Person).where(func.lower(Person.email).in_(addresses))) if addresses else ()
    )
    return {person.email: person for person in people if person.is_active}


def demo_people(accounts: Mapping[str, str]) -> list[dict[str, Any]]:
    """The people of a demo in the order of the story, by the addresses of their roles."""
    known = by_emails(accounts.values())
    return [
        {"role": role, "label": label, "name": known[accounts[role]].full_name}
        for role, label in DEMO_ROLES.items()
        if accounts.get(role) in known
    ]


def holder(token: MailToken) -> Person:
    """Whose link it is."""
    return db.session.get_one(Person, token.person_id)


def names(ids: set[int]) -> dict[int, str]:
    """The full names of people, by id."""
    if not ids:
        return {}
    rows = db.session.execute(select(Person.id, Person.full_name).where(Person.id.in_(ids)))
    return {row.id: row.full_name for row in rows}


def live_token(token: str, purpose: str) -> MailToken | None:
    """The row of a mailed link that still works."""
    row = db.session.get(MailToken, token_hash(token))
    if row is None or row.purpose != purpose or row.used_at is not None or row.expires_at <= clock.real_now():
        return None
    return row


def people(search: str, after: int | None) -> Page[Person]:
    """People whose name or address holds `search`, the newest first, a page at a time."""
    query = select(Person)
    if search:
        query = query.where(or_(holds(Person.full_name, search), holds(Person.email, search)))
    return read_page(query, Person, (Person.id,), after, newest_first=True)


def person_for_operator(person: Viewer, person_id: int) -> Person | None:
    """Anybody, for those who run the installation; for others there is no such page."""
    return db.session.get(Person, person_id) if policy.operates(person, None) else None


def operators() -> list[Person]:
    """Who runs the installation."""
    return list(db.session.scalars(select(Person).where(Person.is_operator, Person.deactivated_at.is_(None))))
