"""The words for what calendars write into the history of an account."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    history={
        "account.calendar_address": _l("%(who)s created a secret address for their calendar."),
        "account.calendar_removed": _l("%(who)s removed the secret address for their calendar."),
    },
)
