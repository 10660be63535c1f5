"""Whatever is told in whatever order, and however often: no unit of money is made or lost."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from webapp.core.database.base import db
from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.actions.booking import BooksError, NotEnoughMoney
from webapp.ledger.checks import check_books

pytestmark = pytest.mark.usefixtures("books")


class World:
    """Three internships in two currencies, and a model of the bank as a plain number a currency."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.bank = {"USD": 0, "VND": 0}
        self.amounts: dict[str, tuple[str, int]] = {}
        self.told = 0

    def internship(self) -> tuple[int, str]:
        number = self.dice.randint(1, 3)
        return number, "VND" if number == 3 else "USD"

    def step(self) -> None:
        """Tell one event; what the books refuse must leave the bank as it was."""
        event = self.dice.choice(
            [self.fund, self.award, self.claim, self.claim_refund, self.confirm, self.void, self.tell_again]
        )
        try:
            with unit_of_work():
                after = event()
        except (BooksError, NotEnoughMoney):
            db.session.rollback()
        else:
            self.told += 1
            if after is not None:
                after()

    def fund(self) -> Callable[[], None]:
        number, currency = self.internship()
        cap, fee, uid = self.dice.randint(1, 9_000), self.dice.randint(0, 500), self.dice.randint(1, 40)
        new = ledger_queries.journal(f"funding:{uid}") is None
        ledger_events.receive_funding(
            uid, internship_id=number, cap=cap, fee=fee, currency=currency, actor=SYSTEM
        )
        return lambda: self.move(currency, cap + fee if new else 0)

    def award(self) -> None:
        number, currency = self.internship()
        key = str(self.dice.randint(1, 40))
        amount = self.dice.randint(-1, 6_000)
        ledger_events.award(
            key, internship_id=number, payee_id=number, amount=amount, currency=currency, actor=SYSTEM
        )

    def claim(self) -> None:
        number, currency = self.internship()
        key, amount = str(self.dice.randint(1, 60)), self.dice.randint(0, 4_000)
        ledger_events.claim_transfer(
            key, internship_id=number, payee_id=number, amount=amount, currency=currency, actor=SYSTEM
        )
        self.amounts[f"out:{key}"] = (currency, amount)

    def claim_refund(self) -> None:
        number, currency = self.internship()
        key, amount, fee = (
            str(self.dice.randint(1, 60)),
            self.dice.randint(0, 4_000),
            self.dice.randint(0, 50),
        )
        ledger_events.claim_refund(
            key, internship_id=number, amount=amount, fee=fee, currency=currency, actor=SYSTEM
        )
        self.amounts[f"refund:{key}"] = (currency, amount + fee)

    def confirm(self) -> Callable[[], None]:
        kind, verb, done = self.dice.choice(
            [
                ("out", ledger_events.confirm_transfer, "ok"),
                ("refund", ledger_events.confirm_refund, "refund_ok"),
            ]
        )
        key = str(self.dice.randint(1, 60))
        new = ledger_queries.journal(f"{done}:{key}") is None
        verb(key, actor=SYSTEM)
        currency, amount = self.amounts[f"{kind}:{key}"]
        return lambda: self.move(currency, -amount if new else 0)

    def void(self) -> None:
        verb = self.dice.choice([ledger_events.void_transfer, ledger_events.void_refund])
        verb(str(self.dice.randint(1, 60)), actor=SYSTEM)

    def tell_again(self) -> None:
        for key in ("1", "2", "3"):
            if ledger_queries.journal(f"ok:{key}"):
                ledger_events.confirm_transfer(key, actor=SYSTEM)

    def move(self, currency: str, amount: int) -> None:
        self.bank[currency] += amount


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.fault(27)
def test_random_events_never_break_the_books(seed: int) -> None:
    world = World(seed)
    for _ in range(250):
        world.step()
    assert world.told > 60
    assert check_books() == []
    for currency, expected in world.bank.items():
        assert ledger_queries.balance(f"asset:bank:{currency}") == expected
    for trial in ledger_queries.trial_balances():
        assert trial.debits == trial.credits
