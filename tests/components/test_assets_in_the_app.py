"""Assets in the whole application: the same for everybody, and there when the database is not."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import event

from webapp.core.database.base import db
from webapp.core.web.assets import asset


def test_an_asset_carries_no_cookie_and_varies_by_none(app: Flask) -> None:
    visitor = app.test_client()
    visitor.get("/sign-in")
    with app.test_request_context("/"):
        url = asset("app.css") or ""
    answer = visitor.get(url)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_look_does_not_need_the_database(app: Flask) -> None:
    with app.app_context():
        engine = db.engine
    borrowed: list[object] = []
    event.listen(engine, "checkout", lambda *connection: borrowed.append(connection))
    with app.test_request_context("/"):
        url = asset("app.css") or ""
    assert app.test_client().get(url).status_code == 200
    assert borrowed == []
