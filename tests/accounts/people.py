"""How the tests of accounts fill in forms and open mails."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from sqlalchemy import select

from tests.support import people as cast
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.mail import sending as mail
from webapp.core.mail.sending import Mail

PASSWORD = "three calm water buffaloes"


def visitor(app: Flask) -> cast.Browser:
    """A browser that nobody is signed in with."""
    return cast.Browser(app.test_client())


def newcomer(email: str = "lan@example.org", **fields: Any) -> dict[str, Any]:
    """What somebody types who joins."""
    return {
        "email": email,
        "full_name": "Nguyễn Thị Lan",
        "preferred_name": "Lan",
        "password": PASSWORD,
        "country": "VN",
        "locale": "en",
        "zone": "Asia/Bangkok",
        **fields,
    }


def planted(app: Flask, **person: Any) -> str:
    """A confirmed person in the database; their address."""
    with app.app_context(), unit_of_work():
        return cast.person(**person).email


def mails(app: Flask) -> list[tuple[str, str, str]]:
    """(address, subject, text) of every mail so far, delivered now."""
    with app.app_context(), unit_of_work():
        for mail_id in db.session.scalars(select(Mail.id).order_by(Mail.id)).all():
            mail.deliver(mail_id)
        return [
            (row.to_address, row.subject or "", row.text or "")
            for row in db.session.scalars(select(Mail).order_by(Mail.id))
        ]


def link_in(text: str) -> str:
    """The path of the one link in a mail."""
    (link,) = re.findall(r"http://localhost:\d+(/\S+)", text)
    return str(link)


def person_with(app: Flask, email: str) -> Person | None:
    with app.app_context():
        return db.session.scalars(select(Person).where(Person.email == email)).one_or_none()


def sign_in(browser: cast.Browser, email: str, password: str = cast.PASSWORD, **fields: Any) -> Any:
    return browser.send("/sign-in", email=email, password=password, **fields)


def knows(browser: cast.Browser) -> bool:
    """Is somebody signed in with this browser?"""
    return bool(browser.get("/settings").status_code == 200)
