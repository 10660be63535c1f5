"""The words for the states, the history and the reasons of applications."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from webapp.core.slice import Labels

LABELS = Labels(
    kinds={"application": _l("An application")},
    states={
        "application": {
            "draft": _l("Draft"),
            "applied": _l("Applied"),
            "shortlisted": _l("Shortlisted"),
            "offered": _l("Offered a seat"),
            "accepted": _l("Accepted"),
            "declined": _l("Declined by the intern"),
            "lapsed": _l("Offer lapsed"),
            "rejected": _l("Not chosen"),
            "withdrawn": _l("Withdrawn"),
            "expired": _l("Expired without an answer"),
            "released": _l("Released"),
        },
    },
    history={
        "application.create": _l("%(who)s started an application."),
        "application.send": _l("%(who)s applied."),
        "application.shortlist": _l("%(who)s put an applicant on the shortlist."),
        "application.unshortlist": _l("%(who)s took an applicant off the shortlist."),
        "application.rate": _l("%(who)s rated the application."),
        "application.offer": _l("%(who)s offered a seat."),
        "application.accept": _l("%(who)s accepted the offer."),
        "application.decline": _l("%(who)s declined the offer."),
        "application.lapse": _l("The offer lapsed without an answer."),
        "application.reject": _l("%(who)s turned down an application."),
        "application.withdraw": _l("%(who)s withdrew the application."),
        "application.undo_withdraw": _l("%(who)s undid the withdrawal."),
        "application.expire": _l("The application expired without an answer."),
        "application.release": _l("The applicant no longer has the seat."),
    },
    # Why one ended.
    reasons={
        "skills": _l("Other applicants' skills fit this brief better."),
        "experience": _l("Other applicants showed work that is closer to this brief."),
        "availability": _l("The dates or hours did not fit."),
        "incomplete": _l("The answers left too much open."),
        "seats_filled": _l("All seats are filled."),
        "other": _l("Another reason, in the employer's own words."),
    },
)
