"""What people are told about postings: a subject and a sentence by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Notices

NOTICES: Notices = {
    "posting_proposed": (
        _l("“%(title)s” is waiting for your approval"),
        _l("%(employer)s asks the programme to approve “%(title)s”. Please answer by %(until)s."),
    ),
    "posting_waits": (
        _l("“%(title)s” is still waiting for your approval"),
        _l("No one has answered %(employer)s yet. On %(until)s the posting goes back to them automatically."),
    ),
    "posting_approved": (
        _l("“%(title)s” is open"),
        _l("The programme approved “%(title)s”. It takes applications until %(until)s."),
    ),
    "posting_sent_back": (
        _l("“%(title)s” needs changes"),
        _l("The programme sent “%(title)s” back to you as a draft: %(reason)s"),
    ),
    "posting_unanswered": (
        _l("“%(title)s” is a draft again"),
        _l(
            "The programme did not answer in time, so “%(title)s” came back to you. You can ask for approval again."
        ),
    ),
    "posting_closes_soon": (
        _l("“%(title)s” closes soon"),
        _l("“%(title)s” takes applications until %(until)s. You can keep it open longer."),
    ),
    "posting_closed": (
        _l("“%(title)s” is closed for new applications"),
        _l("“%(title)s” was open for its full time. Please answer those who applied."),
    ),
}
