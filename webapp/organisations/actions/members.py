"""Founding organisations, and who belongs to them in which role."""

from __future__ import annotations

from datetime import timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import update

from webapp.accounts import queries as account_queries
from webapp.accounts.actions import accounts as account_actions
from webapp.accounts.actions.accounts import Newcomer
from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Gone, Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import Actor
from webapp.core.security import tokens
from webapp.notifications.actions import tell
from webapp.organisations import mails, policy, queries
from webapp.organisations.models import Invitation, Membership, Organisation

INVITED_FOR = timedelta(hours=48)


def invite(organisation: Organisation, *, actor: Person, email: str, role: str) -> Invitation:
    """Invite an address to one role: 48 hours, single use. An open invitation to the same role is replaced."""
    if role not in policy.roles_of(organisation):
        raise Invalid(_l("Choose a role from the list."), field="role")
    _lock(organisation)
    known = account_queries.by_email(email)
    if known is not None and policy.holds(known, organisation.id, role):
        raise Invalid(_l("This person has that role already."), field="email")
    now = clock.real_now()
    db.session.execute(
        update(Invitation)
        .where(
            Invitation.organisation_id == organisation.id,
            Invitation.email == email.lower(),
            Invitation.role == role,
            Invitation.accepted_at.is_(None),
            Invitation.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .execution_options(synchronize_session=False)
    )
    token = tokens.new_token()
    invitation = Invitation(
        organisation_id=organisation.id,
        email=email.lower(),
        role=role,
        token_hash=tokens.token_hash(token),
        invited_by_id=actor.id,
        invited_at=now,
        expires_at=now + INVITED_FOR,
    )
    db.session.add(invitation)
    db.session.flush()
    history.record(organisation, invitation, "invite", actor=actor, params={"role": role})
    mails.send_invitation(invitation, organisation, token, inviter=actor, known=known)
    return invitation


def appoint(organisation: Organisation, person: Person, role: str, *, actor: Actor) -> Membership:
    """Give someone a role without an invitation, when an installation is set up; one that they have stays as it is."""
    if role not in policy.roles_of(organisation):
        raise Invalid(_l("Choose a role from the list."), field="role")
    _lock(organisation)
    running = queries.running(organisation.id, person.id, role)
    if running is not None:
        return running
    membership = _add(organisation, person, role)
    history.record(organisation, membership, "join", actor=actor, params={"person": person.id, "role": role})
    return membership


def revoke(invitation: Invitation, *, actor: Person) -> None:
    """Take an invitation back; its link is dead."""
    _lock(invitation.organisation)
    db.session.refresh(invitation, with_for_update={"of": Invitation})
    if not queries.is_open(invitation):
        raise NotNow(_l("This invitation was already accepted, or it has ended."))
    invitation.revoked_at = clock.real_now()
    history.record(
        invitation.organisation, invitation, "revoke", actor=actor, params={"role": invitation.role}
    )


def accept(invitation: Invitation, *, actor: Person) -> Membership:
    """Join the organisation one was invited to. Raises Gone for a used link, NotAllowed for another address."""
    _lock(invitation.organisation)
    # Two clicks on one link: the second waits for this row and finds it used.
    db.session.refresh(invitation, with_for_update={"of": Invitation})
    if not queries.is_open(invitation):
        raise Gone(_l("This invitation was already used, was revoked, or is older than 48 hours."))
    if actor.email.lower() != invitation.email.lower():
        raise NotAllowed(
            _l("This invitation is for a different email address from the one you're signed in with.")
        )
    invitation.accepted_at = clock.real_now()
    organisation = invitation.organisation
    membership = queries.running(organisation.id, actor.id, invitation.role) or _add(
        organisation, actor, invitation.role
    )
    history.record(organisation, organisation, "join", actor=actor, params={"role": invitation.role})
    inviter = db.session.get_one(Person, invitation.invited_by_id)
    tell(
        inviter,
        "member_joined",
        key=f"joined:{invitation.id}",
        path=f"/organisations/{organisation.id}",
        name=actor.full_name,
        organisation=organisation.name,
    )
    return membership


def join_invited(invitation: Invitation, newcomer: Newcomer, *, actor: Actor) -> Person:
    """Open an account by an invitation, which proves the mailbox, and join. Raises Gone, Invalid."""
    if newcomer.email.lower() != invitation.email.lower():
        raise NotAllowed
    person = account_actions.sign_up_proved(newcomer, actor=actor)
    accept(invitation, actor=person)
    return person


def change_role(membership: Membership, *, actor: Person, role: str) -> Membership:
    """Give a member another role in place of this one; it counts from the next request on."""
    organisation = membership.organisation
    _lock(organisation)
    db.session.refresh(membership, with_for_update={"of": Membership})
    _refuse_ended(membership)
    if role == membership.role:
        return membership
    if role not in policy.roles_of(organisation):
        raise Invalid(_l("Choose a role from the list."), field="role")
    if queries.running(organisation.id, membership.person_id, role) is not None:
        raise Invalid(_l("This person has that role already."), field="role")
    _refuse_last(membership)
    before, membership.ended_at = membership.role, clock.now()
    db.session.flush()
    changed = _add(organisation, membership.person, role)
    entry = history.record(
        organisation,
        changed,
        "role",
        actor=actor,
        params={"person": membership.person_id, "from": before, "to": role},
    )
    _tell_changed(membership, "role_changed", f"role:{organisation.id}:{entry.number}", actor)
    return changed


def end_membership(membership: Membership, *, actor: Person) -> None:
    """End one role of a member; from the next request on they have lost what it allowed."""
    organisation = membership.organisation
    _lock(organisation)
    db.session.refresh(membership, with_for_update={"of": Membership})
    _refuse_ended(membership)
    _refuse_last(membership)
    membership.ended_at = clock.now()
    db.session.flush()
    policy.forget_memberships()
    entry = history.record(
        organisation,
        membership,
        "leave",
        actor=actor,
        params={"person": membership.person_id, "role": membership.role},
    )
    _tell_changed(membership, "role_ended", f"left:{organisation.id}:{entry.number}", actor)


def refuse_orphaning(person: Person, *, actor: Actor) -> None:
    """An account is about to be closed. Raises NotNow while an organisation would lose its last leader by it."""
    if not person.is_active:
        return  # never confirmed: nobody leads through this account, so nothing is lost
    for organisation in sorted(
        [*queries.employers_of(person), *queries.programmes_of(person)],
        key=lambda organisation: organisation.id,
    ):
        # Of two last leaders whose accounts are closed at the same moment, one has to stay.
        _lock(organisation)
    alone = queries.led_alone_by(person)
    if not alone:
        return
    names = ", ".join(organisation.name for organisation in alone)
    raise NotNow(
        _l(
            "You are the only one who leads %(organisations)s. Give that role to someone else first.",
            organisations=names,
        )
        if person.id == actor.id
        else _l(
            "%(name)s is the only one who leads %(organisations)s. Give that role to someone else first.",
            name=person.full_name,
            organisations=names,
        ),
        way_on=(_l("Go to the organisation"), f"/organisations/{alone[0].id}"),
    )


def _tell_changed(membership: Membership, code: str, key: str, actor: Person) -> None:
    if membership.person_id != actor.id:
        tell(
            membership.person,
            code,
            key=key,
            path="/home",
            by=actor.full_name,
            organisation=membership.organisation.name,
        )


def _add(organisation: Organisation, person: Person, role: str) -> Membership:
    membership = Membership(
        organisation_id=organisation.id, person_id=person.id, role=role, began_at=clock.now()
    )
    db.session.add(membership)
    db.session.flush()
    policy.forget_memberships()
    return membership


def _lock(organisation: Organisation, version: int | None = None) -> None:
    """Lock the organisation's row: its history has one end, and of two last owners only one may go.

    Weaker than FOR UPDATE, so that rows which merely refer to the organisation can still be written.
    """
    db.session.refresh(organisation, with_for_update={"key_share": True})
    policy.forget_memberships()
    if version is not None and version != organisation.history_number:
        raise Stale


def _refuse_ended(membership: Membership) -> None:
    if membership.ended_at is not None:
        raise Stale


def _refuse_last(membership: Membership) -> None:
    organisation = membership.organisation
    if membership.role != policy.leading_role(organisation):
        return
    if organisation in queries.led_alone_by(membership.person):
        raise NotNow(
            _l("The last manager can't leave. Make someone else a manager first.")
            if organisation.is_programme
            else _l("The last owner can't leave. Make someone else an owner first.")
        )
