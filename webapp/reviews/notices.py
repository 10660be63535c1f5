"""What people are told about reviews: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "changes_requested": (
        _l("Changes requested: %(title)s"),
        _l("%(name)s asked for changes to your work for “%(title)s”. Hand in the new version by %(until)s."),
    ),
    "result_ready": (
        _l("Your result is here: %(title)s"),
        _l("%(name)s reviewed your work for “%(title)s”. You are paid %(amount)s."),
    ),
    "approved_by_silence": (
        _l("Your work was approved: %(title)s"),
        _l("No one reviewed your work for “%(title)s” in time, so you are paid the full base of %(amount)s."),
    ),
    "silence_approved": (
        _l("The time for a review ended: %(title)s"),
        _l(
            "No one reviewed the work for “%(title)s” in time, so it was approved with the full base of %(amount)s."
        ),
    ),
    "review_waits": (
        _l("A review is waiting: %(title)s"),
        _l("The work for “%(title)s” is not reviewed yet. Without a review it is approved on %(until)s."),
    ),
}
