"""The words for the states, the history and the reasons of fundings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    kinds={"funding": _l("Money coming in")},
    states={
        "funding": {
            "awaiting": _l("Waiting for the payment"),
            "processing": _l("On its way"),
            "secured": _l("Secured"),
            "settled": _l("Settled"),
            "void": _l("Void"),
            "failed": _l("Failed"),
            "refunded": _l("Refunded"),
            "charged_back": _l("Charged back"),
        },
    },
    history={
        "funding.create": _l("The payer was asked to secure the money."),
        "funding.begin": _l("The payment was made; the money is on its way."),
        "funding.receipt": _l("%(who)s recorded money that arrived."),
        "funding.secure": _l("The money arrived and is secured."),
        "funding.fail": _l("The payment failed."),
        "funding.retry": _l("%(who)s restarted the payment."),
        "funding.cancel": _l("The request for payment was withdrawn."),
        "funding.settle": _l("All of the money was paid out or returned."),
        "funding.refund": _l("The money is being returned to the payer."),
        "funding.charge_back": _l("The payer took the money back through their bank."),
        "funding.win_back": _l("The money the payer took back was recovered."),
    },
)
