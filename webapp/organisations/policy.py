"""Who belongs to which organisation, and what that lets them do there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlalchemy import func, select

from webapp.accounts.models import Person
from webapp.core.database import facts
from webapp.core.database.base import db
from webapp.core.database.facts import PersonFact
from webapp.core.lifecycle.history import HistoryEntry, Viewer
from webapp.core.security import rate_limits
from webapp.core.security.rate_limits import Limit
from webapp.organisations.models import EMPLOYER_ROLES, PROGRAMME_ROLES, Membership, Organisation

Held = frozenset[tuple[int, str]]
HELD = (
    select(func.json_agg(func.json_build_array(Membership.organisation_id, Membership.role)))
    .where(Membership.person_id == Person.id, Membership.ended_at.is_(None))
    .correlate(Person)
    .scalar_subquery()
)


def _held(rows: list[tuple[int, str]] | None) -> Held:
    return frozenset((organisation_id, role) for organisation_id, role in rows or ())


PERSON_FACTS = {"memberships": PersonFact(HELD, _held)}


def holds(person: Viewer, organisation_id: int, *roles: str) -> bool:
    """Has this person one of these roles there now? Without roles: any. Nobody and the system hold none."""
    return any(
        held_id == organisation_id and (not roles or role in roles)
        for held_id, role in memberships_of(person)
    )


def operates(person: Viewer) -> bool:
    """Does this person run the installation?"""
    return isinstance(person, Person) and person.is_operator


def is_near_money(person: Viewer) -> bool:
    """Finance people and operators: a browser they walked away from does not stay open for long."""
    return operates(person) or any(role == "finance" for _place, role in memberships_of(person))


def memberships_of(person: Viewer) -> Held:
    """Every (organisation, role) a person holds now; read once a transaction, and again after each lock."""
    if not isinstance(person, Person):
        return frozenset()
    return facts.remember("memberships", person.id, lambda: _held_by([person.id])[person.id])


def _held_by(people: Iterable[int]) -> dict[int, Held]:
    held: dict[int, set[tuple[int, str]]] = {person_id: set() for person_id in people}
    rows = db.session.execute(
        select(Membership.person_id, Membership.organisation_id, Membership.role).where(
            Membership.person_id.in_(held), Membership.ended_at.is_(None)
        )
    )
    for person_id, organisation_id, role in rows:
        held[person_id].add((organisation_id, role))
    return {person_id: frozenset(memberships) for person_id, memberships in held.items()}


def read_memberships(people: Iterable[Person]) -> None:
    """Read the memberships of many people at once, before each of them is asked about in this transaction."""
    facts.preload("memberships", _held_by(person.id for person in people))


def forget_memberships() -> None:
    """Read memberships again: one has just changed in this transaction."""
    facts.forget()


def may_see(person: Viewer, _organisation: Organisation) -> bool:
    """Its name and what it says of itself: everybody with an account."""
    return person is not None


def may_look_inside(person: Viewer, organisation: Organisation) -> bool:
    """Its people and its history: members, operators, and for an employer the managers of programmes."""
    held = memberships_of(person)
    return (
        operates(person)
        or any(organisation_id == organisation.id for organisation_id, _role in held)
        or (not organisation.is_programme and any(role == "manager" for _place, role in held))
    )


def may_read_words(person: Viewer, organisation: Organisation, entry: HistoryEntry) -> bool:
    """What a line of its history quotes, for those who may look inside: before and after of what it says of itself.

    Bank details, whose account numbers are masked, only for who manages the place or keeps its money.
    """
    if "bank_details" in entry.params.get("changed", ()):
        return may_manage(person, organisation) or holds(person, organisation.id, "finance")
    return may_look_inside(person, organisation)


def may_manage(person: Viewer, organisation: Organisation) -> bool:
    """Invite, change roles, end memberships: an employer's owner, a programme's manager, an operator."""
    leader = leading_role(organisation)
    return operates(person) or holds(person, organisation.id, leader)


def may_end(person: Viewer, membership: Membership) -> bool:
    """Those who manage, and the member: everybody may leave."""
    return may_manage(person, membership.organisation) or (
        isinstance(person, Person) and membership.person_id == person.id
    )


def may_set(person: Viewer, organisation: Organisation) -> bool:
    """Change a programme's settings: its manager, or an operator."""
    return organisation.is_programme and may_manage(person, organisation)


def is_operator(person: Viewer, _subject: object) -> bool:
    """Policy of pages that only operators use."""
    return operates(person)


def leading_role(organisation: Organisation) -> str:
    """The role of which an organisation must always have somebody."""
    return "manager" if organisation.is_programme else "owner"


def roles_of(organisation: Organisation) -> tuple[str, ...]:
    """The roles that exist in an organisation of this kind."""
    return PROGRAMME_ROLES if organisation.is_programme else EMPLOYER_ROLES


INVITATIONS = Limit("invitations", 20, timedelta(days=1))


def before_invitation(organisation_id: int) -> None:
    """Count an invitation of an organisation; raises TooMany."""
    rate_limits.spend(INVITATIONS, organisation_id)
