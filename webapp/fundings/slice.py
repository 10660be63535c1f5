"""What the app and the worker need to know of fundings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import JobHandler, Slice, Tab
from webapp.fundings import jobs, routes
from webapp.fundings.guards import GUARDS
from webapp.fundings.labels import LABELS
from webapp.fundings.models import END_CHECKOUT
from webapp.fundings.notices import NOTICES

SLICE = Slice(
    "fundings",
    blueprints=(routes.bp,),
    guards={"funding": GUARDS},
    labels=LABELS,
    notices=NOTICES,
    jobs={
        END_CHECKOUT: JobHandler(jobs.end_checkout, own_transactions=True),
    },
    events={"cs": jobs.checkout_said},
    tabs={"internship": (Tab(_l("Funding"), routes.funding_tab, order=20),)},
)
