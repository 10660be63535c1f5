"""Commands of an installation: `flask --app wsgi …`."""

from __future__ import annotations

from flask import Flask


def init_cli(app: Flask) -> None:
    """Hang our commands on the app."""
