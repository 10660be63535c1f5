"""One internship in the books: its accounts, the events that most tests begin with, and where it stands."""

from __future__ import annotations

from webapp.core.database.transactions import unit_of_work
from webapp.core.lifecycle.history import SYSTEM
from webapp.ledger import queries as ledger_queries
from webapp.ledger.actions import events as ledger_events
from webapp.ledger.models import Journal


class Finance:
    """The person who books."""

    id = 7


FINANCE = Finance()
BANK = "asset:bank:USD"
FEE = "inc:platform_fee:USD"
FUNDS = "liab:internship:1"
AWARD = "liab:intern:5:1"
FLYING = "liab:transfer_in_flight:USD"
RETURNING = "liab:refund_in_flight:USD"


def fund(cap: int = 5_000, fee: int = 500) -> Journal:
    with unit_of_work():
        return ledger_events.receive_funding(
            1, internship_id=1, cap=cap, fee=fee, currency="USD", actor=FINANCE, reference="F-1"
        )


def award(amount: int, key: str = "a") -> None:
    with unit_of_work():
        ledger_events.award(key, internship_id=1, payee_id=5, amount=amount, currency="USD", actor=SYSTEM)


def claim(amount: int, key: str = "po-1-a1") -> Journal:
    return ledger_events.claim_transfer(
        key, internship_id=1, payee_id=5, amount=amount, currency="USD", actor=FINANCE
    )


def standing() -> dict[str, int]:
    codes = (BANK, FEE, FUNDS, AWARD, FLYING, RETURNING)
    return {code: ledger_queries.balance(code) for code in codes if ledger_queries.balance(code)}
