"""What the app and the worker need to know of submissions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Slice, Tab
from webapp.submissions import routes
from webapp.submissions.guards import GUARDS
from webapp.submissions.labels import LABELS
from webapp.submissions.models import SubmissionFile
from webapp.submissions.notices import NOTICES

SLICE = Slice(
    "submissions",
    blueprints=(routes.bp,),
    guards={"submission": GUARDS},
    labels=LABELS,
    notices=NOTICES,
    keeps_files=(SubmissionFile,),
    tabs={
        "internship": (
            Tab(_l("Hand in"), routes.draft_tab, order=40),
            Tab(_l("Work handed in"), routes.work_tab, order=50),
        )
    },
)
