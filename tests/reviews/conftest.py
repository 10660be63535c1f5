"""The team of every test here."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.reviews.deciding import fund, hand_in
from tests.support import teams
from tests.support.teams import Team


@pytest.fixture
def team(app: Flask) -> teams.Team:
    """An internship in progress with two cards on its board."""
    return teams.build(app)


@pytest.fixture
def submitted(team: Team) -> str:
    """The path of a version that waits for its review; the money is secured."""
    fund(team)
    return hand_in(team)
