"""The words of what the checks of the books find."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l

from webapp.core.money.amounts import format_money
from webapp.ledger.models import Finding

# Each sentence may use %(subject)s and the finding's own values.
FINDINGS: Mapping[str, Any] = {
    "journal_balances": _l("The two sides of the journal %(subject)s differ by %(difference)s."),
    "journal_legs": _l("The journal %(subject)s was written with %(legs)s entries and has %(entries)s."),
    "reversal_mirrors": _l(
        "The journal %(subject)s undoes another one, but %(difference)s is left on the account %(account)s."
    ),
    "stored_balance": _l(
        "The account %(subject)s: the stored balance is %(stored)s, the entries add up to %(booked)s."
    ),
    "no_stored_balance": _l(
        "The account %(subject)s has no stored balance; its entries add up to %(booked)s."
    ),
    "stored_minimum": _l("The account %(subject)s: the stored minimum isn't the account's own."),
    "below_minimum": _l("The account %(subject)s is at %(booked)s, below its minimum of %(minimum)s."),
    "coverage": _l("There is %(assets)s to cover the %(liabilities)s that is owed."),
    "in_flight": _l(
        "The account %(subject)s says that %(booked)s is on its way, but the open claims add up to %(claimed)s."
    ),
}
COUNTS = ("entries", "legs")
"""The numbers that are no amounts."""


def finding_sentence(finding: Finding) -> str:
    """What a finding says, in the reader's language."""
    if finding.detail:  # stored before findings had values
        return f"{finding.subject}: {finding.detail}"
    values, currency = finding.values, str(finding.values.get("currency", ""))
    shown = {
        name: format_money(value, currency, str(get_locale()))
        if isinstance(value, int) and name not in COUNTS
        else value
        for name, value in values.items()
    }
    return str(FINDINGS[_code(finding)]) % {"subject": finding.subject, **shown}


def _code(finding: Finding) -> str:
    """The sentence of a check that can find more than one thing."""
    if finding.check != "stored_balance":
        return finding.check
    if finding.values["stored"] is None:
        return "no_stored_balance"
    same = finding.values["stored"] == finding.values["booked"]
    return "stored_minimum" if same else "stored_balance"
