"""Telling people: a notice in their inbox and a mail, both written with the change that causes them."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert

from webapp.accounts.models import Person
from webapp.core.database import clock, facts
from webapp.core.database.base import db
from webapp.core.mail import sending as mail
from webapp.notifications import labels
from webapp.notifications.models import Notice


def tell(person: Person, code: str, *, key: str, path: str, **params: object) -> None:
    """Tell one person one thing, once: the same `key` for the same person is never told twice.

    `path` is the page where it is to be seen. `params` fill the sentences of `code` in notices.py: texts, numbers,
    datetime, date or Money. An unknown code or a missing parameter raises LookupError here, not in the worker.
    """
    kept = {name: labels.stored(value) for name, value in params.items()}
    labels.words(code, kept)
    if not path.startswith("/"):
        raise ValueError(f"a notice leads to a page of ours, not to {path!r}")
    own_key = f"{key}:{person.id}"
    new = db.session.execute(
        insert(Notice)
        .values(key=own_key, person_id=person.id, code=code, params=kept, path=path, told_at=clock.now())
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Notice.id)
    ).scalar_one_or_none()
    facts.drop("unread_notices", person.id)
    if new is None or not person.is_active:
        return
    mail.send(
        "notifications/notice",
        key=f"notice:{own_key}",
        to=person.email,
        locale=person.locale,
        zone=person.zone,
        person_id=person.id,
        code=code,
        values=kept,
        path=path,
    )


def tell_all(people: Iterable[Person], code: str, *, key: str, path: str, **params: object) -> None:
    """Tell each of these people the same thing, each once."""
    for person in {person.id: person for person in people}.values():
        tell(person, code, key=key, path=path, **params)


def mark_read(notice: Notice, *, actor: Person) -> None:
    """The reader has seen the notice; somebody else's reading does not count."""
    if notice.read_at is None and notice.person_id == actor.id:
        notice.read_at = clock.now()
        facts.drop("unread_notices", actor.id)


def mark_all_read(*, actor: Person) -> None:
    """The reader has seen everything."""
    db.session.execute(
        update(Notice)
        .where(Notice.person_id == actor.id, Notice.read_at.is_(None))
        .values(read_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    facts.drop("unread_notices", actor.id)
