"""What Stripe's pages say of currencies: digits, the least charge, what amounts must be divisible by."""

from __future__ import annotations

from .refusals import invalid

# Source: Stripe, "Supported currencies" (zero-decimal, three-decimal, special cases, minimum charge amounts).
ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
WHOLE_IN_TWO_DIGITS = frozenset({"isk", "ugx"})
TWO_DECIMAL = frozenset(
    [
        "aed",
        "afn",
        "all",
        "amd",
        "ang",
        "aoa",
        "ars",
        "aud",
        "awg",
        "azn",
        "bam",
        "bbd",
        "bdt",
        "bgn",
        "bmd",
        "bnd",
        "bob",
        "brl",
        "bsd",
        "bwp",
        "byn",
        "bzd",
        "cad",
        "cdf",
        "chf",
        "cny",
        "cop",
        "crc",
        "cve",
        "czk",
        "dkk",
        "dop",
        "dzd",
        "egp",
        "etb",
        "eur",
        "fjd",
        "fkp",
        "gbp",
        "gel",
        "gip",
        "gmd",
        "gtq",
        "gyd",
        "hkd",
        "hnl",
        "htg",
        "huf",
        "idr",
        "ils",
        "inr",
        "isk",
        "jmd",
        "kes",
        "kgs",
        "khr",
        "kyd",
        "kzt",
        "lak",
        "lbp",
        "lkr",
        "lrd",
        "lsl",
        "mad",
        "mdl",
        "mkd",
        "mmk",
        "mnt",
        "mop",
        "mur",
        "mvr",
        "mwk",
        "mxn",
        "myr",
        "mzn",
        "nad",
        "ngn",
        "nio",
        "nok",
        "npr",
        "nzd",
        "pab",
        "pen",
        "pgk",
        "php",
        "pkr",
        "pln",
        "qar",
        "ron",
        "rsd",
        "rub",
        "sar",
        "sbd",
        "scr",
        "sek",
        "sgd",
        "shp",
        "sle",
        "sos",
        "srd",
        "std",
        "szl",
        "thb",
        "tjs",
        "top",
        "try",
        "ttd",
        "twd",
        "tzs",
        "uah",
        "ugx",
        "usd",
        "uyu",
        "uzs",
        "wst",
        "xcd",
        "yer",
        "zar",
        "zmw",
    ]
)
KNOWN = ZERO_DECIMAL | THREE_DECIMAL | TWO_DECIMAL
MINIMUM_CHARGE = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250,
    "eur": 50, "gbp": 30, "hkd": 400, "huf": 17_500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300,
    "nzd": 50, "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
LARGEST = 99_999_999
LARGER = {"idr": 999_999_999_999, **dict.fromkeys(("cop", "huf", "inr", "jpy", "krw", "vnd"), 9_999_999_999)}


def known(code: str, param: str = "currency") -> str:
    """The code in small letters; refused when Stripe has no such currency."""
    lower = code.lower()
    if lower not in KNOWN:
        raise invalid(param, f"Invalid currency: {code[:20]}. Stripe does not support it.")
    return lower


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """An amount that Stripe would take: within eight digits, in the steps of its currency."""
    if amount < 1:
        raise invalid(
            param, "This value must be greater than or equal to 1.", code="parameter_invalid_integer"
        )
    largest = LARGER.get(currency, LARGEST)
    if amount > largest:
        raise invalid(param, f"Amount must be no more than {largest}.", code="amount_too_large")
    step = 10 if currency in THREE_DECIMAL else 100 if currency in WHOLE_IN_TWO_DIGITS else 1
    if amount % step:
        raise invalid(
            param, f"Amounts in {currency} must be divisible by {step}.", code="invalid_charge_amount"
        )


def fee(amount: int, currency: str) -> int:
    """What a charge costs: 2.9 % and thirty of the smallest unit, the fixed part only where there are decimals."""
    return min(amount, (amount * 29 + 500) // 1000 + (0 if currency in ZERO_DECIMAL else 30))


def shown(amount: int, currency: str) -> str:
    """An amount for a person: `1,234.50 USD`."""
    digits = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    whole, rest = divmod(abs(amount), 10**digits)
    sign = "−" if amount < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:0{digits}d}" if digits else "") + f" {currency.upper()}"
