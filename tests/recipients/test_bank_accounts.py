"""Where an intern is paid by bank: each account that was typed counts, the last one is the one in force."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import select

from tests.support import people as cast
from tests.support.rail import ACCOUNT
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle import history
from webapp.recipients.models import PayoutMethod


def test_of_two_tabs_at_once_no_account_is_refused_and_one_is_in_force(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        lan = cast.intern().id
    tabs = [cast.signed_in(app, lan) for _ in range(4)]
    for tab in tabs:
        tab.token()
    typed = [{**ACCOUNT, "account_number": f"001122334{number}"} for number in range(4)]
    with ThreadPoolExecutor(4) as threads:
        answers = [
            threads.submit(tab.send, "/settings/payout-method", **fields)
            for tab, fields in zip(tabs, typed, strict=True)
        ]
    assert [answer.result().status_code for answer in answers] == [303] * 4
    with app.app_context():
        methods = list(db.session.scalars(select(PayoutMethod).where(PayoutMethod.person_id == lan)))
        assert sorted(method.account_number for method in methods) == [
            fields["account_number"] for fields in typed
        ]
        assert len([method for method in methods if method.replaced_at is None]) == 1
        assert [entry.move for entry in history.of_root("account", lan)] == ["bank_account"] * 4
