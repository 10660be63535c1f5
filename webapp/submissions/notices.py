"""What people are told about submissions: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "work_submitted": (
        _l("%(name)s handed in the work for %(title)s"),
        _l(
            "%(name)s handed in version %(number)s of the work for “%(title)s”. Please review it until %(until)s;"
            " if nobody does, it is approved with the full base."
        ),
    ),
    "work_recalled": (
        _l("%(name)s took the work for %(title)s back"),
        _l("%(name)s took version %(number)s of the work for “%(title)s” back, to hand it in again."),
    ),
}
