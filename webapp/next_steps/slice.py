"""What the app and the worker need to know of next steps."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import MenuEntry, Slice
from webapp.next_steps import routes
from webapp.next_steps.queries import pipelines as next_step_pipelines

SLICE = Slice(
    "next_steps",
    blueprints=(routes.bp,),
    feeds=next_step_pipelines.FEEDS,
    menu={
        role: (MenuEntry(_l("Internships"), "next_steps.pipeline", per_organisation=True, order=20),)
        for role in ("employer", "manager", "finance", "mentor")
    },
)
