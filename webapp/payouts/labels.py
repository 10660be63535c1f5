"""The words for the states, the history and the reasons of payouts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels
from webapp.payouts import guards
from webapp.payouts.models import Payout

LABELS = Labels(
    kinds={"payout": _l("Money going out")},
    states={
        "payout": {
            "due": _l("Due"),
            "approved": _l("Approved"),
            "sending": _l("Sending"),
            "paid": _l("Paid"),
            "held": _l("On hold"),
            "blocked": _l("Blocked"),
            "cancelled": _l("Cancelled"),
            "reversed": _l("Reversed"),
        },
    },
    history={
        "payout.fall_due": _l("A payment fell due."),
        "payout.approve": _l("%(who)s approved the payment."),
        "payout.release": _l("%(who)s released the payment."),
        "payout.confirm": _l("%(who)s confirmed that the money was sent."),
        "payout.fail": _l("The transfer failed; the payment is due again."),
        "payout.hold": _l("The payment was put on hold."),
        "payout.unhold": _l("The hold on the payment ended."),
        "payout.block": _l("The payment is blocked."),
        "payout.unblock": _l("The payment is no longer blocked."),
        "payout.cancel": _l("The payment was cancelled."),
        "payout.reverse": _l("The payment was reversed."),
        "payout.looked_again": _l("%(who)s asked Stripe again whether it has the payment."),
        "payout.pay_by_bank": _l("%(who)s decided that the payment goes by bank transfer, not by Stripe."),
        "payout.reminded": _l("The payment is late; the next person in charge was told."),
    },
    barriers={
        "payout": {
            "due": {"": _l("A payment is due again when a hold ends or the bank refuses it.")},
            "approved": {"": _l("Only a payment that is due can be approved.")},
            "sending": {
                "": _l("Only an approved payment can be released."),
                "due": _l("Two people each time: one approves it, then another releases it."),
            },
            "paid": {
                "": _l("A payment is paid when the bank or Stripe has made the transfer."),
                "sending": _l("Stripe tells us when this is done."),
            },
            "held": {"": _l("Only a payment that hasn't been sent can be put on hold.")},
            "blocked": {
                "": _l("A payment is blocked automatically when the payee's account can't receive it.")
            },
        }
    },
)

NEXT = {
    "due": _l("A first finance person approves it."),
    "approved": _l("A second finance person releases it."),
    "sending": _l("Finance makes the bank transfer and records its reference."),
    "held": _l("The hold ends automatically; then the payment is due again."),
    "blocked": _l("The payee's account has to be fixed first."),
    "blocked-stripe": _l("The intern gives Stripe what it needs; otherwise it goes by bank transfer."),
    "sending-stripe": _l("Stripe makes the transfer."),
    "unclear": _l("Finance decides whether Stripe has it."),
    "sending-stripe-refund": _l("Stripe returns it to the payer."),
    "paid": _l("No one: it is paid."),
}
"""Who acts next, by state, by rail and by type."""
IN_THE_WAY = {
    "no_account": _l("The intern has to add a bank account first."),
    "cooling": _l("It has to wait 72 hours after the intern changed the account."),
    "no_stripe": _l("The intern has to complete the account at Stripe first."),
    "stripe_off": _l("The people who run the installation: it has no Stripe account at the moment."),
    "not_covered": _l("The charge at Stripe does not cover it: check the charge there."),
    "changed": _l("Something has changed since the approval: put it on hold and approve it again."),
}


def who_next(payout: Payout) -> str:
    """Who acts next with a payout, or who has to clear what is in the way, in the reader's language."""
    obstacle = guards.obstacle(payout)
    if obstacle is not None:
        return str(IN_THE_WAY[obstacle.code])
    if payout.state == "sending" and payout.unclear is not None:
        return str(NEXT["unclear"])
    state, rail = payout.state, f"{payout.state}-{payout.rail}"
    return str(NEXT.get(f"{rail}-{payout.type}") or NEXT.get(rail) or NEXT.get(state) or "")
