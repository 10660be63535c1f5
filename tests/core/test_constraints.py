"""What the database itself refuses, and the migrations that lead to it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from tests.support import rail
from tests.support.postgres import ROOT, TestDatabase, run_migrations
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE internship SET state = 'half_done'", "ck_internship_state"),
        ("UPDATE posting SET state = 'half_done'", "ck_posting_state"),
        ("UPDATE funding SET state = 'half_done'", "ck_funding_state"),
        ("UPDATE payout SET state = 'half_done'", "ck_payout_state"),
        ("UPDATE internship SET secured_at = NULL", "ck_internship_work"),
        ("UPDATE internship SET signed_at = NULL", "ck_internship_work"),
        ("UPDATE payout SET includes_fee = amount + 1", "ck_payout_fee_within"),
        ("UPDATE payout SET number = 2", "ck_payout_one_base"),
    ],
)
def test_the_database_itself_knows_the_states_and_what_they_rest_on(
    app: Flask, statement: str, constraint: str
) -> None:
    rail.due(app)
    with app.app_context(), pytest.raises(IntegrityError, match=constraint), unit_of_work():
        db.session.execute(text(statement))


def test_the_database_lets_no_second_base_payout_of_an_internship_be(app: Flask) -> None:
    money = rail.due(app)
    again = (
        "INSERT INTO payout (internship_id, payee_id, type, number, currency, amount, state, due_at)"
        " SELECT internship_id, :other, type, number, currency, amount, state, due_at FROM payout"
    )
    with app.app_context(), pytest.raises(IntegrityError, match="uq_payout_base"), unit_of_work():
        db.session.execute(text(again), {"other": money.owner_id})


def test_the_migrations_lead_up_down_and_up_again_without_drift(empty_database: TestDatabase) -> None:
    run_migrations(empty_database.owner_url)
    for command in (("check",), ("downgrade", "base"), ("upgrade", "head"), ("check",)):
        done = subprocess.run(
            [sys.executable, "-m", "alembic", "-c", str(ROOT / "pyproject.toml"), *command],
            cwd=ROOT,
            env={
                **os.environ,
                "DATABASE_OWNER_URL": empty_database.owner_url,
                "DATABASE_URL": empty_database.app_url,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, (command, done.stdout[-2000:], done.stderr[-2000:])
