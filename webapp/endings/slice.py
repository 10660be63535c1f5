"""What the app and the worker need to know of endings."""

from __future__ import annotations

from webapp.core.slice import Slice
from webapp.endings import actions, routes
from webapp.endings.notices import NOTICES

SLICE = Slice(
    "endings",
    blueprints=(routes.bp,),
    notices=NOTICES,
    on_expiry={
        ("internship", "cancel_unfilled"): actions.cancel_unfilled,
        ("internship", "sign"): actions.unmatch_by_time,
        ("internship", "pay"): actions.unmatch_by_time,
        ("internship", "secure"): actions.unmatch_by_time,
        ("internship", "start"): actions.unmatch_by_time,
        ("internship", "end_early"): actions.end_early_by_time,
    },
)
