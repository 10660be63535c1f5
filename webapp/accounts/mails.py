"""Mails of accounts. Each leads to a page that asks; no link in a mail does anything by being opened."""

from __future__ import annotations

from hashlib import sha256
from uuid import uuid4

from flask_babel import get_locale

from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.mail import sending as mail


def send_confirm(person: Person, token: str) -> None:
    """Ask the holder of the mailbox whether the account is theirs."""
    _send("confirm", person, called=person.preferred_name, token=token)


def send_known(person: Person) -> None:
    """Tell somebody who signed up again that they have an account."""
    _send("known", person, called=person.preferred_name)


def send_reset(person: Person, token: str) -> None:
    """The link for a new password."""
    _send("reset", person, called=person.preferred_name, token=token)


def send_password_changed(person: Person) -> None:
    """Tell the owner of an account that its password was changed."""
    _send("password_changed", person, called=person.preferred_name)


def pretend(email: str) -> None:
    """Do the work of a mail and take it back, so that the time of the answer tells nothing."""
    with db.session.begin_nested() as undone:
        mail.send(
            "accounts/reset", key=f"accounts/none:{uuid4()}", to=email, locale=str(get_locale() or "en")
        )
        undone.rollback()


def _send(kind: str, person: Person, **params: str) -> None:
    unique = sha256(params["token"].encode()).hexdigest() if "token" in params else str(uuid4())
    mail.send(
        f"accounts/{kind}",
        key=f"accounts/{kind}:{person.id}:{unique}",
        to=person.email,
        locale=person.locale,
        zone=person.zone,
        person_id=person.id,
        **params,
    )
