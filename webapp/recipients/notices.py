"""What people are told about recipients: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "method_changed": (
        _l("Where your money goes was changed"),
        _l(
            "The bank account for your payments was changed. If it wasn't you, tell the programme today: "
            "payments that were about to be sent wait for 72 hours."
        ),
    ),
}
