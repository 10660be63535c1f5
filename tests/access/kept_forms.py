"""Forms that are kept for whoever was signed out in the middle: from which page, and how many."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import func, select

from webapp.core.database.base import db
from webapp.core.web.form_rescue import SavedForm

SETTINGS = {"Referer": "http://localhost/settings"}


def kept_forms(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(select(func.count()).select_from(SavedForm)) or 0
