"""Amounts are read strictly, written as the reader does, and never lose a unit."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.money.amounts import (
    CURRENCIES,
    MAX_AMOUNT,
    Money,
    MoneyError,
    exponent,
    floor_to_unit,
    format_amount,
    format_money,
    minimum_charge,
    parse,
    unit,
)

LOCALES = ("en", "vi", "fr", "de", "sv", "en_IN")


def refused(text: str | None, currency: str, locale: str = "en") -> str:
    with pytest.raises(MoneyError) as caught:
        parse(text, currency, locale)
    assert len(str(caught.value)) > 20, "the sentence says what is wrong"
    return caught.value.code


@pytest.mark.parametrize(
    ("currency", "digits", "charge", "payout"),
    [
        ("JPY", 0, 1, 1),
        ("VND", 0, 1, 1),
        ("USD", 2, 1, 1),
        ("KWD", 3, 10, 10),
        ("ISK", 2, 100, 100),
        ("UGX", 2, 100, 100),
        ("HUF", 2, 1, 100),
        ("TWD", 2, 1, 100),
    ],
)
@pytest.mark.fault(33)
def test_each_currency_moves_in_the_steps_the_provider_accepts(
    currency: str, digits: int, charge: int, payout: int
) -> None:
    assert exponent(currency) == digits
    assert unit(currency, "charge") == charge
    assert unit(currency, "payout") == payout


@pytest.mark.fault(26)
def test_what_is_below_one_payable_unit_rounds_down_to_nothing() -> None:
    assert floor_to_unit(99, "HUF", "payout") == 0
    assert floor_to_unit(199, "HUF", "payout") == 100
    assert floor_to_unit(1_239, "KWD") == 1_230
    assert Money(333, "USD").basis_points(1_000).amount == 33


@pytest.mark.fault(26)
def test_every_currency_knows_the_least_that_can_be_charged() -> None:
    assert minimum_charge("USD") == 50
    assert minimum_charge("JPY") == 50
    for currency in CURRENCIES:
        assert minimum_charge(currency) >= 1


def test_amounts_are_written_as_the_reader_writes_them() -> None:
    assert format_money(1_500_000, "VND", "vi") == "1.500.000\u00a0₫"
    assert format_money(1_500_000, "VND", "en") == "₫1,500,000"
    assert format_money(36_000, "USD", "en") == "$360.00"
    assert format_money(-36_000, "USD", "en") == "-$360.00"
    assert format_money(150_000, "ISK", "en").endswith("1,500")


def test_a_stored_amount_between_two_units_is_shown_and_not_rounded_away() -> None:
    assert format_money(150_050, "ISK", "en").endswith("1,500.50")


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("currency", CURRENCIES)
def test_what_is_written_is_what_the_locale_data_says_and_reads_back(currency: str, locale: str) -> None:
    for units in (0, 1, 999, 1_000, 1_234_560):
        amount = units * unit(currency)
        written = format_money(amount, currency, locale)
        assert written == format_currency(
            Decimal(amount).scaleb(-exponent(currency)), currency, locale=locale
        )
        assert parse(written, currency, locale) == Money(amount, currency)
        assert parse(format_amount(amount, currency, locale), currency, locale) == Money(amount, currency)


@pytest.mark.parametrize(
    ("text", "currency", "locale", "amount"),
    [
        ("1.500.000", "VND", "vi", 1_500_000),
        ("1500000", "VND", "vi", 1_500_000),
        (" 1.500.000 đ ", "VND", "vi", 1_500_000),
        ("1,500,000", "VND", "en", 1_500_000),
        ("VND 1,500,000", "VND", "en", 1_500_000),
        ("$360.5", "USD", "en", 36_050),
        ("360,50", "USD", "vi", 36_050),
        ("1 500,00", "EUR", "fr", 150_000),
        ("1.500", "KWD", "en", 1_500),
        ("0", "USD", "en", 0),
    ],
)
def test_a_typed_amount_is_read_by_the_marks_of_the_locale(
    text: str, currency: str, locale: str, amount: int
) -> None:
    assert parse(text, currency, locale) == Money(amount, currency)


@pytest.mark.abuse(13)
@pytest.mark.parametrize(
    ("text", "currency", "locale", "code"),
    [
        ("", "USD", "en", "empty"),
        (None, "USD", "en", "empty"),
        ("  \n", "USD", "en", "empty"),
        ("-5", "USD", "en", "negative"),
        ("\u22125", "USD", "en", "negative"),
        ("(5)", "USD", "en", "negative"),
        ("$-5", "USD", "en", "negative"),
        ("NaN", "USD", "en", "not_a_number"),
        ("inf", "USD", "en", "not_a_number"),
        ("Infinity", "USD", "en", "not_a_number"),
        ("1e308", "USD", "en", "not_a_number"),
        ("1e3", "USD", "en", "not_a_number"),
        ("0x10", "USD", "en", "not_a_number"),
        ("5\x00", "USD", "en", "not_a_number"),
        ("\u0663", "USD", "en", "not_a_number"),
        ("$", "USD", "en", "not_a_number"),
        ("€5", "USD", "en", "not_a_number"),
        ("5+5", "USD", "en", "not_a_number"),
        ("<b>5</b>", "USD", "en", "not_a_number"),
        ("1.005", "USD", "en", "fraction"),
        ("1.5", "VND", "en", "fraction"),
        ("1.000", "VND", "en", "fraction"),
        ("1.005", "KWD", "en", "fraction"),
        ("1.50", "ISK", "en", "fraction"),
        ("1,5", "USD", "en", "grouping"),
        ("15,00,000", "USD", "en", "grouping"),
        ("0,500", "USD", "en", "grouping"),
        ("1.5", "USD", "vi", "grouping"),
        ("1.500,00.0", "USD", "vi", "grouping"),
        ("5.", "USD", "en", "grouping"),
        ("1 500", "USD", "en", "grouping"),
        ("9" * 5_000, "USD", "en", "too_large"),
        ("1000000000000001", "VND", "en", "too_large"),
        ("5", "XXX", "en", "currency"),
        ("5", "usd", "en", "currency"),
    ],
)
def test_an_amount_that_is_none_is_refused_with_what_is_wrong(
    text: str | None, currency: str, locale: str, code: str
) -> None:
    assert refused(text, currency, locale) == code


def test_the_largest_amount_is_still_an_amount() -> None:
    assert parse("1000000000000000", "VND", "en").amount == MAX_AMOUNT


@given(st.text(max_size=40), st.sampled_from(("USD", "VND", "KWD", "ISK")), st.sampled_from(LOCALES))
@pytest.mark.abuse(13)
def test_whatever_is_typed_becomes_a_valid_whole_number_or_a_sentence(
    text: str, currency: str, locale: str
) -> None:
    try:
        read = parse(text, currency, locale)
    except MoneyError as error:
        read = Money(0, currency)
        shown = str(error)
    else:
        shown = read.format(locale)
    assert shown
    assert 0 <= read.amount <= MAX_AMOUNT
    assert read.amount % unit(currency) == 0


def test_amounts_of_two_currencies_are_never_put_together() -> None:
    five = Money(5, "USD")
    for attempt in (five.__add__, five.__sub__, five.__lt__, five.__ge__):
        with pytest.raises(MoneyError) as caught:
            attempt(Money(5, "EUR"))
        assert caught.value.code == "currency"
    assert five + Money(7, "USD") == Money(12, "USD")
    assert five - Money(7, "USD") == -Money(2, "USD")


def test_an_amount_is_a_whole_number_within_the_limit() -> None:
    for wrong in (1.0, True, "5", None, float("nan"), Decimal(1)):
        with pytest.raises(MoneyError):
            Money(wrong, "USD")  # type: ignore[arg-type]
    with pytest.raises(MoneyError) as caught:
        Money(MAX_AMOUNT, "USD") + Money(1, "USD")
    assert caught.value.code == "too_large"
