"""Someone gives their dates to a calendar app, and takes them back."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support.http import Walker
from webapp.core.database.transactions import unit_of_work


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
def test_an_address_is_created_and_removed_on_one_page(app: Flask, htmx: bool) -> None:
    with app.app_context(), unit_of_work():
        email = cast.intern("Lan Nguyễn").email
    lan = Walker(app, "Lan", htmx=htmx)
    lan.open("/sign-in")
    lan.press("Sign in", email=email, password=cast.PASSWORD)

    lan.open("/settings/calendar")
    lan.press("Create the address")
    lan.sees("Your address was created.", "Secret address", "/calendars/")

    lan.press("Remove the address")
    lan.sees("The address was removed and no longer works.", "You don't have an address right now")
