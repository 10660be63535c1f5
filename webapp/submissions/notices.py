"""What people are told about submissions: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "work_submitted": (
        _l("%(name)s handed in the work for %(title)s"),
        _l(
            "%(name)s handed in version %(number)s of the work for “%(title)s”. Please review it by "
            "%(until)s; otherwise it is approved with the full base."
        ),
    ),
    "work_recalled": (
        _l("%(name)s withdrew the work for %(title)s"),
        _l("%(name)s withdrew version %(number)s of the work for “%(title)s” to hand it in again."),
    ),
}
