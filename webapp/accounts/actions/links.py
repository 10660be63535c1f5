"""The links of our mails: each works once, for a while, and only its hash is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy import func, update

from webapp.accounts.models import MailToken, Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Gone
from webapp.core.security import tokens

LINK_IS_OVER = _l(
    "This link was already used or is too old. If you can sign in, all is well; otherwise ask for a new one."
)


def new_link(person: Person, purpose: str, within: timedelta) -> str:
    """Keep a new link's hash and give its secret, which the mail alone holds."""
    token = tokens.new_token()
    db.session.add(
        MailToken(
            token_hash=tokens.token_hash(token),
            purpose=purpose,
            person_id=person.id,
            expires_at=clock.real_now() + within,
        )
    )
    return token


def use_link(token: str, purpose: str) -> Person:
    """Burn a link: of two at the same moment only one finds it unused. Raises Gone."""
    now: datetime = clock.real_now()
    person_id = db.session.execute(
        update(MailToken)
        .where(
            MailToken.token_hash == tokens.token_hash(token),
            MailToken.purpose == purpose,
            MailToken.used_at.is_(None),
            MailToken.expires_at > now,
        )
        .values(used_at=now)
        .returning(MailToken.person_id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if person_id is None:
        raise Gone(LINK_IS_OVER)
    return db.session.get_one(Person, person_id)


def void_links(person: Person) -> None:
    """End every link that this person has not used."""
    db.session.execute(
        update(MailToken)
        .where(MailToken.person_id == person.id, MailToken.used_at.is_(None))
        .values(used_at=func.now())
        .execution_options(synchronize_session=False)
    )
