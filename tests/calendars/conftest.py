"""The team of every test here."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support import teams


@pytest.fixture
def team(app: Flask) -> teams.Team:
    """An internship in progress with two cards on its board."""
    return teams.build(app)
