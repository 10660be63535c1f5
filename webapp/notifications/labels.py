"""The words of every notice, by code: a subject and a sentence, rendered in the reader's language when read.

Parameters may be texts, numbers, instants (`datetime`), days (`date`) and `Money`; each is written as the reader
writes it. Every feature keeps its codes in its own `notices.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask_babel import get_locale

from webapp.core.money.amounts import Money, format_money
from webapp.core.slice import slices
from webapp.core.web.i18n import show_date, show_datetime


def words(code: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """Subject and sentence of a notice in the present reader's language.

    Raises LookupError for a code or a parameter that nobody declared.
    """
    known = slices().notices
    if code not in known:
        raise LookupError(f"no words for the notice {code!r}: add them to the notices.py of its feature")
    subject, sentence = known[code]
    shown = {name: _shown(value) for name, value in params.items()}
    return " ".join((str(subject) % shown).split()), str(sentence) % shown


def stored(value: object) -> object:
    """A parameter as it is kept in the notice's row."""
    if isinstance(value, datetime):
        return {"at": value.isoformat()}
    if isinstance(value, date):
        return {"on": value.isoformat()}
    if isinstance(value, Money):
        return {"amount": value.amount, "currency": value.currency}
    return value


def _shown(value: object) -> object:
    if not isinstance(value, dict):
        return value
    if "at" in value:
        return show_datetime(datetime.fromisoformat(value["at"]))
    if "on" in value:
        return show_date(date.fromisoformat(value["on"]))
    return format_money(value["amount"], value["currency"], str(get_locale()))
