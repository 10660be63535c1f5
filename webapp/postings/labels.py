"""The words for the states, the history and the reasons of postings."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    kinds={"posting": _l("A posting")},
    states={
        "posting": {
            "draft": _l("Draft"),
            "in_approval": _l("Waiting for approval"),
            "open": _l("Open"),
            "closing": _l("Closing"),
            "closed": _l("Closed"),
            "cancelled": _l("Cancelled"),
        },
    },
    history={
        "posting.create": _l("%(who)s started the posting."),
        "posting.publish": _l("%(who)s published the posting."),
        "posting.propose": _l("%(who)s asked the programme to approve the posting."),
        "posting.approve": _l("%(who)s approved the posting; it is open."),
        "posting.send_back": _l("%(who)s sent the posting back for changes."),
        "posting.close": _l("%(who)s closed the posting for new applications."),
        "posting.finish": _l("Every applicant has an answer; the posting is closed."),
        "posting.reopen": _l("%(who)s reopened the posting."),
        "posting.cancel": _l("%(who)s cancelled the posting."),
        "posting.renew": _l("%(who)s kept the posting open longer."),
    },
    # Why one ended.
    reasons={
        "not_needed": _l("The work is not needed any more."),
        "budget": _l("The budget has been used."),
        "no_fit": _l("There was no suitable applicant."),
        "posting_cancelled": _l("The posting was cancelled."),
    },
)
