"""The books alone: the ledger over a fresh database, without the rest of the application."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.pool import NullPool

from tests.support.postgres import TestDatabase
from webapp.core.config import driver_url
from webapp.core.database.base import db


@pytest.fixture
def books(database: TestDatabase) -> Iterator[Flask]:
    """An application context whose session works as the app's role on empty books."""
    app = Flask("books")
    app.config["SQLALCHEMY_DATABASE_URI"] = driver_url(database.app_url)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"poolclass": NullPool}
    db.init_app(app)
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()
