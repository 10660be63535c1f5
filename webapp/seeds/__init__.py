"""The demo world, told by calling the real actions, back-dated through the demo's clock."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from webapp.accounts.models import Person
from webapp.core.config import Settings
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.seeds.people import DEMO_ROLES, PASSWORD
from webapp.seeds.story import Story


def plant_if_empty(app: Flask) -> bool:
    """Plant the demo world when nobody lives in the database; returns whether it did."""
    with app.app_context(), unit_of_work():
        empty = db.session.scalar(select(Person.id).limit(1)) is None
    if empty:
        plant(app)
    elif not _list(app).exists():
        write_list(app)
    return empty


def plant(app: Flask) -> None:
    """Tell the demo world's story from its first day to today, and write the list of sign-ins."""
    with app.app_context():
        Story().tell()
    write_list(app)


def write_list(app: Flask) -> None:
    """Write `$STATE_DIR/demo.json`: {role: {email, password}}."""
    people = {
        role: {"email": f"{key}@demo.example", "password": PASSWORD} for role, key in DEMO_ROLES.items()
    }
    path = _list(app)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(people, indent=2) + "\n")


def _list(app: Flask) -> Path:
    settings: Settings = app.extensions["settings"]
    return Path(settings.state_dir) / "demo.json"
