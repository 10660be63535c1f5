"""Routes of internships."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("internships", __name__)
