"""People, and the single-use links we mail to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CHAR, CheckConstraint, ForeignKey, Index, LargeBinary, func, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database.base import Base, Identified
from webapp.core.database.words import words_index
from webapp.core.lifecycle.history import Chained


class Person(Chained, Identified, Base):
    """Somebody with an account. Whether they are staff is said by memberships; `is_intern` lets them apply."""

    __tablename__ = "person"
    __allow_unmapped__ = True  # session_token lives for one request only
    __table_args__ = (
        Index("uq_person_email", text("lower(email)"), unique=True),
        words_index("ix_person_words", "full_name", "email"),
        CheckConstraint("length(email) <= 254", name="email"),
        CheckConstraint("locale IN ('en', 'vi')", name="locale"),
        CheckConstraint("theme IN ('auto', 'light', 'dark')", name="theme"),
    )
    email: Mapped[str]
    password_hash: Mapped[str]
    full_name: Mapped[str]
    preferred_name: Mapped[str]
    locale: Mapped[str]
    zone: Mapped[str]
    theme: Mapped[str] = mapped_column(default="auto", server_default="auto")
    country: Mapped[str | None] = mapped_column(CHAR(2))
    is_intern: Mapped[bool] = mapped_column(default=False, server_default="false")
    is_operator: Mapped[bool] = mapped_column(default=False, server_default="false")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    confirmed_at: Mapped[datetime | None]
    deactivated_at: Mapped[datetime | None]

    session_token: str | None = None  # set while signed in: what the cookie holds
    is_authenticated = True
    is_anonymous = False

    @property
    def kind(self) -> str:
        """What its history calls it."""
        return "account"

    @property
    def is_active(self) -> bool:
        """May sign in: confirmed their address and not deactivated."""
        return self.deactivated_at is None and self.confirmed_at is not None

    def get_id(self) -> str:
        """What Flask-Login puts into the cookie: the session's token, never the person's number."""
        if self.session_token is None:
            raise RuntimeError("a person is signed in by sessions.start only")
        return self.session_token


class MailToken(Base):
    """A single-use link in a mail: `confirm` an address or `reset` a password. Only its hash is stored."""

    __tablename__ = "mail_token"
    __table_args__ = (CheckConstraint("purpose IN ('confirm', 'reset')", name="purpose"),)
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    purpose: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
