"""The firm that the tests of people and of invitations begin with."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.organisations.firm import Firm
from tests.support import people as cast
from webapp.core.database.transactions import unit_of_work


@pytest.fixture
def firm(app: Flask) -> Firm:
    with app.app_context(), unit_of_work():
        employer, other = cast.organisation(name="Saigon Roasters"), cast.organisation()
        owner, stranger = cast.member(employer, "owner", "Linh Trần").id, cast.member(other, "owner").id
        employer_id = employer.id
    return Firm(employer_id, cast.signed_in(app, owner), owner, cast.signed_in(app, stranger))
