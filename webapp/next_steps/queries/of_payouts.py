"""Whose turn it is with a sum that is on its way out."""

from __future__ import annotations

from flask_babel import gettext as _

from webapp.accounts.models import Person
from webapp.core.lifecycle import deadlines
from webapp.next_steps.queries.steps import NextStep, Waiting, finance_of, link, make_step
from webapp.payouts import policy as payout_policy
from webapp.payouts.models import Payout
from webapp.payouts.queries import queue as payout_queue
from webapp.payouts.queries.preloading import preload


def of_payout(payout: Payout, person: Person) -> NextStep:
    """Whose turn it is with a sum that is on its way out."""
    if payout.rail == "stripe" and payout.state in ("sending", "blocked"):
        return _at_stripe(payout, person)
    sentence, mine = {
        "due": (_("A first finance person approves the payment."), payout_policy.may_approve),
        "approved": (_("A second finance person releases the payment."), payout_policy.may_release),
        "sending": (_("The bank transfer is made and its reference recorded."), payout_policy.may_approve),
        "held": (_("The payment is on hold."), payout_policy.may_approve),
    }.get(payout.state, (_("The payment waits until it can be received."), payout_policy.may_approve))
    clocks = deadlines.armed(payout)
    return make_step(
        payout.internship,
        bool(mine(person, payout)) and payout.state in ("due", "approved", "sending"),
        sentence,
        finance_of(payout.internship),
        min((clock.due_at for clock in clocks.values()), default=None),
        _("Then the hold ends.") if payout.state == "held" else _("Then the programme's manager is told."),
        (_("Open the payment"), link("payouts.payout", payout_id=payout.id)),
    )


def _at_stripe(payout: Payout, person: Person) -> NextStep:
    """A sum that waits for Stripe, or for the intern's account there."""
    sending = payout.state == "sending"
    clocks = deadlines.armed(payout)
    unclear = payout.unclear if sending else None
    if unclear is not None:
        decides = payout_policy.may_decide(person, unclear)
        return make_step(
            payout.internship,
            decides,
            _("We don't know whether Stripe has this payment. Check the evidence and decide.")
            if decides
            else _("The payment was released; finance makes sure that it is sent, and only once."),
            finance_of(payout.internship),
            min((clock.due_at for clock in clocks.values()), default=None),
            _("Then the programme's manager is told."),
            (_("See the evidence"), link("payouts.attempt", attempt_id=unclear.id)),
        )
    payee = payout.payee is not None and person.id == payout.payee_id
    return make_step(
        payout.internship,
        payee and not sending,
        _("Stripe is returning the money to the payer; that can take some days.")
        if sending and payout.type == "refund"
        else _("The payment was released; Stripe is making the transfer.")
        if sending
        else _("Stripe can't pay you at the moment: it needs something from you first.")
        if payee
        else _("Stripe can't pay the intern at the moment: the intern has to complete the account there."),
        "Stripe" if sending else payout.payee.full_name if payout.payee else "",
        min((clock.due_at for clock in clocks.values()), default=None),
        _("Then the programme's manager is told.") if sending else _("Then the money is sent by bank."),
        (_("See what Stripe needs"), link("recipients.method")),
    )


def payouts_to_move(person: Person, at_most: int) -> Waiting:
    """The sums on their way out that this person may move on."""
    payouts, total = payout_queue.to_move(person, at_most)
    preload(payouts)
    return Waiting([of_payout(payout, person) for payout in payouts], total)
