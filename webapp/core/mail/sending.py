"""Mails: rows written with the change that causes them, rendered and sent by the worker."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import current_app, g, render_template
from flask_babel import force_locale
from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from webapp.core.database import clock
from webapp.core.database.base import Base, Identified, db
from webapp.core.database.jobs import SEND_MAIL, defer

TIMEOUT = 20  # seconds


class Mail(Identified, Base):
    """One mail to one address. `key` makes a second one for the same event impossible."""

    __tablename__ = "mail"
    __table_args__ = (CheckConstraint("state IN ('queued', 'sent', 'caught')", name="state"),)
    key: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    to_address: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True)
    locale: Mapped[str]
    zone: Mapped[str]
    params: Mapped[dict[str, Any]]
    state: Mapped[str] = mapped_column(default="queued")
    queued_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)
    sent_at: Mapped[datetime | None]
    subject: Mapped[str | None]
    text: Mapped[str | None]
    html: Mapped[str | None]


def send(
    kind: str,
    *,
    key: str,
    to: str,
    locale: str,
    zone: str = "UTC",
    person_id: int | None = None,
    **params: object,
) -> None:
    """Queue the mail `kind` ("accounts/confirm") in this transaction; the same `key` is sent once.

    Its words are `templates/<slice>/mail_<name>.txt` (first line the subject) and `.html`.
    """
    mail_id = db.session.execute(
        insert(Mail)
        .values(
            key=key,
            kind=kind,
            to_address=to,
            locale=locale,
            zone=zone,
            person_id=person_id,
            params=params,
            state="queued",
        )
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Mail.id)
    ).scalar_one_or_none()
    if mail_id is not None:
        defer(SEND_MAIL, mail_id=mail_id)


def deliver(mail_id: int) -> None:
    """Render one queued mail in its reader's language and send it; without SMTP it is caught for the mail page.

    The row is locked, so two workers cannot send it both. A crash between the server's answer and our commit
    can repeat a mail; its Message-ID is the same, so mail programs show it once.
    """
    mail = db.session.get(Mail, mail_id, with_for_update=True)
    if mail is None or mail.state != "queued":
        return
    subject, text, html = render(mail.kind, mail.locale, mail.zone, mail.params)
    settings = current_app.extensions["settings"]
    if settings.smtp_url:
        _smtp(settings.smtp_url, _message(mail, subject, text, html, settings.mail_from))
        mail.state, mail.params = "sent", {}  # links in a mail are keys: they do not stay with us
    else:
        mail.state = "caught"
        mail.text, mail.html = text, html
    mail.subject, mail.sent_at = subject, clock.real_now()


def render(kind: str, locale: str, zone: str, params: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, plain text and HTML of a mail."""
    slice_name, name = kind.split("/")
    settings = current_app.extensions["settings"]
    with current_app.test_request_context(base_url=settings.base_url), force_locale(locale):
        g.locale, g.zone = locale, zone
        text = render_template(f"{slice_name}/mail_{name}.txt", **params)
        html = render_template(f"{slice_name}/mail_{name}.html", **params)
    subject, _, body = text.strip().partition("\n")
    return " ".join(subject.split()), body.strip() + "\n", html


def _message(mail: Mail, subject: str, text: str, html: str, sender: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, mail.to_address, subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = f"<mail-{mail.id}@{current_app.extensions['settings'].host.split(':')[0]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    message["Content-Language"] = mail.locale  # last: setting the content clears every Content-* header
    return message


def _smtp(url: str, message: EmailMessage) -> None:
    server = urlsplit(url)
    host, port = server.hostname or "localhost", server.port
    context = ssl.create_default_context()
    smtp: smtplib.SMTP
    if server.scheme == "smtps":
        smtp = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT, context=context)
    else:
        smtp = smtplib.SMTP(host, port or 587, timeout=TIMEOUT)
    with smtp:
        if server.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
        if server.username:
            smtp.login(unquote(server.username), unquote(server.password or ""))
        smtp.send_message(message)
