"""Who may see a funding, pay it, and record its money."""

from __future__ import annotations

from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.fundings.models import Funding
from webapp.internships import policy as internship_policy
from webapp.organisations.policy import holds, operates


def may_see(person: Viewer, funding: Funding) -> bool:
    """Everybody who may see the internship sees whether its money is secured."""
    return internship_policy.may_see(person, funding.internship)


def may_pay(person: Viewer, funding: Funding) -> bool:
    """The payer's owners."""
    return holds(person, funding.payer_id, "owner")


def speaks_for(person: Viewer, payer_id: int) -> bool:
    """Is one of the employer's people that pays. (A programme that pays for itself has no such roles.)"""
    return holds(person, payer_id, "owner", "reviewer")


def is_finance_of(person: Viewer, funding: Funding) -> bool:
    """Finance of the programme that the internship belongs to; nobody vouches for money of their own employer."""
    return internship_policy.is_finance(person, funding.internship) and not speaks_for(
        person, funding.payer_id
    )


def may_watch(person: Viewer, funding: Funding) -> bool:
    """Finance, the programme's managers and operators look at what is expected."""
    return (
        is_finance_of(person, funding)
        or internship_policy.manages(person, funding.internship)
        or operates(person)
    )


def may_begin(actor: Viewer, funding: Funding) -> bool:
    """The payer's owners say that they paid; of Stripe's page Stripe says so."""
    return actor is SYSTEM or may_pay(actor, funding)


def may_secure(actor: Viewer, funding: Funding) -> bool:
    """Stripe's word, or the receipt that finance records."""
    return actor is SYSTEM or is_finance_of(actor, funding)
