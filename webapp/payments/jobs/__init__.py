"""Background work on money: what is asked of Stripe, and what is read there. Each may run twice, or be killed."""

from __future__ import annotations

from webapp.payments.gateway import INCLUDED
from webapp.payments.jobs.reading import (
    account_said,
    apply_account,
    apply_checkout,
    ask_account,
    ask_checkout,
    ask_onboarding,
    checkout_said,
    end_checkout,
    read_account,
    read_checkout,
    read_refund,
    read_transfer,
)
from webapp.payments.jobs.recovery import recover
from webapp.payments.jobs.sending import send_attempt

__all__ = [
    "INCLUDED",
    "account_said",
    "apply_account",
    "apply_checkout",
    "ask_account",
    "ask_checkout",
    "ask_onboarding",
    "checkout_said",
    "end_checkout",
    "read_account",
    "read_checkout",
    "read_refund",
    "read_transfer",
    "recover",
    "send_attempt",
]
