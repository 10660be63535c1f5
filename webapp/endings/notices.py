"""What people are told about endings: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "match_undone": (
        _l("The match for “%(title)s” has ended"),
        _l("The match with %(name)s ended because a deadline was missed. The seat is free again."),
    ),
    "seat_unfilled": (
        _l("A seat of “%(title)s” was closed"),
        _l("A seat of “%(title)s” was not filled in time, so it was cancelled. You owe nothing for it."),
    ),
    "ended_early": (
        _l("The internship “%(title)s” ended early"),
        _l(
            "Nothing was handed in for a long time after the agreed end, so “%(title)s” ended. The award is %(award)s."
        ),
    ),
}
