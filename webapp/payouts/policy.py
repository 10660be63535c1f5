"""Who may see payouts, and who may move them. Persons are compared, never roles."""

from __future__ import annotations

from webapp.accounts import policy as account_policy
from webapp.core.lifecycle.history import SYSTEM, Viewer
from webapp.fundings import policy as funding_policy
from webapp.internships import policy as internship_policy
from webapp.organisations.policy import memberships_of, operates
from webapp.organisations.queries import all_of_kind
from webapp.payouts.models import Attempt, Payout


def is_finance_of(person: Viewer, payout: Payout) -> bool:
    """Finance of the programme that the internship belongs to."""
    return internship_policy.is_finance(person, payout.internship)


def is_finance(person: Viewer, thing: object) -> bool:
    """Finance of any programme, or the operator: the queue shows each what is theirs."""
    return any(role == "finance" for _place, role in memberships_of(person)) or operates(person)


def reads_books(person: Viewer, thing: object) -> bool:
    """The operator; finance where it keeps the money of every programme, because the books are one for all."""
    held = {organisation_id for organisation_id, role in memberships_of(person) if role == "finance"}
    return operates(person) or (bool(held) and {p.id for p in all_of_kind("programme")} <= held)


def keeps_queue(person: Viewer, thing: Payout) -> bool:
    """Who may look at a payout: finance and managers of its programme, and operators."""
    return (
        is_finance_of(person, thing)
        or internship_policy.manages(person, thing.internship)
        or operates(person)
    )


def may_approve(person: Viewer, payout: Payout) -> bool:
    """The first finance person; never the payee, nor somebody of the employer that money goes back to."""
    if payout.payer_id is not None and funding_policy.speaks_for(person, payout.payer_id):
        return False
    return is_finance_of(person, payout) and person is not None and person.id != payout.payee_id


def may_release(person: Viewer, payout: Payout) -> bool:
    """A second finance person: neither the payee nor the one who approved. A refund on Stripe goes by itself."""
    if person is SYSTEM:
        return payout.rail == "stripe" and payout.payer_id is not None
    return may_approve(person, payout) and person is not None and person.id != payout.approved_by_id


def may_confirm(person: Viewer, payout: Payout) -> bool:
    """What the bank did is recorded by finance; what Stripe did is Stripe's word alone, which the system reads."""
    if person is SYSTEM:
        return payout.rail == "stripe"
    return payout.rail == "manual" and may_approve(person, payout)


def keeps_attempt(person: Viewer, attempt: Attempt) -> bool:
    """Who may look at an attempt: whoever may look at its payout."""
    return keeps_queue(person, attempt.part.payout)


def may_decide(person: Viewer, attempt: Attempt) -> bool:
    """Finance of the programme decides about an attempt whose outcome nobody knows; never the payee."""
    return may_approve(person, attempt.part.payout)


def may_pay_by_bank(person: Viewer, payout: Payout) -> bool:
    """Finance takes a sum away from Stripe; never the payee."""
    return payout.rail == "stripe" and may_approve(person, payout)


def may_unhold(person: Viewer, payout: Payout) -> bool:
    """Finance, or the clock at the hold's end."""
    return person is SYSTEM or may_approve(person, payout)


def may_hold(person: Viewer, payout: Payout) -> bool:
    """Finance; the system when the payee changes where the money goes."""
    return person is SYSTEM or may_approve(person, payout)


def is_payee(person: Viewer, thing: object) -> bool:
    """People who are paid: interns."""
    return account_policy.is_intern(person, thing)
