"""Who is signed in: a row per session. The cookie only names it, so a copied cookie dies with the row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any, Protocol, cast

from flask import Flask, after_this_request, current_app, g, session
from flask.wrappers import Response
from flask_login import AnonymousUserMixin, LoginManager, current_user, login_user, logout_user
from sqlalchemy import ForeignKey, LargeBinary, bindparam, func, select, update
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database import clock, facts
from webapp.core.database.base import Base, db
from webapp.core.database.facts import PersonFact
from webapp.core.database.transactions import separate_transaction
from webapp.core.security import rate_limits

IDLE = timedelta(hours=12)
IDLE_NEAR_MONEY = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=20)
FRESH = timedelta(minutes=10)
TOUCH_EVERY = timedelta(minutes=5)
LOCALE = "locale"  # the key of the reader's language, for pages that are made without the database
SAVED_FORM = "saved_form"  # the key of what was typed into a form whose session ended; signing in keeps it


class WebSession(Base):
    """One signed-in browser. Real time, never the demo's."""

    __tablename__ = "web_session"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    def alive(self, now: datetime, idle: timedelta = IDLE) -> bool:
        return self.ended_at is None and now < self.seen_at + idle and now < self.started_at + ABSOLUTE


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def init_sessions(
    app: Flask,
    person_class: type[Any],
    near_money: Callable[[Any], bool],
    person_facts: Mapping[str, PersonFact],
) -> None:
    """Connect Flask-Login to our rows; `person_class` has `id`, `is_active` and a slot `session_token`.

    `near_money` says whose browser is signed out sooner when nobody uses it. One statement finds the session, the person,
    what time it is, and the `person_facts`.
    """
    asked_along = [fact.column.label(name) for name, fact in person_facts.items()]
    query = (
        select(WebSession, person_class, func.stint_now(), *asked_along)
        .join(person_class, person_class.id == WebSession.person_id)
        .where(WebSession.token_hash == bindparam("token_hash"))
    )
    manager = LoginManager(app)
    manager.session_protection = None  # address and browser change on trains; the row decides

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(token: str) -> Any:
        now = clock.real_now()
        found = db.session.execute(query, {"token_hash": _hash(token)}).one_or_none()
        if found is None:
            return None
        row, person, database_now, *values = found
        clock.remember(database_now)
        for (name, fact), value in zip(person_facts.items(), values, strict=True):
            facts.preload(name, {person.id: fact.value(value)})
        if not row.alive(now) or not person.is_active:
            return None
        if not row.alive(now, IDLE_NEAR_MONEY) and near_money(person):
            return None
        g.web_session = row
        person.session_token = token
        if now - row.seen_at > TOUCH_EVERY:
            _touch(row.token_hash, now)
        return person


def _touch(token_hash: bytes, now: datetime) -> None:
    with separate_transaction() as transaction:
        transaction.execute(update(WebSession).where(WebSession.token_hash == token_hash).values(seen_at=now))


class SessionOwner(Protocol):
    """Someone who can sign in; `session_token` is a slot for what their cookie holds."""

    id: int
    email: str
    locale: str
    session_token: str | None


def start(person: SessionOwner) -> None:
    """Sign `person` in: a new row, a new cookie content, a new CSRF token.

    The session this browser had before is over, so that a copy of its cookie is dead too. What was typed into a
    form goes along, but not to another person than the one who was signed in when it was typed.
    """
    saved_form, now = session.get(SAVED_FORM), clock.real_now()
    before = db.session.get(WebSession, _hash(session.get("_user_id") or ""))
    if before is not None:
        before.ended_at = before.ended_at or now
        saved_form = saved_form if before.person_id == person.id else None
    session.clear()
    if saved_form:
        session[SAVED_FORM] = saved_form
    remember_locale(person.locale)
    token = token_urlsafe(32)
    db.session.add(
        WebSession(
            token_hash=_hash(token), person_id=person.id, started_at=now, seen_at=now, confirmed_at=now
        )
    )
    db.session.flush()
    person.session_token = token
    login_user(person)
    mark, secure = rate_limits.device_mark(person.email), bool(current_app.config["SESSION_COOKIE_SECURE"])

    @after_this_request
    def know_again(response: Response) -> Response:
        response.set_cookie(
            rate_limits.DEVICE_COOKIE,
            mark,
            max_age=rate_limits.KNOWN_FOR,
            secure=secure,
            httponly=True,
            samesite="Lax",
        )
        return response


def remember_locale(locale: str) -> None:
    """The language that the signed-in person has chosen, for pages that are made without the database."""
    session[LOCALE] = locale


def end() -> None:
    """Sign out: the row is over, and the browser is told to forget."""
    row = g.get("web_session")
    if row is not None:
        row.ended_at = clock.real_now()
    logout_user()
    session.clear()

    @after_this_request
    def forget(response: Response) -> Response:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def end_all(person_id: int, *, but_current: bool = False) -> None:
    """End every session of a person (password changed, deactivated)."""
    ending = (
        update(WebSession)
        .where(WebSession.person_id == person_id, WebSession.ended_at.is_(None))
        .values(ended_at=clock.real_now())
        .execution_options(synchronize_session=False)
    )
    current = g.get("web_session")
    if but_current and current is not None:
        ending = ending.where(WebSession.token_hash != current.token_hash)
    db.session.execute(ending)


def confirm() -> None:
    """The person has just proved again who they are: the cookie gets a new content, so an older copy is dead."""
    token = token_urlsafe(32)
    g.web_session.token_hash, g.web_session.confirmed_at = _hash(token), clock.real_now()
    person = current_person()
    if person is not None:
        person.session_token = token
        login_user(person)


def is_fresh() -> bool:
    """Has the person proved who they are within the last ten minutes?"""
    row = g.get("web_session")
    return row is not None and clock.real_now() - row.confirmed_at < FRESH


def as_nobody() -> None:
    """Answer this request as to a visitor: the database that knows who it is cannot be reached."""
    g._login_user = AnonymousUserMixin()


def current_person() -> Any | None:
    """The signed-in person, or None."""
    return cast(Any, current_user)._get_current_object() if current_user.is_authenticated else None
