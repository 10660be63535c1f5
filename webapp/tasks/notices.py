"""What people are told about tasks: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "task_mention": (
        _l("%(name)s mentioned you: %(task)s"),
        _l("%(name)s mentioned you in a comment on “%(task)s”. Read it and answer there."),
    ),
    "task_blocked": (
        _l("%(name)s is waiting for you: %(task)s"),
        _l("%(name)s can't continue with “%(task)s” without you. Please answer by %(until)s."),
    ),
}
