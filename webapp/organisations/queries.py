"""Organisations, their members and settings, as other slices and their own pages need them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp.accounts.models import Person
from webapp.core.database import clock, facts
from webapp.core.database.base import db
from webapp.core.database.pages import Page, count_rows, read_page
from webapp.core.lifecycle.history import Viewer
from webapp.core.security.tokens import token_hash
from webapp.organisations import policy
from webapp.organisations.models import Invitation, Membership, Organisation, ProgrammeSettings


def members(organisation_id: int, *roles: str) -> list[Person]:
    """The active people of an organisation, each once, the longest account first; only these roles when given."""
    belonging = select(Membership.person_id).where(
        Membership.organisation_id == organisation_id, Membership.ended_at.is_(None)
    )
    if roles:
        belonging = belonging.where(Membership.role.in_(roles))
    return list(
        db.session.scalars(
            select(Person)
            .where(
                Person.id.in_(belonging), Person.deactivated_at.is_(None), Person.confirmed_at.is_not(None)
            )
            .order_by(Person.id)
        )
    )


def employers_of(person: Viewer) -> list[Organisation]:
    """The employers a person belongs to."""
    return _organisations_of(person, "employer")


def programmes_of(person: Viewer) -> list[Organisation]:
    """The programmes a person belongs to."""
    return _organisations_of(person, "programme")


def _organisations_of(person: Viewer, kind: str) -> list[Organisation]:
    organisation_ids = {organisation_id for organisation_id, _role in policy.memberships_of(person)}
    if not organisation_ids:
        return []
    own = (
        select(Organisation)
        .where(Organisation.id.in_(organisation_ids), Organisation.org_kind == kind)
        .order_by(Organisation.id)
    )
    # The menu asks too. By the memberships, which may change meanwhile.
    key = (kind, frozenset(organisation_ids))
    return facts.remember("own_organisations", key, lambda: list(db.session.scalars(own)))


def settings_of(programme_id: int) -> ProgrammeSettings:
    """The settings of a programme."""
    return db.session.get_one(ProgrammeSettings, programme_id)


def programmes_with_settings() -> list[tuple[Organisation, ProgrammeSettings]]:
    """Every programme with its settings, by name."""
    rows = db.session.execute(
        select(Organisation, ProgrammeSettings)
        .join(ProgrammeSettings, ProgrammeSettings.organisation_id == Organisation.id)
        .order_by(Organisation.name, Organisation.id)
    )
    return [(programme, settings) for programme, settings in rows]


def default_programme() -> Organisation | None:
    """The programme that new postings belong to; None before `flask setup`."""
    return db.session.scalars(
        select(Organisation).where(Organisation.org_kind == "programme").order_by(Organisation.id).limit(1)
    ).one_or_none()


def all_of_kind(kind: str) -> list[Organisation]:
    """Every employer, or every programme, by name."""
    return list(
        db.session.scalars(
            select(Organisation)
            .where(Organisation.org_kind == kind)
            .order_by(Organisation.name, Organisation.id)
        )
    )


def page_of_kind(kind: str, after: int | None = None) -> Page[Organisation]:
    """The same, a page at a time."""
    every = select(Organisation).where(Organisation.org_kind == kind)
    return read_page(every, Organisation, (Organisation.name, Organisation.id), after)


def count_of_kind(kind: str) -> int:
    """How many employers, or programmes, there are."""
    return count_rows(select(Organisation).where(Organisation.org_kind == kind))


def for_viewer(person: Viewer, organisation_id: int) -> Organisation | None:
    """The organisation, if this person may see its page."""
    organisation = db.session.get(Organisation, organisation_id)
    return organisation if organisation is not None and policy.may_see(person, organisation) else None


def for_insider(person: Viewer, organisation_id: int) -> Organisation | None:
    """The organisation, if this person may see its people and history."""
    organisation = db.session.get(Organisation, organisation_id)
    return organisation if organisation is not None and policy.may_look_inside(person, organisation) else None


def memberships(organisation_id: int, after: int | None = None) -> Page[Membership]:
    """The running memberships with their people, also of people who are deactivated, a page at a time."""
    running = (
        select(Membership)
        .where(Membership.organisation_id == organisation_id, Membership.ended_at.is_(None))
        .options(joinedload(Membership.person))
    )
    return read_page(running, Membership, (Membership.began_at, Membership.id), after)


def membership_for_viewer(person: Viewer, organisation_id: int, membership_id: int) -> Membership | None:
    """A running membership of an organisation that this person may look into."""
    if for_insider(person, organisation_id) is None:
        return None
    membership = db.session.get(
        Membership,
        membership_id,
        options=[joinedload(Membership.organisation), joinedload(Membership.person)],
    )
    if membership is None or membership.organisation_id != organisation_id or membership.ended_at is not None:
        return None
    return membership


def running(organisation_id: int, person_id: int, role: str) -> Membership | None:
    """The running membership of a person in one role."""
    return db.session.scalars(
        select(Membership).where(
            Membership.organisation_id == organisation_id,
            Membership.person_id == person_id,
            Membership.role == role,
            Membership.ended_at.is_(None),
        )
    ).one_or_none()


def led_alone_by(person: Person) -> list[Organisation]:
    """The organisations that would be left without any leader if this person went.

    Of the others, only those count who can sign in: their address is confirmed and their account is open.
    """
    led = [
        organisation
        for organisation in [*employers_of(person), *programmes_of(person)]
        if policy.holds(person, organisation.id, policy.leading_role(organisation))
    ]
    with_others = set(
        db.session.scalars(
            select(Membership.organisation_id)
            .join(Membership.person)
            .where(
                Membership.organisation_id.in_([organisation.id for organisation in led]),
                Membership.role.in_({policy.leading_role(organisation) for organisation in led}),
                Membership.ended_at.is_(None),
                Person.id != person.id,
                Person.deactivated_at.is_(None),
                Person.confirmed_at.is_not(None),
            )
        )
    )
    return [organisation for organisation in led if organisation.id not in with_others]


def is_open(invitation: Invitation) -> bool:
    """Can this invitation still be accepted?"""
    return (
        invitation.accepted_at is None
        and invitation.revoked_at is None
        and invitation.expires_at > clock.real_now()
    )


def invitation_by_token(token: str) -> Invitation | None:
    """The invitation of a mailed link, whatever became of it."""
    return db.session.scalars(
        select(Invitation)
        .where(Invitation.token_hash == token_hash(token))
        .options(joinedload(Invitation.organisation))
    ).one_or_none()


def open_invitations(organisation_id: int, after: int | None = None) -> Page[Invitation]:
    """Invitations that can still be accepted, the newest first, a page at a time."""
    unanswered = select(Invitation).where(
        Invitation.organisation_id == organisation_id,
        Invitation.accepted_at.is_(None),
        Invitation.revoked_at.is_(None),
        Invitation.expires_at > clock.real_now(),
    )
    return read_page(unanswered, Invitation, (Invitation.id,), after, newest_first=True)


def invitation_for_viewer(person: Viewer, organisation_id: int, invitation_id: int) -> Invitation | None:
    """An invitation of an organisation that this person may look into."""
    if for_insider(person, organisation_id) is None:
        return None
    invitation = db.session.get(Invitation, invitation_id, options=[joinedload(Invitation.organisation)])
    return invitation if invitation is not None and invitation.organisation_id == organisation_id else None
