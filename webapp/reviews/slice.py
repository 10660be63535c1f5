"""What the app and the worker need to know of reviews."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Slice, Tab
from webapp.reviews import actions, routes
from webapp.reviews.guards import GUARDS
from webapp.reviews.notices import NOTICES

SLICE = Slice(
    "reviews",
    blueprints=(routes.bp,),
    guards={"submission": GUARDS},
    notices=NOTICES,
    on_expiry={("internship", "approve_by_silence"): actions.approve_by_silence},
    on_reminder={("internship", "approve_by_silence"): actions.remind_review},
    tabs={"internship": (Tab(_l("Review"), routes.result_tab, order=60),)},
)
