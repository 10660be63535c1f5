"""Joining, proving who one is, and leaving."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from webapp.accounts import mails, policy, queries
from webapp.accounts.actions.links import LINK_IS_OVER, new_link, use_link, void_links
from webapp.accounts.models import Person
from webapp.core.database import clock
from webapp.core.database.base import db
from webapp.core.errors import Gone, Invalid, NotAllowed, NotNow
from webapp.core.lifecycle import history
from webapp.core.lifecycle.history import Actor
from webapp.core.security import passwords, sessions
from webapp.core.slice import tell

CLOSING = "account.closing"
"""Told with the person, and by keyword with the actor, before an account is closed; who hears it may refuse."""
CONFIRM_WITHIN = timedelta(hours=48)
RESET_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Newcomer:
    """What somebody tells of themselves when they join."""

    email: str
    full_name: str
    preferred_name: str
    password: str
    locale: str
    zone: str
    country: str | None = None
    password_hash: str | None = None  # only where it is known already: the demo's people share one


def sign_up(newcomer: Newcomer, *, actor: Actor, intern: bool) -> Person | None:
    """Open an account that waits for its address to be confirmed; None when the address has one already.

    Its owner is told so by mail, and only there. An account that was never confirmed is started over, and
    earlier links stop working: the owner of the mailbox decides which sign-up counts.
    """
    password_hash = passwords.hash_password(newcomer.password)
    person = _insert(newcomer, password_hash, intern=intern)
    if person is None:
        person = queries.by_email(newcomer.email)
        if person is None:
            raise NotNow(_l("That didn't work this time. Please send the form again."))
        db.session.refresh(person, with_for_update=True)
        if person.confirmed_at is not None:
            mails.send_known(person)
            return None
        person.password_hash, person.is_intern = password_hash, person.is_intern or intern
        person.full_name, person.preferred_name = newcomer.full_name, newcomer.preferred_name
        person.country, person.locale, person.zone = newcomer.country, newcomer.locale, newcomer.zone
    record(person, "open", actor=actor if actor.id is not None else person)
    ask_to_confirm(person)
    return person


def sign_up_proved(newcomer: Newcomer, *, actor: Actor, intern: bool = False) -> Person:
    """Open an account for somebody whose mailbox is already proved, by an invitation or by who runs the place."""
    password_hash = newcomer.password_hash or passwords.hash_password(newcomer.password)
    person = _insert(newcomer, password_hash, intern=intern)
    if person is None:
        person = queries.by_email(newcomer.email)
        if person is None or person.confirmed_at is not None:
            raise Invalid(_l("This address already has an account. Please sign in."), field="email")
        person.password_hash = password_hash
        person.full_name, person.preferred_name = newcomer.full_name, newcomer.preferred_name
        person.country, person.locale, person.zone = newcomer.country, newcomer.locale, newcomer.zone
        void_links(person)
    person.confirmed_at = clock.real_now()
    record(person, "open", actor=actor if actor.id is not None else person)
    return person


def record(
    person: Person,
    move: str,
    *,
    actor: Actor,
    params: dict[str, Any] | None = None,
    text: str | None = None,
) -> None:
    """Write a line of the account's history, under the account's lock: its numbers have no gap.

    `params` are codes and ids; `text` is what may have to be erased one day.
    """
    db.session.flush()
    db.session.refresh(person, ["history_number", "history_head"], with_for_update={"key_share": True})
    history.record(person, person, move, actor=actor, params=params, text=text)


def _insert(newcomer: Newcomer, password_hash: str, *, intern: bool) -> Person | None:
    """A new row, or None when the address is taken: two at once cannot both make one."""
    person_id = db.session.execute(
        insert(Person)
        .values(
            email=newcomer.email.lower(),
            password_hash=password_hash,
            full_name=newcomer.full_name,
            preferred_name=newcomer.preferred_name,
            locale=newcomer.locale,
            zone=newcomer.zone,
            country=newcomer.country,
            is_intern=intern,
        )
        .on_conflict_do_nothing()
        .returning(Person.id)
    ).scalar_one_or_none()
    return db.session.get_one(Person, person_id) if person_id is not None else None


def ask_to_confirm(person: Person) -> None:
    """Mail a single-use link that proves the address; the links of before are dead."""
    void_links(person)
    mails.send_confirm(person, new_link(person, "confirm", CONFIRM_WITHIN))


def confirm(token: str, password: str) -> Person:
    """The holder of the mailbox says that the account is theirs, and knows the password it was opened with.

    So nobody can open an account with a stranger's address and a password of their own, and wait for the stranger
    to confirm it. Raises Invalid for another password, Gone for a link that worked once.
    """
    row = queries.live_token(token, "confirm")
    if row is None:
        raise Gone(LINK_IS_OVER)
    if not passwords.verify_password(db.session.get_one(Person, row.person_id).password_hash, password):
        raise Invalid(_l("That isn't the password the account was created with."), field="password")
    person = use_link(token, "confirm")
    if person.confirmed_at is None:
        person.confirmed_at = clock.real_now()
        record(person, "confirm", actor=person)
    return person


def authenticate(email: str, password: str) -> Person | None:
    """The person with this address and password, active or not; None for any other pair, after as much work."""
    person = queries.by_email(email)
    if not passwords.verify_password(person.password_hash if person else None, password) or person is None:
        return None
    if passwords.needs_rehash(person.password_hash):
        person.password_hash = passwords.hash_password(password)
    return person


def ask_reset(email: str) -> None:
    """Mail a link for a new password, if the address has an account; nobody else learns whether."""
    person = queries.by_email(email)
    if person is None or person.deactivated_at is not None:
        mails.pretend(email)
        return
    mails.send_reset(person, new_link(person, "reset", RESET_WITHIN))


def reset(token: str, password: str) -> Person:
    """Set a new password by a mailed link, once; every session of before ends. Raises Gone, Invalid."""
    row = queries.live_token(token, "reset")
    if row is None:
        raise Gone(LINK_IS_OVER)
    person = db.session.get_one(Person, row.person_id)
    _refuse_weak(password, person)
    password_hash = passwords.hash_password(password)
    use_link(token, "reset")
    person.password_hash = password_hash
    person.confirmed_at = person.confirmed_at or clock.real_now()
    void_links(person)
    sessions.end_all(person.id)
    record(person, "reset_password", actor=person)
    mails.send_password_changed(person)
    return person


def change_password(person: Person, current: str, password: str, *, actor: Actor) -> None:
    """Set a new password, knowing the old one; every other session ends. Raises Invalid."""
    if not passwords.verify_password(person.password_hash, current):
        raise Invalid(_l("That isn't your current password."), field="current_password")
    _refuse_weak(password, person)
    person.password_hash = passwords.hash_password(password)
    void_links(person)
    sessions.end_all(person.id, but_current=True)
    record(person, "change_password", actor=actor)
    mails.send_password_changed(person)


def change_settings(
    person: Person, *, actor: Actor, preferred_name: str, full_name: str, locale: str, zone: str, theme: str
) -> None:
    """Say how one wants to be called, and in which language, zone and colours one reads."""
    names = (f"{person.full_name} ({person.preferred_name})", f"{full_name} ({preferred_name})")
    changed = _change(person, locale=locale, zone=zone, theme=theme)
    person.preferred_name, person.full_name = preferred_name, full_name
    if changed or names[0] != names[1]:
        # A name can be erased, so it stays out of the chain.
        words = " → ".join(names) if names[0] != names[1] else None
        record(person, "settings", actor=actor, params={"changed": changed}, text=words)


def choose(*, actor: Person, locale: str | None = None, theme: str | None = None) -> None:
    """Change the language or the colours by the switch on every page."""
    changed = _change(actor, locale=locale or actor.locale, theme=theme or actor.theme)
    if changed:
        record(actor, "settings", actor=actor, params={"changed": changed})


def _change(person: Person, **choices: str) -> dict[str, list[str]]:
    """Set what is chosen; what it was and what it is, of those that are another now."""
    changed = {
        name: [getattr(person, name), value]
        for name, value in choices.items()
        if getattr(person, name) != value
    }
    for name, (_before, value) in changed.items():
        setattr(person, name, value)
    return changed


def deactivate(person: Person, *, actor: Actor) -> None:
    """Close an account: nobody signs in with it, every session ends; what was done stays done.

    Raises NotNow while something still depends on this person.
    """
    tell(CLOSING, person, actor=actor)
    if person.is_operator:
        _refuse_last_operator(person)
    person.deactivated_at = clock.real_now()
    void_links(person)
    sessions.end_all(person.id)
    record(person, "close", actor=actor)


def reactivate(person: Person, *, actor: Person) -> None:
    """Open a deactivated account again."""
    if not policy.may_reactivate(actor, person):
        raise NotNow(_l("This account is active."))
    person.deactivated_at = None
    record(person, "reopen", actor=actor)


def make_operator(person: Person, *, actor: Person) -> None:
    """Let somebody else run the installation too."""
    if not policy.may_make_operator(actor, person):
        raise NotAllowed(_l("Only an active account that is not an operator yet can become one."))
    person.is_operator = True
    record(person, "make_operator", actor=actor)


def make_first_operator(person: Person, *, actor: Actor) -> None:
    """Whoever installs the app says who runs it. Raises NotNow once somebody does: they appoint the others."""
    if db.session.scalar(select(Person.id).where(Person.is_operator).limit(1)) is not None:
        raise NotNow(_l("This installation has an operator already."))
    person.is_operator = True
    record(person, "make_operator", actor=actor)


def _refuse_last_operator(person: Person) -> None:
    # Two operators who leave at the same moment would leave nobody: the rows are locked in one order.
    active = db.session.scalars(
        select(Person.id)
        .where(Person.is_operator, Person.deactivated_at.is_(None))
        .order_by(Person.id)
        .with_for_update(key_share=True)
    ).all()
    if set(active) <= {person.id}:
        raise NotNow(_l("This is the last operator. Make someone else an operator first."))


def _refuse_weak(password: str, person: Person) -> None:
    problem = passwords.password_problem(password, email=person.email, name=person.full_name)
    if problem:
        raise Invalid(problem, field="new_password")
