"""What people are told about organisations: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "role_given": (
        _l("You are now part of %(organisation)s"),
        _l("%(by)s gave you a role at %(organisation)s. Its page shows what you can do there."),
    ),
    "role_changed": (
        _l("Your role at %(organisation)s changed"),
        _l("%(by)s changed your role at %(organisation)s, and with it what you can do there."),
    ),
    "role_ended": (
        _l("You left a role at %(organisation)s"),
        _l("%(by)s ended your role at %(organisation)s."),
    ),
    "member_joined": (
        _l("%(name)s joined %(organisation)s"),
        _l("%(name)s accepted the invitation to %(organisation)s."),
    ),
}
