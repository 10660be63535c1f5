"""The scene of every test here."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.tasks import scene as scenes


@pytest.fixture
def scene(app: Flask) -> scenes.Scene:
    """An internship in progress with two cards on its board."""
    return scenes.build(app)
