"""What the app and the worker need to know of submissions."""

from __future__ import annotations

from webapp.core.slice import Slice
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
)
