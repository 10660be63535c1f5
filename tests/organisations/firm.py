"""A firm with its owner, whom it invites, and who has which role."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask

from tests.accounts.people import link_in, mails
from tests.support import people as cast
from webapp.organisations import queries as organisation_queries


@dataclass
class Firm:
    """An employer with an owner, and a stranger who belongs to another one."""

    id: int
    owner: cast.Browser
    owner_id: int
    stranger: cast.Browser

    @property
    def page(self) -> str:
        return f"/organisations/{self.id}"


def roles(app: Flask, organisation_id: int) -> list[tuple[int, str]]:
    with app.app_context():
        return [
            (membership.person_id, membership.role)
            for membership in organisation_queries.memberships(organisation_id).rows
        ]


def invited(app: Flask, firm: Firm, email: str, role: str = "reviewer") -> str:
    """Invite an address; the link in its mail."""
    assert firm.owner.send(f"{firm.page}/invitations", email=email, role=role).status_code == 303
    (text,) = [text for to, subject, text in mails(app)[-1:] if to == email and "invites you" in subject]
    return link_in(text)
