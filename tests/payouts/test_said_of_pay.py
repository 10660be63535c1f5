"""What pages say of pay where the usual is not so: an old agreement, a payee who is finance too, a page that has emptied."""

from __future__ import annotations

from typing import Any

import psycopg
from flask import Flask

from tests.support import people as cast
from tests.support import rail
from tests.support.postgres import TestDatabase
from webapp.accounts.models import Person
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.organisations.models import Organisation


def test_an_agreement_from_before_there_were_rails_is_paid_by_bank(
    app: Flask, worker_database: TestDatabase
) -> None:
    money = rail.secured(app)
    with psycopg.connect(worker_database.superuser_url, autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")  # agreements never change
        superuser.execute("UPDATE agreement SET terms = terms - 'rail'")
    intern = money.browser("intern")
    for page in ("/home", "/earnings"):
        assert "can't pay you yet" not in cast.visible_text(intern.get(page))
    assert "Bank" in cast.visible_text(intern.get("/settings/payout-method"))


def test_a_payee_who_is_finance_too_is_told_that_another_records_the_transfer(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    money.release()
    with app.app_context(), unit_of_work():
        programme = db.session.get_one(Organisation, money.internship.programme_id)
        cast.join(programme, db.session.get_one(Person, money.intern_id), "finance")
        payout_id = money.payout().id
    sheet = cast.visible_text(money.browser("intern").get(f"/finance/payouts/{payout_id}/move"))
    assert sheet.count("Another finance person has to do this.") == 2
    assert "Stripe tells us" not in sheet


def test_a_later_page_that_has_emptied_meanwhile_is_the_first_page(app: Flask) -> None:
    money = rail.due(app)
    with app.app_context(), unit_of_work():
        payout_id, internship_id = money.payout().id, money.internship_id
    due = money.browser("first").get(f"/finance?due_after={payout_id}").get_data(as_text=True)
    assert f"/finance/payouts/{payout_id}" in due
    earnings: Any = money.browser("intern").get(f"/earnings?after={internship_id}")
    assert "No earnings yet" not in cast.visible_text(earnings)
