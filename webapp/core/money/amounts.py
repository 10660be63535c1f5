"""Money is a whole number of minor units and a currency, and nothing is ever rounded by accident."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern
from flask_babel import lazy_gettext as _l

from webapp.core.money.currencies import (
    CURRENCIES,
    QUANTA,
    MoneyError,
    Quantum,
    Use,
    exponent,
    minimum_charge,
    quantum,
    unit,
)

__all__ = [
    "BASIS_POINTS",
    "CURRENCIES",
    "MAX_AMOUNT",
    "QUANTA",
    "Money",
    "MoneyError",
    "Quantum",
    "Use",
    "basis_points_of",
    "exponent",
    "floor_to_unit",
    "format_amount",
    "format_money",
    "minimum_charge",
    "parse",
    "quantum",
    "unit",
]

MAX_AMOUNT = 10**15
"""The largest amount of minor units anywhere; far below what a bigint holds, so sums cannot overflow it."""

BASIS_POINTS = 10_000

# What people write besides the code and the sign of their locale.
_ALSO_WRITTEN = {"VND": ("vnđ", "đ")}
# Spaces that typists and locales put between groups: plain, no-break, narrow no-break.
_SPACES = " \u00a0\u202f"
_LONGEST_INPUT = 64


def floor_to_unit(amount: int, currency: str, use: Use = "payout") -> int:
    """Round an amount down to a step that can be paid; what falls off belongs to the remainder."""
    return amount - amount % unit(currency, use)


def basis_points_of(amount: int, points: int, currency: str, use: Use = "charge") -> int:
    """Take basis points of an amount, rounded down to a unit of the currency."""
    return floor_to_unit(amount * points // BASIS_POINTS, currency, use)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of minor units in one currency; mixed currencies and amounts beyond the limit are refused."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.amount) is not int:
            raise MoneyError("not_a_number", _l("An amount is a whole number of minor units."))
        quantum(self.currency)
        if abs(self.amount) > MAX_AMOUNT:
            raise _too_large(self.currency, "en")

    def _same(self, other: Money) -> int:
        if self.currency != other.currency:
            raise MoneyError(
                "currency",
                _l(
                    "Amounts in %(first)s and %(second)s can't be added together.",
                    first=self.currency,
                    second=other.currency,
                ),
            )
        return other.amount

    def __add__(self, other: Money) -> Money:
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def basis_points(self, points: int, use: Use = "charge") -> Money:
        """Take basis points of this amount, rounded down to a unit of the currency."""
        return Money(basis_points_of(self.amount, points, self.currency, use), self.currency)

    def format(self, locale: Locale | str) -> str:
        """Write the amount as the reader's locale does."""
        return format_money(self.amount, self.currency, locale)


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    return Locale.parse(name.replace("-", "_"))


def _as_locale(locale: Locale | str) -> Locale:
    return locale if isinstance(locale, Locale) else _locale(locale)


@lru_cache(maxsize=256)
def _pattern(locale_name: str, digits: int, *, with_sign: bool) -> NumberPattern:
    """Build the locale's pattern with the digits of OUR table; CLDR counts some currencies otherwise."""
    locale = _locale(locale_name)
    source = locale.currency_formats["standard"] if with_sign else locale.decimal_formats[None]
    pattern = parse_pattern(source.pattern)
    pattern.frac_prec = (digits, digits)
    return pattern


@lru_cache(maxsize=4096)
def _write(amount: int, currency: str, locale: Locale, *, with_sign: bool) -> str:
    counting = quantum(currency)
    # A stored amount between two units is a fault elsewhere: show it as it is, do not round it away.
    digits = (
        counting.written if amount % 10 ** (counting.exponent - counting.written) == 0 else counting.exponent
    )
    value = Decimal(amount).scaleb(-counting.exponent)
    pattern = _pattern(str(locale), digits, with_sign=with_sign)
    return str(pattern.apply(value, locale, currency=currency if with_sign else None, currency_digits=False))


def format_money(amount: int, currency: str, locale: Locale | str) -> str:
    """Write an amount of minor units with its currency sign: vi `1.500.000 ₫`, en `₫1,500,000`."""
    return _write(amount, currency, _as_locale(locale), with_sign=True)


def format_amount(amount: int, currency: str, locale: Locale | str) -> str:
    """Write an amount without a sign, as a form field shows it: what `parse` reads back."""
    return _write(amount, currency, _as_locale(locale), with_sign=False)


def _example(currency: str, locale: Locale) -> str:
    return format_amount(1_500 * 10 ** exponent(currency), currency, locale)


def _too_large(currency: str, locale: Locale | str) -> MoneyError:
    return MoneyError(
        "too_large",
        _l(
            "This amount is too large. The most is %(most)s.", most=format_money(MAX_AMOUNT, currency, locale)
        ),
    )


def _not_a_number(currency: str, locale: Locale) -> MoneyError:
    return MoneyError(
        "not_a_number",
        _l("Enter the amount in digits, for example %(example)s.", example=_example(currency, locale)),
    )


def _without_sign(text: str, currency: str, locale: Locale) -> str:
    """Drop the currency's own code or sign before or after the number; any other stays and is refused."""
    signs = (currency, get_currency_symbol(currency, locale=locale), *_ALSO_WRITTEN.get(currency, ()))
    for sign in sorted(signs, key=len, reverse=True):
        if text.casefold().startswith(sign.casefold()):
            return text[len(sign) :].strip(_SPACES)
        if text.casefold().endswith(sign.casefold()):
            return text[: -len(sign)].strip(_SPACES)
    return text


@lru_cache(maxsize=64)
def _marks(locale_name: str) -> tuple[str, str, tuple[int, int]]:
    """Return the locale's grouping mark, decimal mark and the sizes of its last and other groups."""
    locale = _locale(locale_name)
    symbols = locale.number_symbols.get("latn", {})
    primary, secondary = parse_pattern(locale.decimal_formats[None].pattern).grouping
    return symbols.get("group", ","), symbols.get("decimal", "."), (primary, secondary)


def parse(text: str | None, currency: str, locale: Locale | str) -> Money:
    """Read what a person typed, strictly by the marks of their locale.

    Raises MoneyError with the sentence for the field. Zero is an amount: whether it is wanted is the
    form's question.
    """
    reader = _as_locale(locale)
    counting = quantum(currency)
    typed = (text or "").strip(_SPACES + "\t\r\n")
    if not typed:
        raise MoneyError(
            "empty", _l("Enter an amount, for example %(example)s.", example=_example(currency, reader))
        )
    typed = _without_sign(typed, currency, reader)
    if typed[:1] in ("-", "\u2212", "\u2013") or (typed[:1] == "(" and typed[-1:] == ")"):
        raise MoneyError("negative", _l("An amount cannot be negative."))

    group, decimal, (primary, secondary) = _marks(str(reader))
    if group in _SPACES:
        group = " "
        typed = typed.translate({ord(space): " " for space in _SPACES})
    if re.fullmatch(r"[0-9][0-9.,'’ ]*", typed) is None:
        raise _not_a_number(currency, reader)
    if len(typed) > _LONGEST_INPUT:
        raise _too_large(currency, reader)

    integer, mark, fraction = typed.partition(decimal)
    g = re.escape(group)
    grouped = rf"[1-9][0-9]{{0,{secondary - 1}}}(?:{g}[0-9]{{{secondary}}})*{g}[0-9]{{{primary}}}"
    if re.fullmatch(rf"[0-9]+|{grouped}", integer) is None or (mark and not re.fullmatch("[0-9]+", fraction)):
        raise MoneyError(
            "grouping",
            _l(
                "Please write the amount like this: %(example)s.",
                example=_example(currency, reader),
            ),
        )
    # Zeros count too: "1.000" may be a thousand written in another language.
    if len(fraction) > counting.written:
        raise _fraction(currency, reader)
    amount = int(integer.replace(group, "") + fraction.ljust(counting.exponent, "0"))
    if amount > MAX_AMOUNT:
        raise _too_large(currency, reader)
    if amount % counting.charge_unit:
        raise _fraction(currency, reader)
    return Money(amount, currency)


def _fraction(currency: str, locale: Locale) -> MoneyError:
    return MoneyError(
        "fraction",
        _l(
            "%(currency)s doesn't have amounts that small. The smallest step is %(step)s.",
            currency=currency,
            step=format_money(unit(currency), currency, locale),
        ),
    )
