"""Routes of postings."""

from __future__ import annotations

from flask import Blueprint

bp = Blueprint("postings", __name__)
