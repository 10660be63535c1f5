"""The words for the states, the history and the reasons of payouts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

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
