"""What the app and the worker need to know of applications."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.applications import jobs, routes
from webapp.applications.actions import answers as application_answers
from webapp.applications.guards import GUARDS
from webapp.applications.labels import LABELS
from webapp.applications.notices import NOTICES
from webapp.core.slice import JobHandler, MenuEntry, Slice
from webapp.postings.models import POSTING_SETTLED

SLICE = Slice(
    "applications",
    blueprints=(routes.bp,),
    guards={"application": GUARDS},
    labels=LABELS,
    notices=NOTICES,
    on_expiry={
        ("application", "lapse"): application_answers.lapse,
        ("application", "expire"): application_answers.expire,
    },
    on_reminder={
        ("application", "expire"): application_answers.remind_expire,
        ("application", "lapse"): application_answers.remind_lapse,
    },
    jobs={POSTING_SETTLED: JobHandler(jobs.posting_settled)},
    menu={"intern": (MenuEntry(_l("Applications"), "applications.mine", order=20),)},
)
