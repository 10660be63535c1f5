"""What people are told about payouts: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "payout_due": (
        _l("A payment of %(amount)s is due"),
        _l("A payment of %(amount)s needs two finance people: one approves it, another releases it."),
    ),
    "payout_late": (
        _l("A payment of %(amount)s is late"),
        _l("No one in finance has acted on a payment of %(amount)s in time. Please follow up."),
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
    "payout_refused": (
        _l("Stripe refused a payment of %(amount)s"),
        _l("A payment of %(amount)s was definitely not sent. It is due again, and its page says why."),
    ),
    "payout_unclear": (
        _l("A payment of %(amount)s needs your decision"),
        _l("We don't know whether Stripe sent %(amount)s. Nothing is sent twice; please check the evidence."),
    ),
    "came_back": (
        _l("%(amount)s came back to Stripe's balance"),
        _l(
            "%(amount)s was paid out and has come back to the installation's balance at Stripe. The books "
            "don't show it. Please check the payment there and decide how the money reaches the person it "
            "belongs to."
        ),
    ),
    "payout_blocked": (
        _l("Your payment of %(amount)s is waiting for your Stripe account"),
        _l(
            "Stripe can't pay %(amount)s to you at the moment. The money is still yours: see what Stripe needs."
        ),
    ),
    "payout_not_by_stripe": (
        _l("Your payment of %(amount)s will be sent by bank"),
        _l(
            "Stripe can't pay %(amount)s, so finance is sending it to your bank account. Please check that "
            "we have the right account."
        ),
    ),
    "payout_by_bank": (
        _l("Your payment of %(amount)s will be sent by bank"),
        _l(
            "Stripe could not pay you %(amount)s for 30 days, so finance is sending it to your bank "
            "account. Please check that we have the right account."
        ),
    ),
    "payout_stuck": (
        _l("A payment of %(amount)s is blocked"),
        _l(
            "An intern's Stripe account has not been able to receive %(amount)s for five days. Please contact the intern."
        ),
    ),
}
