"""The blueprint of every route of next steps."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("next_steps", __name__)
