"""What the forms of money refuse, in words and at the field, without writing anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from tests.support import people as cast
from tests.support import rail
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.security import sessions

TODAY = datetime.now(UTC).date().isoformat()
# What the currency lacks, what is no number, what is too large, other digits, and what cannot be stored.
NO_AMOUNTS = [
    *("", "0", "0.00", "-5", "--5", "10.001", "300,00,00", "$", "EUR 300", "ten"),
    *("NaN", "nan", "Infinity", "1e308", "1e3", "0x1F", "1" * 60),
    *("٣٠٠", "12\x0034", "\ufffd300", "\u202e300"),
]


@pytest.mark.abuse(13)
@pytest.mark.parametrize(
    "amount",
    NO_AMOUNTS,
)
def test_an_amount_that_is_none_is_refused_at_its_field_and_nothing_is_written(
    app: Flask, amount: str
) -> None:
    money = rail.matched(app)
    before = money.count("history_entry")
    answer = money.browser("first").send(
        "/fundings/1/receipts", version=1, amount=amount, received_on=TODAY, bank_reference="BANK-1"
    )
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert "There is a problem" in html
    assert 'href="#amount"' in html
    assert 'value="BANK-1"' in html  # what was typed is kept
    assert (money.count("receipt"), money.count("journal")) == (0, 0)
    assert money.count("history_entry") == before
    money.check()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("received_on", "2999-01-01"),
        ("received_on", "31.12.2026"),
        ("received_on", ""),
        ("bank_reference", ""),
        ("bank_reference", "x" * 141),
        ("bank_reference", "A\x00B"),
    ],
)
def test_a_receipt_says_which_day_and_which_transfer(app: Flask, field: str, value: str) -> None:
    money = rail.matched(app)
    fields = {"amount": "380.00", "received_on": TODAY, "bank_reference": "BANK-1", field: value}
    answer = money.browser("first").send("/fundings/1/receipts", version=1, **fields)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.get_data(as_text=True)
    assert money.count("receipt") == 0


def test_the_same_transfer_is_recorded_once(app: Flask) -> None:
    money = rail.matched(app)
    money.receive(10_000)
    answer = money.browser("second").send(
        "/fundings/1/receipts", version=2, amount="100.00", received_on=TODAY, bank_reference="BANK-1"
    )
    assert answer.status_code == 422
    assert "recorded already" in cast.visible_text(answer)
    assert money.count("receipt") == 1


def test_a_receipt_for_a_stale_page_is_refused(app: Flask) -> None:
    money = rail.matched(app)
    money.receive(10_000)
    answer = money.browser("second").send(
        "/fundings/1/receipts", version=1, amount="100.00", received_on=TODAY, bank_reference="BANK-2"
    )
    assert answer.status_code == 409
    assert money.count("receipt") == 1


def test_release_asks_who_you_are_when_the_proof_is_old(app: Flask) -> None:
    money = rail.due(app)
    money.approve()
    browser = money.browser("second")
    with app.app_context(), unit_of_work():
        old = datetime.now(UTC) - timedelta(minutes=11)
        db.session.execute(db.update(sessions.WebSession).values(confirmed_at=old))
    answer = browser.send("/finance/payouts/1/release", version=2)
    assert (answer.status_code, answer.location) == (303, "/sign-in/again")
    assert money.count("attempt") == 0


@pytest.mark.parametrize("until", ["2001-01-01", "9999-12-31", "0001-01-01", "soon", ""])
def test_a_hold_that_is_none_is_refused_at_its_field(app: Flask, until: str) -> None:
    money = rail.due(app)
    answer = money.browser("first").send(
        "/finance/payouts/1/hold", version=1, until=until, reason="Ask <b>them</b>"
    )
    assert answer.status_code == 422
    html = answer.get_data(as_text=True)
    assert 'href="#until"' in html
    assert "Ask &lt;b&gt;them&lt;/b&gt;" in html
    assert "<title>Error:" in html
