"""Routes of endings."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("endings", __name__)
