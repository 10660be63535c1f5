"""What people are told about payouts: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "money_secured": (
        _l("The money for “%(title)s” is secured"),
        _l("All of the money for “%(title)s” has arrived and is kept for this work. The work can start."),
    ),
    "payout_due": (
        _l("A payment of %(amount)s is due"),
        _l("A payment of %(amount)s waits for two people of finance: one approves it, another releases it."),
    ),
    "payout_late": (
        _l("A payment of %(amount)s is late"),
        _l("Nobody of finance has moved a payment of %(amount)s in time. Please see to it that it goes on."),
    ),
    "paid": (
        _l("%(amount)s is on its way to your bank"),
        _l("Your payment of %(amount)s was sent to your bank. Banks usually take one to three working days."),
    ),
    "returned": (
        _l("%(amount)s is on its way back to you"),
        _l(
            "%(amount)s was sent back to the account it came from. Banks usually take one to three working days."
        ),
    ),
    "payment_failed": (
        _l("Your payment of %(total)s failed"),
        _l("Your bank did not carry out the payment of %(total)s. Nothing was taken; please pay again."),
    ),
    "payout_refused": (
        _l("Stripe refused a payment of %(amount)s"),
        _l("A payment of %(amount)s was surely not sent. It is due again, and its page says why."),
    ),
    "payout_unclear": (
        _l("A payment of %(amount)s needs your decision"),
        _l(
            "Nobody knows whether Stripe sent %(amount)s. Nothing is sent twice; please look at the evidence."
        ),
    ),
    "came_back": (
        _l("%(amount)s came back to Stripe's balance"),
        _l(
            "%(amount)s had left and is back in the installation's balance at Stripe, which the books do not show. "
            "Please look at the payment there, and decide how it reaches whom it belongs to."
        ),
    ),
    "payout_blocked": (
        _l("Your payment of %(amount)s waits for your Stripe account"),
        _l(
            "Stripe cannot pay %(amount)s to you at the moment. The money is yours and waits: see what Stripe needs."
        ),
    ),
    "payout_not_by_stripe": (
        _l("Your payment of %(amount)s will be sent by bank"),
        _l(
            "Stripe cannot pay %(amount)s, so finance sends it to your bank account. "
            "Please check that we have your bank account."
        ),
    ),
    "payout_by_bank": (
        _l("Your payment of %(amount)s will be sent by bank"),
        _l(
            "For 30 days Stripe could not pay %(amount)s to you, so finance sends it to your bank account. "
            "Please check that we have your bank account."
        ),
    ),
    "payout_stuck": (
        _l("A payment of %(amount)s is blocked"),
        _l("For five days an intern's Stripe account could not receive %(amount)s. Please speak to them."),
    ),
}
