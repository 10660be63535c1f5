"""The verbs of money in: asked for, paid by bank or by Stripe's Checkout, secured."""

from __future__ import annotations

from webapp.fundings.actions.checkouts import (
    arrive,
    fail_checkout,
    let_checkout_expire,
    look_later,
    note_checkout_open,
    note_processing,
    open_checkout,
)
from webapp.fundings.actions.transfers import ask, begin, is_dead, record_receipt, take_out_part

__all__ = [
    "arrive",
    "ask",
    "begin",
    "fail_checkout",
    "is_dead",
    "let_checkout_expire",
    "look_later",
    "note_checkout_open",
    "note_processing",
    "open_checkout",
    "record_receipt",
    "take_out_part",
]
