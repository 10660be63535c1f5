"""Who may see a funding, pay it, and record its money."""

from __future__ import annotations

from typing import Any

from webapp.core.lifecycle import Policy
from webapp.fundings.models import Funding
from webapp.internships import policy as internships
from webapp.organisations.policy import holds


def may_see(person: Any, funding: Funding) -> bool:
    """Everybody who may see the internship sees whether its money is secured."""
    return internships.may_see(person, funding.internship)


def may_pay(person: Any, funding: Funding) -> bool:
    """The payer's owners."""
    return holds(person, funding.payer_id, "owner")


def is_finance_of(person: Any, funding: Funding) -> bool:
    """Finance of the programme that the internship belongs to."""
    return internships.is_finance(person, funding.internship)


MOVES: dict[str, Policy] = {"begin": may_pay}
