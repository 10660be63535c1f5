"""What people are told about fundings: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "funding_begun": (
        _l("A transfer is announced: %(reference)s"),
        _l(
            "An employer says that %(total)s was transferred with the reference %(reference)s. Record it when it arrives."
        ),
    ),
    "money_secured": (
        _l("The money for “%(title)s” is secured"),
        _l("All of the money for “%(title)s” has arrived and is kept for this work. The work can start."),
    ),
    "payment_failed": (
        _l("Your payment of %(total)s failed"),
        _l("Your bank did not carry out the payment of %(total)s. Nothing was taken; please pay again."),
    ),
    "payment_differs": (
        _l("Your payment of %(paid)s is not the full amount"),
        _l("%(total)s is due, and %(paid)s arrived. All of it goes back to you; please pay %(total)s again."),
    ),
    "returned_elsewhere": (
        _l("%(amount)s was returned to a payer outside Stint"),
        _l(
            "Someone refunded %(amount)s directly in Stripe. The books don't show it, and what is paid out "
            "of this charge may no longer be covered. Please check it."
        ),
    ),
    "charge_differs": (
        _l("The payment for %(reference)s came in another currency"),
        _l(
            "Stripe recorded the payment for %(reference)s in a currency other than the agreed one. It is "
            "not in the books, and nothing is secured. Please check it at Stripe."
        ),
    ),
}
