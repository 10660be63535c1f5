"""What the app and the worker need to know of recipients."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import JobHandler, Slice
from webapp.recipients import jobs, routes
from webapp.recipients.models import READ_ACCOUNT
from webapp.recipients.notices import NOTICES

SLICE = Slice(
    "recipients",
    blueprints=(routes.bp,),
    notices=NOTICES,
    jobs={READ_ACCOUNT: JobHandler(jobs.read_account, own_transactions=True)},
    events={"acct": jobs.account_said},
    settings_menu=((_l("Where your pay goes"), "recipients.method", lambda person: bool(person.is_intern)),),
)
