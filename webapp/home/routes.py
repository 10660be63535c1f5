"""Routes of home."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("home", __name__)
development = Blueprint("development", __name__, url_prefix="/development")
