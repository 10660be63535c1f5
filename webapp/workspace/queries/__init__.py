"""The page of one internship, the lists of many, and the pipelines."""

from __future__ import annotations

from webapp.turns.queries import Around, Turn, turn
from webapp.workspace.queries.page import (
    PER_PAGE,
    STATES,
    Knot,
    Row,
    clocks_of,
    in_order,
    knots,
    organisation_for_viewer,
    people,
    rows_of,
    timeline,
)
from webapp.workspace.queries.pipelines import SOURCES, newest_of_organisations, pipeline_of

__all__ = [
    "PER_PAGE",
    "SOURCES",
    "STATES",
    "Around",
    "Knot",
    "Row",
    "Turn",
    "clocks_of",
    "in_order",
    "knots",
    "newest_of_organisations",
    "organisation_for_viewer",
    "people",
    "pipeline_of",
    "rows_of",
    "timeline",
    "turn",
]
