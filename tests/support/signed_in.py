"""Somebody who is signed in, without a browser, and the words of what they see."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient

from webapp.accounts.models import Person
from webapp.core.database.base import db


class Browser:
    """A signed-in person without a browser: posts forms as pages do, with token and operation id."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **kwargs: Any) -> Any:
        return self.client.get(path, **kwargs)

    def token(self) -> str:
        """The CSRF token of this session, as any page's form carries it."""
        from flask_wtf.csrf import generate_csrf

        app = self.client.application
        with self.client.session_transaction() as kept:
            raw = kept.get("csrf_token")
        with app.test_request_context():
            from flask import session

            if raw:
                session["csrf_token"] = raw
            signed = generate_csrf()
            raw = session["csrf_token"]
        with self.client.session_transaction() as kept:
            kept["csrf_token"] = raw
        return str(signed)

    def send(self, path: str, *, htmx: Any = False, op: Any = None, seen_at: Any = "", **fields: Any) -> Any:
        """Post a form, as from the page `seen_at`; `v` and the rest as fields. Follows nothing.

        All are Any, so that fields can be given as a dictionary of whatever type.
        """
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if htmx else {}
        if seen_at:
            headers["HX-Current-URL" if htmx else "Referer"] = f"http://localhost{seen_at}"
        data = {"csrf_token": self.token(), "operation_id": op or str(uuid4()), **fields}
        return self.client.post(path, data=data, headers=headers)


def signed_in(app: Flask, who: Person | int) -> Browser:
    """`who` with a session of their own. Commit what they should see before."""
    from flask import session

    from webapp.core.database.transactions import unit_of_work
    from webapp.core.security import sessions

    person_id = who if isinstance(who, int) else who.id
    client = app.test_client()
    with app.test_request_context(), unit_of_work():
        sessions.start(db.session.get_one(Person, person_id))
        cookie = dict(session)
    with client.session_transaction() as kept:
        kept.update(cookie)
    return Browser(client)


def visible_text(response: Any) -> str:
    """The words of an HTML answer, without tags, for assertions a reader understands."""
    text = re.sub(r"<[^>]+>", " ", response.get_data(as_text=True)).replace("&#39;", "'")
    return " ".join(text.split())
