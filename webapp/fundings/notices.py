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
    "returned_elsewhere": (
        _l("%(amount)s went back to a payer without us"),
        _l(
            "Somebody returned %(amount)s in Stripe itself. The books do not show it, and what is paid out of this "
            "charge may no longer be covered. Please look at it."
        ),
    ),
    "charge_differs": (
        _l("The payment for %(reference)s came in another currency"),
        _l(
            "Stripe booked the payment for %(reference)s in another currency than agreed, so it is not in the books "
            "and nothing is secured. Please look at it at Stripe."
        ),
    ),
}
