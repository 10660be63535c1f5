"""The words for the history of an account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    history={
        "account.open": _l("%(who)s opened the account."),
        "account.confirm": _l("%(who)s confirmed the email address."),
        "account.change_password": _l("%(who)s changed the password."),
        "account.reset_password": _l("%(who)s set a new password with a link from an email."),
        "account.settings": _l("%(who)s changed the settings."),
        "account.close": _l("%(who)s closed the account."),
        "account.reopen": _l("%(who)s reopened the account."),
        "account.make_operator": _l("%(who)s made this person an operator."),
        "account.bank_account": _l("%(who)s changed the bank account for payments."),
        "account.stripe_account": _l("%(who)s started to set up an account at Stripe."),
    },
)
