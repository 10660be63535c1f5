"""The verbs of the books: how one event is written, and which events there are."""

from __future__ import annotations

from webapp.ledger.actions.booking import BooksError, NotEnoughMoney, book, open_account, reverse
from webapp.ledger.actions.events import (
    award,
    claim_refund,
    claim_transfer,
    confirm_refund,
    confirm_transfer,
    pay_stripe_fee,
    receive_funding,
    receive_unapplied,
    void_refund,
    void_transfer,
)

__all__ = [
    "BooksError",
    "NotEnoughMoney",
    "award",
    "book",
    "claim_refund",
    "claim_transfer",
    "confirm_refund",
    "confirm_transfer",
    "open_account",
    "pay_stripe_fee",
    "receive_funding",
    "receive_unapplied",
    "reverse",
    "void_refund",
    "void_transfer",
]
