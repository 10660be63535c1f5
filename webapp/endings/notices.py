"""What people are told about endings: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "match_undone": (
        _l("The match for “%(title)s” was undone"),
        _l(
            "The match with %(name)s was undone, because a step was not made in time. The seat is free again."
        ),
    ),
    "seat_unfilled": (
        _l("A seat of “%(title)s” was closed"),
        _l(
            "A seat of “%(title)s” stayed free until its time was over, so it was cancelled. Nothing is owed for it."
        ),
    ),
    "ended_early": (
        _l("The internship “%(title)s” ended early"),
        _l(
            "Nothing was handed in until long after the agreed end, so “%(title)s” ended. The award is %(award)s."
        ),
    ),
}
