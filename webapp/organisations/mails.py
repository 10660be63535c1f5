"""Mails of organisations."""

from __future__ import annotations

from webapp.accounts.models import Person
from webapp.core.mail import sending as mail
from webapp.organisations.models import Invitation, Organisation


def send_invitation(
    invitation: Invitation, organisation: Organisation, token: str, *, inviter: Person, known: Person | None
) -> None:
    """Invite an address into an organisation, in its owner's language if we know it, else in the inviter's."""
    reader = known or inviter
    mail.send(
        "organisations/invitation",
        key=f"invitation:{invitation.id}",
        to=invitation.email,
        locale=reader.locale,
        zone=reader.zone,
        person_id=known.id if known else None,
        organisation=organisation.name,
        inviter=inviter.full_name,
        role=invitation.role,
        token=token,
    )
