"""What all doors of the workspace hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("next_steps", __name__)
