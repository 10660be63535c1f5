"""What was typed is kept when a session ended in mid-form, until its owner has signed in again."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from flask import request, session
from sqlalchemy import LargeBinary, delete, func
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.datastructures import MultiDict

from webapp.core.database import clock
from webapp.core.database.base import Base, db
from webapp.core.database.transactions import separate_transaction
from webapp.core.errors import TooMany
from webapp.core.security import rate_limits
from webapp.core.security.sessions import SAVED_FORM

SAVED_FOR = timedelta(hours=24)
SAVED_AT_MOST = 65_536
NEVER_SAVED = frozenset(
    {"csrf_token", "operation_id", "version", "password", "new_password", "current_password", "token"}
)


class SavedForm(Base):
    """Fields of a form that could not be taken because its session had ended."""

    __tablename__ = "saved_form"
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    page: Mapped[str]
    fields: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


def page_of_form() -> str | None:
    """The path of the page that showed the posted form, if it is one of ours."""
    try:
        came_from = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # "http://[": no address at all
        return None
    if came_from.netloc != request.host:
        return None
    return came_from.path


def save() -> str | None:
    """Keep the posted text fields for this browser; returns the page to come back to, or None."""
    page = page_of_form()
    fields = {name: values for name, values in request.form.lists() if name not in NEVER_SAVED}
    texts = [text for name, values in fields.items() for text in (name, *values)]
    if page is None or not fields or sum(map(len, texts)) > SAVED_AT_MOST:
        return page
    if any("\x00" in text for text in texts):
        return page
    try:  # anyone can send this: without a limit they could fill the disk
        rate_limits.before_saving_form(request.remote_addr)
    except TooMany:
        return page
    token = token_urlsafe(24)
    with separate_transaction() as transaction:
        transaction.add(SavedForm(token_hash=_hash(token), page=page, fields=fields))
    session[SAVED_FORM] = token
    return page


def typed_texts() -> list[str]:
    """The texts of the posted form that somebody would not like to type again."""
    return [
        value
        for name, values in request.form.lists()
        for value in values
        if name not in NEVER_SAVED and len(value.split()) > 1
    ]


def for_form(names: set[str]) -> MultiDict[str, str] | None:
    """What this browser typed before on this page into a form with these field names."""
    token = session.get(SAVED_FORM)
    if not token:
        return None
    row = db.session.get(SavedForm, _hash(token))
    if row is None or row.page != request.path or clock.real_now() - row.saved_at > SAVED_FOR:
        return None
    if not set(row.fields) <= names | {"intent"}:
        return None
    return MultiDict((name, value) for name, values in row.fields.items() for value in values)


def clear() -> None:
    """The kept form has now been taken: from here on its page shows what is stored, not what was once typed."""
    token = session.get(SAVED_FORM)
    if not token:
        return
    row = db.session.get(SavedForm, _hash(token))
    if row is not None:
        if row.page != page_of_form() or not set(row.fields) & (set(request.form) - NEVER_SAVED - {"intent"}):
            return
        # As a statement: two tabs may send it at the same moment, and neither is to fail for the other.
        db.session.execute(delete(SavedForm).where(SavedForm.token_hash == row.token_hash))
    session.pop(SAVED_FORM)


def prune() -> None:
    """Forget what nobody came back for."""
    db.session.execute(delete(SavedForm).where(SavedForm.saved_at < clock.real_now() - SAVED_FOR))


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
