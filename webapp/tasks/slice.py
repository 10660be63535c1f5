"""What the app and the worker need to know of tasks."""

from __future__ import annotations

from dataclasses import replace

from flask_babel import lazy_gettext as _l

from webapp.core.slice import MenuEntry, Slice, Tab
from webapp.tasks import jobs, routes
from webapp.tasks.guards import GUARDS, INTERNSHIP_GUARDS
from webapp.tasks.labels import LABELS
from webapp.tasks.models import TaskFile
from webapp.tasks.notices import NOTICES
from webapp.tasks.queries import feed as task_feed

FEEDS = {
    **task_feed.FEEDS,
    "internship": replace(task_feed.FEEDS["internship"], draw=routes.feed.draw),
}
SLICE = Slice(
    "tasks",
    blueprints=(routes.bp,),
    guards={"task": GUARDS, "internship": INTERNSHIP_GUARDS},
    labels=LABELS,
    notices=NOTICES,
    feeds=FEEDS,
    menu={"intern": (MenuEntry(_l("Tasks"), "tasks.mine", order=30),)},
    prune=(jobs.prune,),
    keeps_files=(TaskFile,),
    tabs={"internship": (Tab(_l("Board"), routes.board.board_tab, order=30),)},
)
