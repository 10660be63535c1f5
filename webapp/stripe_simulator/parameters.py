"""The larger parameters of the interface: what a price, a locale, an onboarding may look like."""

from __future__ import annotations

from .refusals import Refused
from .schemas import Address, Fields, Items, Metadata, Shape, Text, Whole

PRICE = Fields(
    {
        "currency": Text(3),
        "product_data": Fields(
            {"name": Text(1000), "description": Text(40_000), "metadata": Metadata(), "images": Items(Text(), 8),
             "tax_code": Text()}, ["name"]
        ),
        "unit_amount": Whole(0),
        "tax_behavior": Text(choices=["exclusive", "inclusive", "unspecified"]),
    },
    ["currency", "product_data", "unit_amount"],
)  # fmt: skip
# fmt: off
LOCALES = [
    "auto", "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr", "hu",
    "id", "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th",
    "tr", "vi", "zh", "zh-HK", "zh-TW",
]
# fmt: on


class NoLonger(Shape):
    """payment_method_types: taken out of the interface, and refused with a code of its own."""

    def take(self, value: object, name: str) -> object:
        raise Refused(400, "The payment_method_types parameter is no longer supported; leave it out, or use"
                      " allowed_payment_method_types.", code="payment_method_types_no_longer_supported", param=name)  # fmt: skip


ONBOARDING = Fields(
    {"refresh_url": Address(), "return_url": Address(),
     "collection_options": Fields({"fields": Text(choices=["currently_due", "eventually_due"]),
                                   "future_requirements": Text(choices=["include", "omit"])})},
    ["refresh_url"],
)  # fmt: skip
