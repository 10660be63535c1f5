"""What the app and the worker need to know of notifications."""

from __future__ import annotations

from webapp.core.slice import Slice
from webapp.notifications import queries, routes

SLICE = Slice(
    "notifications",
    blueprints=(routes.bp,),
    person_facts=queries.PERSON_FACTS,
)
