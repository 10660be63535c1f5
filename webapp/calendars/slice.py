"""What the app and the worker need to know of calendars."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.calendars import policy, routes
from webapp.calendars.labels import LABELS
from webapp.core.slice import Slice

SLICE = Slice(
    "calendars",
    blueprints=(routes.bp,),
    labels=LABELS,
    settings_menu=((_l("Your dates in your calendar"), "calendars.show", lambda person: True),),
    limits=(policy.CALENDARS, policy.GUESSES),
)
