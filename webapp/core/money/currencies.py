"""How each currency is counted: the one table, with Stripe's special cases.

Amounts are Stripe minor units: cents for USD, dong for VND, fils for KWD. Source: Stripe, "Supported
currencies" (zero-decimal and three-decimal lists, special cases, minimum charge amounts).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from flask_babel import lazy_gettext as _l

from webapp.core.errors import Invalid, Sentence

Use = Literal["charge", "payout"]
"""What an amount is for: taken from a payer (charge) or sent to somebody's bank (payout)."""

Code = Literal["empty", "not_a_number", "negative", "grouping", "fraction", "too_large", "currency", "share"]


class MoneyError(Invalid, ValueError):
    """An amount that is refused: `code` for programs, `sentence` for the reader."""

    def __init__(self, code: Code, sentence: Sentence) -> None:
        super().__init__(sentence)
        self.code: Code = code

    def __str__(self) -> str:
        return str(self.sentence)


@dataclass(frozen=True, slots=True)
class Quantum:
    """How one currency is counted: digits stored, digits written, the step a use allows, the least charge."""

    exponent: int
    written: int
    charge_unit: int = 1
    payout_unit: int = 1
    minimum_charge: int = 1


_CENTS = Quantum(2, 2)
_WHOLE = Quantum(0, 0)
# Three digits, of which Stripe wants the last one to be 0.
_MILLS = Quantum(3, 3, charge_unit=10, payout_unit=10)
# No minor unit in life, two digits on Stripe's wire, always .00.
_WHOLE_IN_TWO_DIGITS = Quantum(2, 0, charge_unit=100, payout_unit=100)


def _cents(minimum_charge: int) -> Quantum:
    return Quantum(2, 2, minimum_charge=minimum_charge)


QUANTA: dict[str, Quantum] = {
    "AED": _cents(200),
    "AUD": _cents(50),
    "BHD": _MILLS,
    "BRL": _cents(50),
    "CAD": _cents(50),
    "CHF": _cents(50),
    "CLP": _WHOLE,
    "CZK": _cents(1500),
    "DKK": _cents(250),
    "EUR": _cents(50),
    "GBP": _cents(30),
    "HKD": _cents(400),
    # Charged with two digits, but banks are paid in whole forint and whole new dollars.
    "HUF": Quantum(2, 2, payout_unit=100, minimum_charge=17_500),
    "IDR": _CENTS,
    "INR": _cents(50),
    "ISK": _WHOLE_IN_TWO_DIGITS,
    "JOD": _MILLS,
    "JPY": Quantum(0, 0, minimum_charge=50),
    "KES": _CENTS,
    "KRW": _WHOLE,
    "KWD": _MILLS,
    "MXN": _cents(1000),
    "MYR": _cents(200),
    "NGN": _CENTS,
    "NOK": _cents(300),
    "NZD": _cents(50),
    "OMR": _MILLS,
    "PHP": _CENTS,
    "PLN": _cents(200),
    "PYG": _WHOLE,
    "RON": _cents(200),
    "RWF": _WHOLE,
    "SEK": _cents(300),
    "SGD": _cents(50),
    "THB": _cents(1000),
    "TND": _MILLS,
    "TWD": Quantum(2, 2, payout_unit=100),
    "UGX": _WHOLE_IN_TWO_DIGITS,
    "USD": _cents(50),
    "VND": _WHOLE,
    "XAF": _WHOLE,
    "XOF": _WHOLE,
    "ZAR": _CENTS,
}

CURRENCIES: tuple[str, ...] = tuple(QUANTA)


def quantum(currency: str) -> Quantum:
    """Return how the currency is counted; MoneyError `currency` for one that is not supported."""
    try:
        return QUANTA[currency]
    except KeyError:
        raise MoneyError(
            "currency", _l("The currency %(currency)s is not supported.", currency=str(currency)[:12])
        ) from None


def exponent(currency: str) -> int:
    """Return how many digits of the stored integer stand behind the decimal mark."""
    return quantum(currency).exponent


def unit(currency: str, use: Use = "charge") -> int:
    """Return the smallest step, in minor units, that an amount of this use may move by."""
    counting = quantum(currency)
    return counting.payout_unit if use == "payout" else counting.charge_unit


def minimum_charge(currency: str) -> int:
    """Return the smallest amount, in minor units, that a card may be charged."""
    return quantum(currency).minimum_charge
