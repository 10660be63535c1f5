"""What all doors to the money hang on."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("payouts", __name__)
