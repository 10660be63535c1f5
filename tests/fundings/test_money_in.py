"""Money in: what an agreement asks for, what arrives in parts or too much, and what is refused."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from tests.support import people as cast
from tests.support import rail
from tests.support.chance import chance
from tests.support.rail import BASE, FEE, POT, TOTAL
from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.errors import AppError, Invalid, NotAllowed, NotNow, Stale
from webapp.core.lifecycle import deadlines
from webapp.core.lifecycle.history import SYSTEM
from webapp.core.money.amounts import MAX_AMOUNT
from webapp.fundings import queries as funding_queries
from webapp.fundings.actions import transfers as funding_transfers
from webapp.fundings.models import Receipt
from webapp.ledger import queries as ledger_queries
from webapp.notifications.models import Notice
from webapp.postings.queries.postings import posting_of


def _stands_at(money: rail.Rail) -> dict[str, int]:
    """What is unapplied, kept for the internship, and earned as fee."""
    with money.app.app_context(), unit_of_work():
        codes = {
            "unapplied": "liab:unapplied:USD",
            "kept": f"liab:internship:{money.internship_id}",
            "fee": "inc:platform_fee:USD",
        }
        return {name: ledger_queries.balance(code) for name, code in codes.items()}


def _told(money: rail.Rail, code: str) -> set[int]:
    with money.app.app_context(), unit_of_work():
        return set(db.session.scalars(select(Notice.person_id).where(Notice.code == code)))


@pytest.mark.move("funding.create")
def test_an_agreement_asks_for_base_bonus_pot_and_fee_under_its_own_reference(app: Flask) -> None:
    money = rail.matched(app)
    with app.app_context(), unit_of_work():
        funding = money.funding
        assert (funding.base, funding.bonus_pot, funding.fee, funding.total) == (BASE, POT, FEE, TOTAL)
        word, number, check = funding.reference.split()
        assert word == "STINT"
        assert int(number + check) % 97 == 1  # a mistyped digit matches no reference


def test_the_owner_pays_only_what_both_have_signed(app: Flask) -> None:
    with app.app_context(), unit_of_work():
        internship = cast.internship("matched", signed=False)
        funding_id = funding_transfers.request(internship, actor=SYSTEM).id
        owner = posting_of(internship).created_by_id
    answer = cast.signed_in(app, owner).send(f"/fundings/{funding_id}/transfer", version=1)
    assert answer.status_code == 409
    page = cast.signed_in(app, owner).get(f"/internships/{1}/funding")
    assert "Waiting for both signatures" in cast.visible_text(page)
    assert "/transfer" not in page.get_data(as_text=True)


@pytest.mark.move("funding.begin")
def test_a_transfer_that_was_announced_starts_the_clock_of_its_arrival(app: Flask) -> None:
    money = rail.matched(app)
    with money.step():
        assert set(deadlines.armed(money.internship)) == {"pay"}
        funding_transfers.mark_paid_by_payer(money.funding, actor=money.person("owner"), version=1)
        assert set(deadlines.armed(money.internship)) == {"secure"}
    assert _told(money, "funding_begun") == {money.first_id, money.second_id}


@pytest.mark.parametrize(
    ("role", "version", "error"), [("intern", 1, NotAllowed), ("first", 1, NotAllowed), ("owner", 9, Stale)]
)
def test_only_the_payers_owner_announces_a_transfer_and_from_a_fresh_page(
    app: Flask, role: str, version: int, error: type[AppError]
) -> None:
    money = rail.matched(app)
    with app.app_context(), pytest.raises(error), unit_of_work():
        funding_transfers.mark_paid_by_payer(money.funding, actor=money.person(role), version=version)
    assert money.state() == ("matched", "awaiting")


@pytest.mark.move("funding.secure")
def test_parts_wait_unapplied_until_the_whole_sum_is_there(app: Flask) -> None:
    money = rail.matched(app)
    money.receive(10_000, "A")
    assert money.state() == ("matched", "awaiting")
    assert _stands_at(money) == {"unapplied": 10_000, "kept": 0, "fee": 0}
    money.receive(TOTAL - 10_001, "B")
    assert money.state() == ("matched", "awaiting")
    assert _told(money, "money_secured") == set()
    money.receive(1, "C")
    assert money.state() == ("matched", "secured")
    assert _stands_at(money) == {"unapplied": 0, "kept": BASE + POT, "fee": FEE}
    assert _told(money, "money_secured") == {money.owner_id, money.intern_id}


@pytest.mark.parametrize("parts", [(TOTAL + 500,), (10_000, TOTAL - 9_500)])
def test_what_is_beyond_the_sum_is_never_the_works_and_goes_back(app: Flask, parts: tuple[int, ...]) -> None:
    money = rail.matched(app)
    for number, part in enumerate(parts):
        money.receive(part, f"BANK-{number}")
    assert money.state() == ("matched", "secured")
    assert _stands_at(money) == {"unapplied": 0, "kept": BASE + POT + 500, "fee": FEE}
    with app.app_context(), unit_of_work():
        assert money.payout("refund").amount == 500
    page = money.browser("first").get("/fundings/1")
    assert "$5.00 more than requested has arrived." in cast.visible_text(page)


def test_a_secured_funding_takes_no_further_receipt(app: Flask) -> None:
    money = rail.matched(app)
    money.receive()
    with pytest.raises(NotNow):
        money.receive(TOTAL, "BANK-2")
    assert money.count("receipt") == 1


@pytest.mark.parametrize("role", ["owner", "intern", "manager", "operator"])
def test_only_finance_records_receipts(app: Flask, role: str) -> None:
    money = rail.matched(app)
    answer = money.browser(role).send(
        "/fundings/1/receipts",
        version=1,
        amount="380.00",
        received_on=datetime.now(UTC).date().isoformat(),
        bank_reference="MINE",
    )
    assert answer.status_code == 403
    assert (money.count("receipt"), money.count("journal")) == (0, 0)


@pytest.mark.parametrize(
    ("amount", "day"), [(0, 0), (-1, 0), (TOTAL, 2)], ids=["nothing", "negative", "a day to come"]
)
def test_the_action_itself_refuses_what_no_form_lets_through(app: Flask, amount: int, day: int) -> None:
    money = rail.matched(app)
    with app.app_context(), pytest.raises(Invalid), unit_of_work():
        received_on: date = datetime.now(UTC).date() + timedelta(days=day)
        funding_transfers.accept_receipt(
            money.funding,
            actor=money.person("first"),
            version=1,
            amount=amount,
            received_on=received_on,
            bank_reference="X",
        )
    assert money.count("receipt") == 0


@pytest.mark.parametrize(
    ("statement", "constraint"),
    [
        ("UPDATE funding SET base = 0", "ck_funding_amounts"),
        ("UPDATE funding SET fee = -1", "ck_funding_amounts"),
        (
            (
                "INSERT INTO funding (internship_id, agreement_id, payer_id, currency, base, bonus_pot, fee,"
                " reference, asked_at, state) SELECT internship_id, agreement_id, payer_id, currency, base,"
                " bonus_pot, fee, 'other', asked_at, state FROM funding"
            ),
            "uq_funding_agreement_id",
        ),
    ],
)
def test_the_database_itself_keeps_fundings_right(app: Flask, statement: str, constraint: str) -> None:
    rail.matched(app)
    with app.app_context(), pytest.raises(IntegrityError, match=constraint), unit_of_work():
        db.session.execute(text(statement))


@pytest.mark.fault(13)
@pytest.mark.abuse(8)
def test_two_finance_people_recording_one_transfer_at_once_book_it_once(app: Flask) -> None:
    money = rail.matched(app)
    many = 10
    barrier = threading.Barrier(many)
    browsers = [money.browser(("first", "second")[n % 2]) for n in range(many)]
    today = datetime.now(UTC).date().isoformat()
    forms = [
        {
            "csrf_token": browser.token(),
            "operation_id": str(uuid4()),
            "version": "1",
            "amount": "380.00",
            "received_on": today,
            "bank_reference": f"BANK-{n}",
        }
        for n, browser in enumerate(browsers)
    ]

    def record(number: int) -> int:
        barrier.wait()
        answer = browsers[number].client.post("/fundings/1/receipts", data=forms[number])
        return int(answer.status_code)

    with ThreadPoolExecutor(many) as pool:
        codes = sorted(pool.map(record, range(many)))
    assert codes.count(303) == 1
    assert set(codes) == {303, 409}
    assert money.count("receipt") == 1
    assert _stands_at(money) == {"unapplied": 0, "kept": BASE + POT, "fee": FEE}
    money.check()


@pytest.mark.abuse(13)
def test_whatever_is_typed_as_an_amount_is_refused_or_stored_as_a_whole_number_of_cents(app: Flask) -> None:
    money = rail.matched(app)
    with app.app_context(), unit_of_work():  # far above anything typed here, so that it never becomes secured
        db.session.execute(text("UPDATE funding SET base = 900000000000000"))
    browser, dice = money.browser("first"), chance(20261123)
    today = datetime.now(UTC).date().isoformat()
    good = ["0", "7", "12", "999", "5", "42", "300", "00", ".", ".5", "0.01"]
    bad = [
        ",",
        "-",
        "+",
        " ",
        "e",
        "E9",
        "NaN",
        "inf",
        "$",
        "USD",
        "VND",
        "\u00a0",
        "\x00",
        "_",
        "٣",
        "½",
        "1" * 20,
    ]
    version, stored = 1, 0
    for number in range(100):
        typed = "".join(dice.choice(dice.choice((good, good, bad))) for _ in range(dice.randint(1, 4)))
        answer = browser.send(
            "/fundings/1/receipts",
            version=version,
            amount=typed,
            received_on=today,
            bank_reference=f"R{number}",
        )
        assert answer.status_code in (303, 422), (typed, answer.status_code)
        if answer.status_code == 303:
            version, stored = version + 1, stored + 1
    assert 10 < stored < 90  # both answers were given often
    with app.app_context(), unit_of_work():
        amounts = [receipt.amount for receipt in db.session.scalars(select(Receipt))]
        assert len(amounts) == stored
        assert all(0 < amount <= MAX_AMOUNT for amount in amounts)
        assert (
            funding_queries.received(money.funding)
            == sum(amounts)
            == ledger_queries.balance("asset:bank:USD")
        )
    money.check()
