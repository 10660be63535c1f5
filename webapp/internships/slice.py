"""What the app and the worker need to know of internships."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Slice, Tab
from webapp.internships import routes
from webapp.internships.guards import GUARDS
from webapp.internships.labels import LABELS
from webapp.internships.models import Internship
from webapp.internships.notices import NOTICES

SLICE = Slice(
    "internships",
    blueprints=(routes.bp,),
    guards={"internship": GUARDS},
    labels=LABELS,
    notices=NOTICES,
    roots=(Internship,),
    tabs={"internship": (Tab(_l("Agreement"), routes.agreement_tab, order=10),)},
)
